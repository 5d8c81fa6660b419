"""Every webhook watched from outside: a line in the log, and counts. Every request has an id.

One line a webhook, at `info`: where the database is away it is the only trace of a call, and what joins a carrier's
request, a proxy's and ours. It costs a hundredth of a webhook (docs/decisions.md, 63); `LOG_LEVEL=warning` saves that.
"""

import logging
import re
import secrets
from time import perf_counter

from flask import Blueprint, Flask, Response, g, request

from ivr.bootstrap import answerline
from ivr.call import Position
from ivr.telemetry import logs
from ivr.telemetry.metrics import FALLBACKS, IN_FLIGHT, PROMPT_MISSES, TWIML_ERRORS, WEBHOOK_SECONDS, WEBHOOKS, harmless

log = logging.getLogger("answerline")
REQUEST_ID = "X-Request-Id"
_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_-]{8,64}")  # of digits alone it could be a telephone number
UNKNOWN = "unknown"
FORBIDDEN, BAD_REQUEST, SERVER_ERROR = 403, 400, 500
_TWIML = "12"  # how the codes of errors in TwiML begin


def install(app: Flask) -> None:
    """Give every request its id, and forget at its end what was bound to it."""
    app.before_request(_begin)
    app.after_request(_name)
    app.teardown_request(_end)


def webhooks(blueprint: Blueprint) -> None:
    """Watch the webhooks of a blueprint. To be called when its signature check is registered."""
    blueprint.before_request(_know)
    blueprint.after_request(_tell)


def apologised() -> None:
    """Note that this webhook has failed, though its caller hears something useful."""
    g.outcome = "apologised"


def degraded() -> None:
    """Note that this webhook was answered without the database."""
    g.outcome = "degraded"


def _begin() -> None:
    g.began = perf_counter()
    given = request.headers.get(REQUEST_ID, "")
    g.request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
    logs.bind(request_id=g.request_id)


def _know() -> None:
    """Bind the call, now that the carrier has proved to be who tells of it, and keep what was keyed in out of lines."""
    form = request.form
    sid = form.get("CallSid", "")
    known: dict[str, str] = {}
    if sid.isalnum() and sid.isascii() and len(sid) <= 64:  # noqa: PLR2004 as in voice
        g.call_sid = known["call_sid"] = sid
    _arrives()
    typed = tuple(form[name] for name in ("Digits", "SpeechResult") if form.get(name))
    logs.bind(secrets=typed, **known)


@harmless
def _arrives() -> None:
    g.in_flight = True
    IN_FLIGHT.inc()


@harmless
def _leaves() -> None:
    if g.pop("in_flight", False):
        IN_FLIGHT.dec()


def _name(answer: Response) -> Response:
    if "request_id" in g:
        answer.headers[REQUEST_ID] = g.request_id
    return answer


def _tell(answer: Response) -> Response:
    _note(answer)
    return answer


@harmless
def _note(answer: Response) -> None:
    # Another application may have been put in its place meanwhile, and a webhook be answered that never began here.
    took_s = perf_counter() - g.get("began", perf_counter())
    webhook = (request.endpoint or UNKNOWN).removeprefix("voice.").removesuffix(".incoming").removesuffix(".told")
    flow, node = _place()
    outcome = _outcome(answer.status_code)
    WEBHOOKS.labels(webhook, flow, node, outcome).inc()
    WEBHOOK_SECONDS.labels(webhook).observe(took_s)
    if outcome == "answered":
        _count(answer, webhook)
    told = {
        "webhook": webhook,
        "at": f"{flow}.{node}" if flow else "",
        "outcome": outcome,
        "status": answer.status_code,
        "ms": round(1000 * took_s, 1),
    }
    logs.tell(log, "webhook", told)


def _count(answer: Response, webhook: str) -> None:
    if webhook == "fallback":
        FALLBACKS.inc()
        if request.form.get("ErrorCode", "").startswith(_TWIML):
            TWIML_ERRORS.inc()
    elif answer.mimetype == "text/xml" and answerline().settings.prompt_mode == "play":
        misses = answer.get_data().count(b"<Say")
        if misses:
            PROMPT_MISSES.inc(misses)


def _outcome(status: int) -> str:
    if "outcome" in g:
        return str(g.outcome)
    if status == FORBIDDEN:
        return "unsigned"
    if status >= SERVER_ERROR:
        return "failed"
    return "refused" if status >= BAD_REQUEST else "answered"


def _place() -> tuple[str, str]:
    """Name where in the flows a webhook is about, in words of the flows alone: anybody can ask for any address."""
    given = request.view_args or {}
    flow, node = str(given.get("flow", "")), str(given.get("node", ""))
    if not flow:
        return "", ""
    line = answerline().line
    known = line.node(Position(flow, node)) is not None if node else flow in line.flows
    return (flow, node) if known else (UNKNOWN, UNKNOWN)


def _end(_error: BaseException | None) -> None:
    _leaves()
    logs.unbind()

"""The carrier's webhooks. Each checks its signature, and each answers, whatever happens behind it."""

import logging
from dataclasses import replace
from urllib.parse import quote

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from ivr.bootstrap import Answerline, answerline
from ivr.call import Call, Heard, Position
from ivr.degraded.late import Books, Recording, Status
from ivr.degraded.steady import Answer
from ivr.degraded.ways import Asked
from ivr.turn import Tries
from ivr.twiml import SEALED
from ivr.web import watch
from ivr.webhook import heard, recorded, signed

log = logging.getLogger("answerline")
blueprint = Blueprint("voice", __name__, url_prefix="/voice")
SID_MAX = 64
OFFER_MAX = 64
SIMULATED = "X-Simulated-Call"  # our simulator says so of itself; figures leave its calls out
WRITTEN = frozenset({"completed", "absent", "failed"})
REFUSAL = "The signature does not match."


@blueprint.post("")
def incoming() -> Response:
    """Handle "a call comes in"."""
    line = answerline()
    return _given(line.steady.incoming(line.conversation, _call()))


@blueprint.post("/<flow>/<node>")
def turn(flow: str, node: str) -> Response:
    """Take what a caller did to the next wait."""
    line = answerline()
    return _given(line.steady.turn(line.conversation, _asked(flow, node, heard(request.form)), _sealed()))


@blueprint.post("/<flow>/<node>/hold")
def hold(flow: str, node: str) -> Response:
    """Say how it stands to a caller in the carrier's queue."""
    line, queued = answerline(), request.form.get("QueueTime", "")
    asked = _asked(flow, node, heard({"Digits": request.form.get("Digits", "")}))
    return _given(line.steady.hold(line.conversation, asked, float(queued) if _small(queued) else 0.0, _sealed()))


@blueprint.post("/leg/<flow>")
def leg(flow: str) -> Response:
    """Talk to somebody whom we ring."""
    line, offer = answerline(), request.args.get("offer", "")
    if flow not in line.line.legs:
        abort(404, "There is no such leg.")
    return _given(line.steady.incoming(line.conversation, replace(_call(), leg=flow, offer=offer[:OFFER_MAX])))


@blueprint.post("/fallback")
def fallback() -> Response:
    """Answer when the line itself cannot: no database, no flows, a person at once.

    Somebody whom we ring is not sent to a person: they are one, or are called once more.
    """
    line = answerline()
    if "ErrorCode" in request.form:
        log.error("call %s: the carrier reports error %s", _sid(), request.form["ErrorCode"])
    if _is_rung():
        return _xml(line.voice.hang_up())
    return _xml(_person(line, _count("failed")))


@blueprint.post("/status")
def status() -> Response:
    """Note that a call has ended, or that a person has answered a transferred one."""
    line, form = answerline(), request.form
    duration = form.get("CallDuration", "")
    told = Status(
        call=_call(),
        state=form.get("CallStatus", ""),
        parent=form.get("ParentCallSid", ""),
        offer=request.args.get("offer", ""),
        duration_s=int(duration) if _small(duration) else None,
        at=line.clock.now(),
    )
    if told.is_news:
        line.steady.status(_books(line), told)
    return Response(status=204)


@blueprint.post("/recording")
def recording() -> Response:
    """Note what has become of a recording; this may come before the call itself tells of it, or after, or twice."""
    line, told = answerline(), recorded(request.form)
    status = request.form.get("RecordingStatus", "")
    if not told.sid:
        abort(400, "RecordingSid is missing or malformed.")
    if status in WRITTEN:
        line.steady.recording(_books(line), Recording(_sid(), told, status))
    return Response(status=204)


@blueprint.before_request
def check_signature() -> None:
    """Turn away whatever the carrier did not sign, before anything is read from it."""
    if not is_signed():
        abort(403, REFUSAL)


def is_signed() -> bool:
    """Say whether the carrier sent this request, to the address that it knows."""
    settings = answerline().settings
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    url = settings.public_base_url.rstrip("/") + quote(request.path) + query
    shown = request.headers.get("X-Twilio-Signature", "")
    return any(signed(token, url, request.form, shown) for token in settings.auth_tokens)


watch.webhooks(blueprint)


@blueprint.errorhandler(Exception)
def apologise(error: Exception) -> Response:
    """Keep a caller from ever hearing silence: say sorry and connect them to a person."""
    error = getattr(error, "original_exception", None) or error  # what failed behind the view comes wrapped
    if isinstance(error, HTTPException):
        return Response(f"{error.description}\n", status=error.code or 400, mimetype="text/plain")
    log.error("call %s: %s %s failed", _sid(), request.method, request.path, exc_info=error)
    line = answerline()
    if request.endpoint in {"voice.status", "voice.recording"}:
        return Response("Not noted.\n", status=500, mimetype="text/plain")
    watch.apologised()
    if request.endpoint == "voice.hold":
        return _xml(line.voice.leave())  # what connects to a person may not be said to who is in a queue
    if request.endpoint == "voice.leg" or _is_rung():
        return _xml(line.voice.hang_up())  # whoever calls is told by their own call
    return _xml(_person(line, failed=0))


def _is_rung() -> bool:
    """Say whether this is the call of somebody whom we ring."""
    return request.form.get("Direction", "").startswith("outbound")


def _person(line: Answerline, failed: int) -> str:
    """Connect to a person: the next one, if somebody has just been rung in vain; nobody, if they have talked.

    failed: how many of the people have been tried before.
    """
    dialled = request.form.get("DialCallStatus")
    if dialled == "completed":
        return line.voice.goodbye()
    return line.voice.apology(line.people, failed=failed or int(dialled is not None))


def _books(line: Answerline) -> Books:
    return replace(line.steady.books, calls=line.calls, waiting=line.waiting, mailbox=line.mailbox)


def _asked(flow: str, node: str, told: Heard) -> Asked:
    tries = Tries(_count("silent"), _count("wrong"))
    return Asked(_call(), _count("turn", default=None), Position(flow, node), tries, told)


def _sealed() -> str:
    return request.args.get(SEALED, "")


def _given(answer: Answer) -> Response:
    if answer.degraded:
        watch.degraded()
    return _xml(answer.text)


def _sid() -> str:
    sid = request.form.get("CallSid", "")
    if not (sid.isalnum() and sid.isascii() and len(sid) <= SID_MAX):
        abort(400, "CallSid is missing or malformed.")
    return sid


def _call() -> Call:
    simulated = SIMULATED in request.headers
    return Call(_sid(), request.form.get("From", ""), request.form.get("To", ""), simulated=simulated)


def _count(name: str, default: str | None = "0") -> int:
    """Read a small whole number of the query; `default` where it is left out, None if it must not be.

    Raises: BadRequest for anything else.
    """
    text = request.args.get(name, default)
    if text is None or not _small(text):
        abort(400, f"{name} must be a whole number.")
    return int(text)


def _small(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 10  # noqa: PLR2004 nine digits fit anywhere


def _xml(twiml: str) -> Response:
    return Response(twiml, mimetype="text/xml")

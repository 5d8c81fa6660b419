"""The carrier's word on errors that it met with us: Twilio's Debugger webhook.

Source: https://www.twilio.com/docs/usage/troubleshooting/debugging-event-webhooks
"""

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from ivr.address import taken_apart
from ivr.bootstrap import answerline
from ivr.db.carrier_errors import CarrierError
from ivr.telemetry.masking import hidden
from ivr.telemetry.metrics import CARRIER_ERRORS, TWIML_ERRORS, harmless
from ivr.web import watch
from ivr.web.voice import check_signature

log = logging.getLogger("answerline")
blueprint = Blueprint("debugger", __name__, url_prefix="/voice/debugger")
LEVELS = frozenset({"error", "warning"})
MESSAGE_MAX, URL_MAX = 500, 300
TWIML = 12  # thousands of the codes of errors in TwiML
_SID = re.compile(r"[A-Za-z0-9]{2,64}")
_CODE = re.compile(r"[0-9]{5}")
_MESSAGES = ("msg", "parsermessage", "message", "errormessage", "error")
blueprint.before_request(check_signature)
watch.webhooks(blueprint)


@blueprint.post("")
def told() -> Response:
    """Keep what the carrier tells of; it may tell it twice."""
    line, form = answerline(), request.form
    if not _SID.fullmatch(form.get("Sid", "")):
        abort(400, "Sid is missing or malformed.")
    error = _read(form, line.clock.now())
    if line.steady.carrier_error(error):
        _count(error)
        log.warning("the carrier reports %s %s, call %s", error.level, error.code, error.call_sid)
    return Response(status=204)


@harmless
def _count(error: CarrierError) -> None:
    CARRIER_ERRORS.labels(error.level).inc()
    if (error.code or 0) // 1000 == TWIML:
        TWIML_ERRORS.inc()


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> Response:
    """Fail in one word; nobody waits."""
    if isinstance(error, HTTPException):
        return Response(f"{error.description}\n", status=error.code or 400, mimetype="text/plain")
    log.error("carrier error: not noted", exc_info=error)
    return Response("Not noted.\n", status=500, mimetype="text/plain")


def _read(form: Mapping[str, str], now: datetime) -> CarrierError:
    """Take what may be kept: the request that failed is told whole, with its caller and what they keyed in."""
    payload = _mapping(_parsed(form.get("Payload", "")))
    webhook = _mapping(_mapping(payload.get("webhook")).get("request"))
    parameters, more = _mapping(webhook.get("parameters")), _mapping(payload.get("more_info"))
    typed = [str(parameters[name]) for name in ("Digits", "SpeechResult") if parameters.get(name)]
    resource, code = str(payload.get("resource_sid") or ""), str(payload.get("error_code") or "")
    call = next((sid for sid in (resource, str(parameters.get("CallSid") or "")) if _is_call(sid)), None)
    level = form.get("Level", "").lower()
    return CarrierError(
        sid=form["Sid"],
        at=_time(form.get("Timestamp", ""), now),
        level=level if level in LEVELS else "other",
        code=int(code) if _CODE.fullmatch(code) else None,
        call_sid=call,
        resource_sid=resource if _SID.fullmatch(resource) else "",
        url=_ours(str(webhook.get("url") or more.get("url") or "")),
        message=hidden(_message(more), typed)[:MESSAGE_MAX],
    )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _is_call(sid: str) -> bool:
    return sid.startswith("CA") and _SID.fullmatch(sid) is not None


def _message(more: Mapping[str, Any]) -> str:
    found = {name.lower(): value for name, value in more.items() if isinstance(value, str)}
    return next((" ".join(found[name].split()) for name in _MESSAGES if found.get(name)), "")


def _ours(url: str) -> str:
    """Leave of an address what says which webhook it is, without what is told there."""
    parts = taken_apart(url)
    return hidden(f"{parts.hostname or ''}{parts.path}")[:URL_MAX]


def _time(text: str, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the first of January of the year 1, somewhere else
        return now
    return min(at, now)  # a time to come would never be purged

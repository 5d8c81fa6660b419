"""The carrier's webhooks. Each checks its signature, and each answers, whatever happens behind it."""

import logging
from urllib.parse import quote

from flask import Blueprint, Response, abort, request

from ivr.bootstrap import answerline
from ivr.call import Call, Position
from ivr.turn import Tries
from ivr.twiml import heard, signed

log = logging.getLogger("answerline")
blueprint = Blueprint("voice", __name__, url_prefix="/voice")
SID_MAX = 64
ANSWERED = frozenset({"answered", "in-progress"})
FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


@blueprint.post("")
def incoming() -> Response:
    """Handle "a call comes in"."""
    return _xml(answerline().conversation.incoming(_call()))


@blueprint.post("/<flow>/<node>")
def turn(flow: str, node: str) -> Response:
    """Take what a caller did to the next wait."""
    tries = Tries(_count("silent"), _count("wrong"))
    conversation = answerline().conversation
    return _xml(conversation.turn(_call(), _count("turn"), Position(flow, node), tries, heard(request.form)))


@blueprint.post("/fallback")
def fallback() -> Response:
    """Answer when the line itself cannot: no database, no flows, a person at once."""
    line = answerline()
    if request.form.get("DialCallStatus") == "completed":
        return _xml(line.voice.goodbye())
    if "ErrorCode" in request.form:
        log.error("call %s: the carrier reports error %s", _sid(), request.form["ErrorCode"])
    return _xml(line.voice.apology(line.people, _count("failed")))


@blueprint.post("/status")
def status() -> Response:
    """Note that a call has ended, or that a person has answered a transferred one."""
    line, form, state = answerline(), request.form, request.form.get("CallStatus", "")
    if parent := form.get("ParentCallSid"):
        if state in ANSWERED:
            line.calls.bridged(parent, form.get("To", ""))
    elif state in FINAL:
        duration = form.get("CallDuration", "")
        line.calls.ended(_call(), state, int(duration) if duration.isdecimal() else None, line.clock.now())
    return Response(status=204)


@blueprint.before_request
def check_signature() -> None:
    """Turn away whatever the carrier did not sign, before anything is read from it."""
    settings = answerline().settings
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    url = settings.public_base_url.rstrip("/") + quote(request.path) + query
    if not signed(settings.twilio_auth_token, url, request.form, request.headers.get("X-Twilio-Signature", "")):
        abort(403, "The signature does not match.")


@blueprint.errorhandler(Exception)
def apologise(error: Exception) -> Response:
    """Keep a caller from ever hearing silence: say sorry and connect them to a person."""
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return Response(f"{getattr(error, 'description', error)}\n", status=code, mimetype="text/plain")
    log.error("call %s: %s %s failed", _sid(), request.method, request.path, exc_info=error)
    line = answerline()
    if request.endpoint == "voice.status":
        return Response("Not noted.\n", status=500, mimetype="text/plain")
    return _xml(line.voice.apology(line.people, failed=0))


def _sid() -> str:
    sid = request.form.get("CallSid", "")
    if not (sid.isalnum() and sid.isascii() and len(sid) <= SID_MAX):
        abort(400, "CallSid is missing or malformed.")
    return sid


def _call() -> Call:
    return Call(_sid(), request.form.get("From", ""), request.form.get("To", ""))


def _count(name: str) -> int:
    """Read a small whole number of the query; 0 where there is none.

    Raises: BadRequest for anything else.
    """
    text = request.args.get(name, "0")
    if not (text.isdecimal() and text.isascii() and len(text) < 10):  # noqa: PLR2004 nine digits fit anywhere
        abort(400, f"{name} must be a whole number.")
    return int(text)


def _xml(twiml: str) -> Response:
    return Response(twiml, mimetype="text/xml")

"""The carrier's REST interface on this machine, as far as it steers calls that are going on.

An application's Twilio client, pointed at `RestServer.url`, reads and updates the simulated calls of one phone, and
takes members out of its queues. Source: https://www.twilio.com/docs/voice/api/call-resource
"""

import hmac
import json
import re
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from ivr.simulator.facts import API_VERSION
from ivr.simulator.live_update import UpdateRefusedError
from ivr.simulator.phone import Phone, PhoneCall

NOT_FOUND, WRONG_CREDENTIALS = 20404, 20003
_CALL = re.compile(r"/Calls/(CA\w+)\.json")
_MEMBER = re.compile(r"/Queues/(QU\w+)/Members/(CA\w+|Front)\.json")
MOST_BYTES = 64 * 1024


class RestServer:
    """Serves the calls of a phone on a free port of this machine, to who knows the account and its token.

    Use it in a `with` statement: within, `url` is the base for the application's client.
    """

    def __init__(self, phone: Phone) -> None:
        pair = b64encode(f"{phone.account_sid}:{phone.auth_token}".encode()).decode()
        handler = type("_Bound", (_Handler,), {"phone": phone, "authorization": f"Basic {pair}"})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def answer(phone: Phone, method: str, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Return HTTP status and JSON for one request. Raises: UpdateRefusedError."""
    prefix = f"/{API_VERSION}/Accounts/{phone.account_sid}"
    rest = path.removeprefix(prefix) if path.startswith(prefix) else ""
    if match := _CALL.fullmatch(rest):
        call = _call(phone, match[1])
        if method == "POST":
            _update(call, form)
        return 200, _resource(call)
    if (match := _MEMBER.fullmatch(rest)) and method == "POST":
        call = _member(phone, match[1], match[2])
        position = {"call_sid": call.call_sid, "queue_sid": match[1], "position": 1, "wait_time": 0}
        _update(call, form)
        return 200, position
    raise UpdateRefusedError(NOT_FOUND, f"The requested resource {path} was not found", 404)


def _update(call: PhoneCall, form: dict[str, str]) -> None:
    call.update(
        url=form.get("Url", ""),
        method=form.get("Method", "POST"),
        twiml=form.get("Twiml", ""),
        status=form.get("Status", ""),
    )


def _call(phone: Phone, sid: str) -> PhoneCall:
    call = phone.calls.get(sid)
    if call is None:
        raise UpdateRefusedError(NOT_FOUND, f"there is no call {sid}", 404)
    return call


def _member(phone: Phone, queue_sid: str, who: str) -> PhoneCall:
    room = phone.switchboard.by_sid(queue_sid)
    front = who == "Front" and phone.switches.accepts_front_member
    for member in room.members if room else ():
        if front or member.call_sid == who:
            return _call(phone, member.call_sid)
    raise UpdateRefusedError(NOT_FOUND, f"there is no member {who} in {queue_sid}", 404)


def _resource(call: PhoneCall) -> dict[str, Any]:
    facts = call.line.facts
    return {
        "sid": call.call_sid,
        "account_sid": facts.account_sid,
        "api_version": API_VERSION,
        "direction": "inbound",
        "from": facts.from_,
        "to": facts.to,
        "status": call.ended.status if call.ended else call.line.status,
        "duration": str(round(call.ended.duration_s)) if call.ended else None,
        "uri": f"/{API_VERSION}/Accounts/{facts.account_sid}/Calls/{call.call_sid}.json",
    }


class _Handler(BaseHTTPRequestHandler):
    phone: Phone
    authorization: str

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the library's
        """Say nothing: the call's transcript says what happened."""

    def _check(self) -> None:
        if not hmac.compare_digest(self.headers.get("Authorization", "").encode(), self.authorization.encode()):
            raise UpdateRefusedError(WRONG_CREDENTIALS, "Authenticate", 401)

    def _answer(self, method: str) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), MOST_BYTES)
        body = self.rfile.read(length).decode("utf-8", "replace")
        form = {name: values[-1] for name, values in parse_qs(body, keep_blank_values=True).items()}
        try:
            self._check()
            status, resource = answer(self.phone, method, urlsplit(self.path).path, form)
        except UpdateRefusedError as error:
            status = error.status
            more = f"https://www.twilio.com/docs/errors/{error.code}"
            resource = {"code": error.code, "message": str(error), "more_info": more, "status": status}
        content = json.dumps(resource).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

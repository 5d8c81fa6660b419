"""The carrier's REST interface on this machine: calls placed, steered and looked at, queues, and text messages.

An application's Twilio client, pointed at `RestServer.url`, works with the simulated calls of one phone.
Source: https://www.twilio.com/docs/voice/api/call-resource, .../docs/messaging/api/message-resource
"""

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from ivr.simulator.facts import API_VERSION
from ivr.simulator.orders import order_of
from ivr.simulator.phone import Phone, PhoneCall
from ivr.simulator.refused import RefusedError
from ivr.simulator.resources import call_resource, check_message, message_resource

NOT_FOUND, WRONG_CREDENTIALS, STOPPED = 20404, 20003, 21610
_CALL = re.compile(r"/Calls/(CA\w+)\.json")
_MEMBER = re.compile(r"/Queues/(QU\w+)/Members/(CA\w+|Front)\.json")
_MESSAGE = re.compile(r"/Messages/(SM\w+)\.json")
MOST_BYTES = 64 * 1024
Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class RestAnswer:
    """An answer. then: what happens once it has been sent: a call that has been placed begins."""

    status: int
    resource: dict[str, Any]
    then: Callable[[], None] | None = None


class RestServer:
    """Serves a phone on a free port of this machine, to who knows the account and its token.

    Use it in a `with` statement, or `start` and `stop` it: `url` is the base for the application's client.
    """

    def __init__(self, phone: Phone) -> None:
        handler = type("_Bound", (_Handler,), {"phone": phone})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


def answer(phone: Phone, method: str, path: str, form: Form, authorization: str) -> RestAnswer:
    """Answer one request. path: without host and query. authorization: the header, HTTP Basic."""
    try:
        _check(phone, authorization)
        return _answer(phone, method, path, form)
    except RefusedError as error:
        more = f"https://www.twilio.com/docs/errors/{error.code}"
        problem = {"code": error.code, "message": str(error), "more_info": more, "status": int(error.status)}
        return RestAnswer(error.status, problem)


def _check(phone: Phone, authorization: str) -> None:
    pair = b64encode(f"{phone.account_sid}:{phone.auth_token}".encode()).decode()
    if not hmac.compare_digest(authorization.encode(), f"Basic {pair}".encode()):
        raise RefusedError(WRONG_CREDENTIALS, "Authenticate", HTTPStatus.UNAUTHORIZED)


def _answer(phone: Phone, method: str, path: str, form: Form) -> RestAnswer:
    prefix = f"/{API_VERSION}/Accounts/{phone.account_sid}"
    rest = path.removeprefix(prefix) if path.startswith(prefix) else ""
    if match := _CALL.fullmatch(rest):
        return _one_call(phone, method, match[1], form)
    if (match := _MEMBER.fullmatch(rest)) and method == "POST":
        return _one_member(phone, match[1], match[2], form)
    if match := _MESSAGE.fullmatch(rest):
        found = [message for message in phone.messages if message.sid == match[1]]
        if found and method == "GET":
            return RestAnswer(200, message_resource(phone.account_sid, found[0], "delivered"))
    match method, rest:
        case "POST", "/Calls.json":
            call = phone.order(order_of(form))
            return RestAnswer(201, call_resource(call), phone.soon(call))
        case "POST", "/Messages.json":
            return _send(phone, form)
        case "GET", "/Messages.json":
            sent = [message_resource(phone.account_sid, message, "delivered") for message in reversed(phone.messages)]
            return RestAnswer(200, {"messages": sent, "page": 0, "page_size": len(sent), "next_page_uri": None})
        case _:
            raise RefusedError(NOT_FOUND, f"The requested resource {path} was not found", HTTPStatus.NOT_FOUND)


def _one_call(phone: Phone, method: str, sid: str, form: Form) -> RestAnswer:
    call = _call(phone, sid)
    if method == "POST":
        _update(call, form)
    return RestAnswer(200, call_resource(call))


def _one_member(phone: Phone, queue_sid: str, who: str, form: Form) -> RestAnswer:
    room = phone.switchboard.by_sid(queue_sid)
    front = who == "Front" and phone.switches.accepts_front_member
    for member in room.members if room else ():
        if front or member.call_sid == who:
            call = _call(phone, member.call_sid)
            resource = {"call_sid": call.call_sid, "queue_sid": queue_sid, "position": 1, "wait_time": 0}
            _update(call, form)
            return RestAnswer(200, resource)
    raise RefusedError(NOT_FOUND, f"there is no member {who} in {queue_sid}", HTTPStatus.NOT_FOUND)


def _send(phone: Phone, form: Form) -> RestAnswer:
    to, from_, body = (_last(form, name) for name in ("To", "From", "Body"))
    check_message(to, from_, body)
    message = phone.send_text(to, from_, body)
    if message is None:
        raise RefusedError(STOPPED, "Attempt to send to unsubscribed recipient")
    return RestAnswer(201, message_resource(phone.account_sid, message, "queued"))


def _update(call: PhoneCall, form: Form) -> None:
    call.update(
        url=_last(form, "Url"),
        method=_last(form, "Method") or "POST",
        twiml=_last(form, "Twiml"),
        status=_last(form, "Status"),
    )


def _call(phone: Phone, sid: str) -> PhoneCall:
    call = phone.calls.get(sid)
    if call is None:
        raise RefusedError(NOT_FOUND, f"there is no call {sid}", HTTPStatus.NOT_FOUND)
    return call


def _last(form: Form, name: str) -> str:
    return form[name][-1] if form.get(name) else ""


class _Handler(BaseHTTPRequestHandler):
    phone: Phone

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the library's
        """Say nothing: the call's transcript says what happened."""

    def _answer(self, method: str) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), MOST_BYTES)
        form = parse_qs(self.rfile.read(length).decode("utf-8", "replace"), keep_blank_values=True)
        path = urlsplit(self.path).path
        reply = answer(self.phone, method, path, form, self.headers.get("Authorization", ""))
        content = json.dumps(reply.resource).encode()
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()
        finally:
            if reply.then is not None:
                reply.then()

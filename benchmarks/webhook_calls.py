"""Calls as the carrier tells of them: every webhook of a few calls, recorded once, for any number of callers."""

import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bench import TOKEN, line

from ivr.simulator.phone import Phone
from ivr.simulator.signature import sign

HOST = "line.example.com"  # the address the line is known by, wherever it listens
BASE = f"http://{HOST}"
SCRIPTS = ("5 9 2 1 9", "1 1 9 2 1", "2 1 * * 1", "3 2 9 5 1", "1 3 9 1 1", "4 * 2 9", "7 5", "2 1 1 1 9 3 2")


@dataclass(frozen=True)
class Webhook:
    """One request of a recorded call, and what was answered. form: in the order of the carrier."""

    path: str
    form: tuple[tuple[str, str], ...]
    answer: bytes


def recorded() -> list[list[Webhook]]:
    """Place each of the calls on a line of this process, and return their webhooks."""
    with tempfile.TemporaryDirectory() as folder:
        app = line(folder, BASE)
        calls = [_record(app, script, f"CA{number:032}") for number, script in enumerate(SCRIPTS)]
        app.extensions["answerline"].database.dispose()
    return calls


def _record(app: Callable[..., Any], script: str, sid: str) -> list[Webhook]:
    heard: list[Webhook] = []

    def listening(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        answer = b"".join(app(environ, start_response))
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        form = tuple(parse_qsl(body.decode(), keep_blank_values=True))
        heard.append(Webhook(environ["PATH_INFO"] + query, form, answer))
        return [answer]

    call = Phone(listening, auth_token=TOKEN, base_url=BASE).dial(
        "/voice", status_callback="/voice/status", call_sid=sid
    )
    for keys in script.split():
        call.press(keys)
    call.hang_up()
    if call.ended is None or call.ended.status != "completed":
        raise RuntimeError(call.transcript)
    return heard


@dataclass(frozen=True)
class Request:
    """Bytes to send, and the body that must come back."""

    sent: bytes
    answer: bytes


def calls_of(recordings: list[list[Webhook]], run: int) -> Iterator[list[Request]]:
    """Return one caller after the other, for ever. run: keeps the callers of two runs apart."""
    for number in count():
        webhooks = recordings[number % len(recordings)]
        yield list(_requests(webhooks, f"CA{run:08x}{number:024x}", f"+1415{number % 9_000_000 + 1_000_000}"))


def _requests(webhooks: list[Webhook], sid: str, caller: str) -> Iterator[Request]:
    theirs = {"CallSid": sid, "From": caller, "Caller": caller}
    for webhook in webhooks:
        form = {name: theirs.get(name, value) for name, value in webhook.form}
        body, was = urlencode(form).encode(), dict(webhook.form)["CallSid"]
        signature = sign(BASE + webhook.path, form, TOKEN)
        head = (
            f"POST {webhook.path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield Request(head.encode() + body, webhook.answer.replace(was.encode(), sid.encode()))

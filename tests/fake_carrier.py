"""The carrier's REST interface on this machine: things appear late, some requests fail, and each is written down."""

import json
import struct
import time
from base64 import b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from on_loopback import OnLoopback

ACCOUNT, TOKEN = "AC" + "1" * 32, "the account's token"
ROOM = f"/2010-04-01/Accounts/{ACCOUNT}/"
FOLDER = ROOM + "Recordings/"
MADE = {"Calls": "CA", "Messages": "SM"}
# A number's fields in a request, and in an answer.
FIELDS = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceApplicationSid": "voice_application_sid",
    "TrunkSid": "trunk_sid",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsApplicationSid": "sms_application_sid",
}
DRIPS = 200  # most drips of one answer, each after a hundredth of a second


def wav(seconds: float = 1.0, value: int = 7) -> bytes:
    """A WAV file as the carrier sends it: one channel, 8 kHz, 16 bits."""
    sound = bytes([value]) * (2 * int(8000 * seconds))
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16,
                       b"data", len(sound))  # fmt: skip
    return head + sound


@dataclass
class FakeCarrier(OnLoopback):
    """What is there: recordings by sid, calls by sid with their status, messages. forms: what was POSTed, in order.

    numbers: the account's, by sid, with their fields. verified: numbers it may show besides. account: how it stands.
    date: what the time is there; None for this machine's.
    faults: what becomes of the next requests, in order: a status, a status with one of Twilio's codes and a number in
    its message, `cut`, `drop` (read, and not answered), `hang` (the same, and the connection stays), `drip` (answered a
    byte at a time), `words` (answered with a page), `nothing` (answered with an empty object). What creates something
    has created it by then, unless the fault is a status. retry_after: sent with every status that is a fault. when: is
    told each request before it is answered. Use it in a `with` statement: within, `url` is its address.
    """

    recordings: dict[str, bytes] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    numbers: dict[str, dict[str, str | None]] = field(default_factory=dict)
    verified: list[str] = field(default_factory=list)
    account: dict[str, str] = field(default_factory=lambda: {"status": "active", "type": "Full"})
    date: float | None = None
    forms: list[dict[str, str]] = field(default_factory=list)
    faults: list[int | str | tuple[int, int]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    retry_after: str = ""
    when: object = None

    @property
    def url(self):
        return self.base


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: FakeCarrier

    def do_GET(self):
        self._answer("GET")

    def do_DELETE(self):
        self._answer("DELETE")

    def do_POST(self):
        self._answer("POST")

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(timestamp or self.owner.date)

    def _answer(self, method):
        carrier, path = self.owner, urlsplit(self.path).path
        sent = parse_qs(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(), keep_blank_values=True)
        form = {name: ",".join(values) for name, values in sent.items()}
        carrier.requests.append((method, path))
        if method == "POST":
            carrier.forms.append(form)
        fault = carrier.faults.pop(0) if carrier.faults else None
        pair = b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {pair}":
            self._refuse(401, 20003, "Authenticate")
        elif isinstance(fault, int):
            self._refuse(fault, 20500, "trouble")
        elif isinstance(fault, tuple):
            self._refuse(*fault, f"The 'To' number {form.get('To')} is no good")
        else:
            held = path == ROOM[:-1] + ".json" or path.startswith((ROOM + "IncomingPhone", ROOM + "OutgoingCaller"))
            status, content = (self._held if held else self._done)(method, path, form)
            self._call_when(method)
            self._misbehave(fault, status, content)

    def _done(self, method, path, form):
        """Do what was asked, and return what should be answered."""
        kind, _, rest = path.removeprefix(ROOM).partition("/") if path.startswith(ROOM) else ("", "", "")
        sid, made = rest.partition(".")[0], kind.removesuffix(".json")
        if method == "POST" and not rest and made in MADE:
            kept = self.owner.calls if made == "Calls" else self.owner.messages
            sid = MADE[made] + f"{len(kept):032x}"
            kept.update({sid: "queued"}) if made == "Calls" else kept.append(sid)
            return 201, json.dumps({"sid": sid, "status": "queued", "to": form["To"], "from": form["From"]}).encode()
        if method == "POST" and kind == "Calls" and sid in self.owner.calls:
            if self.owner.calls[sid] == "completed":
                return 400, b'{"code": 21220, "message": "Call is not in-progress", "status": 400}'
            self.owner.calls[sid] = form["Status"]
            return 200, json.dumps({"sid": sid, "status": form["Status"]}).encode()
        content = self.owner.recordings.get(sid) if kind == "Recordings" else None
        if content is None:
            return 404, b'{"code": 20404, "message": "not found", "status": 404}'
        if method == "DELETE":
            del self.owner.recordings[sid]
            return 204, b""
        return 200, content

    def _held(self, method, path, form):
        """Show the account or its numbers, or change one."""
        made, _, sid = path.removeprefix(ROOM).replace(".json", "").partition("/")
        if not path.startswith(ROOM):
            return 200, json.dumps({"sid": ACCOUNT, **self.owner.account}).encode()
        if made == "OutgoingCallerIds":
            rows = [{"phone_number": number} for number in self.owner.verified]
            return 200, json.dumps({"outgoing_caller_ids": rows, "next_page_uri": None, "page": 0}).encode()
        if method == "POST" and sid in self.owner.numbers:
            self.owner.numbers[sid] |= {FIELDS[name]: value for name, value in form.items()}
            return 200, json.dumps({"sid": sid, **self.owner.numbers[sid]}).encode()
        part = parse_qs(urlsplit(self.path).query).get("PhoneNumber", [""])[0]
        rows = [{"sid": sid, **fields} for sid, fields in self.owner.numbers.items() if part in fields["phone_number"]]
        return 200, json.dumps({"incoming_phone_numbers": rows, "next_page_uri": None, "page": 0}).encode()

    def _misbehave(self, fault, status, content):
        if fault == "drop":
            self.close_connection = True
        elif fault == "hang":
            self.owner.over.wait(10)
            self.close_connection = True
        elif fault == "words":
            self._send(status, b"<html>+14155550123</html>")
        elif fault == "nothing":
            self._send(status, b"{}")
        elif fault == "drip":
            self._drip(status)
        else:
            self._send(status, content, sent=len(content) // 2 if fault == "cut" else None)

    def _call_when(self, method):
        if self.owner.when is not None:
            self.owner.when(method)

    def _refuse(self, status, code, message):
        again = {"Retry-After": self.owner.retry_after} if self.owner.retry_after else {}
        self._send(status, json.dumps({"code": code, "message": message, "status": status}).encode(), **again)

    def _drip(self, status):
        self._send(status, b" " * DRIPS, sent=0)
        try:
            for _ in range(DRIPS):
                self.wfile.write(b" ")
                time.sleep(0.01)
        except OSError:
            pass  # whoever asked has had enough

    def _send(self, status, content, sent=None, **headers):
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:sent])
        except OSError:
            pass  # whoever asked has been killed
        self.close_connection = self.close_connection or sent is not None


FakeCarrier.handler = _Handler

"""A table-driven TwiML application, a phone to call it with, and what tests look at afterwards."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from ivr.simulator import Phone

TOKEN = "12345"
ACCOUNT = "AC" + "0" * 32
ROWS = 93
"""The carrier's rules we hold the simulator to; a test names its own by the mark `row(number)`."""
AGENT = "+15550001"
SCREEN = {
    "/voice": f"<Dial action='/d'><Number url='/w'>{AGENT}</Number></Dial>",
    "/w": "<Gather numDigits='1' action='/ok'><Say>Press 1</Say></Gather><Hangup/>",
    "/ok": "",
    "/d": "<Say>D</Say>",
}
"""A number that is asked to press 1 before it is put through."""


@dataclass
class Reply:
    """What the application answers: a TwiML body without its root, unless `whole`."""

    body: str | bytes = ""
    status: int = 200
    content_type: str | None = "text/xml"
    headers: tuple = ()
    whole: bool = False

    def bytes(self):
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if self.whole else f"<Response>{self.body}</Response>").encode()


@dataclass
class Seen:
    """A request as the application saw it."""

    method: str
    path: str
    query: dict
    form: dict
    headers: dict
    url: str

    @property
    def params(self):
        return self.query | self.form


@dataclass
class App:
    """Path -> Reply, TwiML text, or a list of them to be answered in turn; the last one stays."""

    pages: dict
    seen: list = field(default_factory=list)

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        query = environ["QUERY_STRING"]
        url = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{path}" + (f"?{query}" if query else "")
        pairs = [dict(parse_qsl(text, keep_blank_values=True)) for text in (query, body)]
        headers = {key[5:].replace("_", "-").lower(): v for key, v in environ.items() if key.startswith("HTTP_")}
        self.seen.append(Seen(environ["REQUEST_METHOD"], path, *pairs, headers, url))
        reply = self._reply(path)
        named = [("Content-Type", reply.content_type)] if reply.content_type else []
        start_response(f"{reply.status} Whatever", [*named, *reply.headers])
        return [reply.bytes()]

    def _reply(self, path):
        reply = self.pages.get(path, Reply("not found", status=404))
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        return reply if isinstance(reply, Reply) else Reply(reply)

    def paths(self):
        return [seen.path for seen in self.seen]

    def last(self, path):
        return [seen for seen in self.seen if seen.path == path][-1]


class Line:
    """An application and a phone: `line.dials(...)` calls it."""

    def __init__(self, pages, **options):
        self.app = App({"/voice": pages} if isinstance(pages, str | Reply | list) else pages)
        self.phone = Phone(self.app, auth_token=TOKEN, account_sid=ACCOUNT, **options)

    def dials(self, path="/voice", **options):
        self.call = self.phone.dial(path, **options)
        return self.call


def events(call, name):
    return [event.to_json() for event in call.events if event.event == name]


def codes(call, name="warning"):
    return [event["code"] for event in events(call, name)]


def wav(seconds, rate=8000):
    """Make a silent WAV file: μ-law, mono."""
    data = b"\xff" * int(seconds * rate)
    fmt = b"fmt \x12\0\0\0\x07\0\x01\0" + rate.to_bytes(4, "little") * 2 + b"\x01\0\x08\0\0\0"
    body = b"WAVE" + fmt + b"data" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body

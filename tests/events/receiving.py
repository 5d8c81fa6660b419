"""A company's system on this machine, which answers as it is told."""

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from on_loopback import OnLoopback


@dataclass
class Company(OnLoopback):
    """Takes events. answers: the next statuses, each with `Retry-After`.

    Use it in a `with` statement: within, `url` is its address.
    """

    answers: list[tuple[int, str]] = field(default_factory=list)
    requests: list[tuple[dict[str, str], str]] = field(default_factory=list)
    hangs: bool = False

    @property
    def url(self):
        return f"{self.base}/events"


class _Handler(BaseHTTPRequestHandler):
    owner: Company

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.owner.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
        if self.owner.hangs:
            self.owner.over.wait(10)
        status, after = self.owner.answers.pop(0) if self.owner.answers else (204, "")
        said = b"" if status == 204 else b'{"error": "call +14155550123"}'
        self.send_response(status)
        self.send_header("Location", self.owner.url + "/elsewhere")
        if after:
            self.send_header("Retry-After", after)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


Company.handler = _Handler

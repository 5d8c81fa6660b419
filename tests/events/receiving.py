"""A company's system on this machine, which answers as it is told."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Company:
    """Takes events. answers: the next statuses, each with `Retry-After`.

    Use it in a `with` statement: within, `url` is its address.
    """

    answers: list[tuple[int, str]] = field(default_factory=list)
    requests: list[tuple[dict[str, str], str]] = field(default_factory=list)
    hangs: bool = False

    def __enter__(self):
        self.over = threading.Event()
        handler = type("Handler", (_Handler,), {"company": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"
        return self

    def __exit__(self, *_):
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    company: Company

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.company.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
        if self.company.hangs:
            self.company.over.wait(10)
        status, after = self.company.answers.pop(0) if self.company.answers else (204, "")
        said = b"" if status == 204 else b'{"error": "call +14155550123"}'
        self.send_response(status)
        self.send_header("Location", self.company.url + "/elsewhere")
        if after:
            self.send_header("Retry-After", after)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass

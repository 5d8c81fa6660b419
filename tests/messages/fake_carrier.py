"""The carrier's recordings on this machine: they appear late, some requests fail, and each is written down."""

import struct
import threading
from base64 import b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

ACCOUNT, TOKEN = "AC" + "1" * 32, "the account's token"
FOLDER = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/"


def wav(seconds: float = 1.0, value: int = 7) -> bytes:
    """A WAV file as the carrier sends it: one channel, 8 kHz, 16 bits."""
    sound = bytes([value]) * (2 * int(8000 * seconds))
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16,
                       b"data", len(sound))  # fmt: skip
    return head + sound


@dataclass
class FakeCarrier:
    """recordings: by sid. faults: what becomes of the next requests, in order: a status, `cut` or `drop`.

    when: is told each request before it is answered. Use it in a `with` statement: within, `url` is its address.
    """

    recordings: dict[str, bytes] = field(default_factory=dict)
    faults: list[int | str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    retry_after: str = ""
    when: object = None

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"carrier": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    carrier: FakeCarrier

    def do_GET(self):
        self._answer("GET")

    def do_DELETE(self):
        self._answer("DELETE")

    def log_message(self, *_):
        pass

    def _answer(self, method):
        carrier, path = self.carrier, urlsplit(self.path).path
        carrier.requests.append((method, path))
        fault = carrier.faults.pop(0) if carrier.faults else None
        pair = b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        sid = path.removeprefix(FOLDER).partition(".")[0]
        content = carrier.recordings.get(sid)
        if self.headers.get("Authorization") != f"Basic {pair}":
            self._send(401, b'{"code": 20003, "message": "Authenticate", "status": 401}')
        elif fault == "drop":
            self.close_connection = True
        elif isinstance(fault, int):
            self._send(fault, b'{"code": 20500, "message": "trouble", "status": %d}' % fault)
        elif content is None or not path.startswith(FOLDER):
            self._send(404, b'{"code": 20404, "message": "not found", "status": 404}')
        elif method == "DELETE":
            del carrier.recordings[sid]
            self._call_when(method)
            self._send(204, b"")
        else:
            self._call_when(method)
            self._send(200, content, sent=len(content) // 2 if fault == "cut" else None)

    def _call_when(self, method):
        if self.carrier.when is not None:
            self.carrier.when(method)

    def _send(self, status, content, sent=None):
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:sent])
        except OSError:
            pass  # whoever asked has been killed
        self.close_connection = self.close_connection or sent is not None

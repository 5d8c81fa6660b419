"""A TLS reverse proxy on this machine, and the certificates it can have; each of its faults is a switch."""

import gzip
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "line.example.com"
HOP = {"connection", "transfer-encoding", "content-length", "host", "server", "date"}


@cache
def _key(_name):
    return ec.generate_private_key(ec.SECP256R1())


def _certificate(name, issuer, *, days=90.0, host=None):
    subject, by = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, issuer))
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(by, subject, _key(name).public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=200)).not_valid_after(now + timedelta(days=days))
    authority = x509.BasicConstraints(ca=host is None, path_length=None)
    builder = builder.add_extension(authority, critical=True)
    if host:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return builder.sign(_key(issuer), hashes.SHA256())


CERTIFICATES = {
    "good": {"issuer": "authority", "host": HOST},
    "ending": {"issuer": "authority", "host": HOST, "days": 5.5},
    "expired": {"issuer": "authority", "host": HOST, "days": -1},
    "other": {"issuer": "authority", "host": "other.example.com"},
    "alone": {"issuer": "alone", "host": HOST},
}


def write_certificates(folder: Path) -> Path:
    """Write `<name>.pem` for each, and return the file of the authority that is trusted."""
    for name, made in CERTIFICATES.items():
        key = _key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.pem").write_bytes(key + _certificate(name, **made).public_bytes(Encoding.PEM))
    authority = folder / "authority.crt"
    authority.write_bytes(_certificate("authority", "authority").public_bytes(Encoding.PEM))
    return authority


@dataclass
class Faults:
    """What the proxy does wrong. answer: status, headers and body of its own. takes_off: the part of a path."""

    answer: tuple | None = None
    redirect: object = None
    takes_off: str = ""
    puts_before: str = ""
    host: str = ""
    says_scheme: bool = True
    drops: set = field(default_factory=set)
    rewrites_query: bool = False
    trims_fields: bool = False
    believes: bool = False
    packs: bool = False
    alters: bool = False
    by_get: bool = False


class Proxy(ThreadingHTTPServer):
    """Passes requests on to `upstream`, a port of this machine, but for its faults. Use it in a `with` statement."""

    daemon_threads = True

    def __init__(self, folder: Path | None, upstream: int):
        self.folder, self.upstream, self.faults = folder, upstream, Faults()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tls = None
        if folder:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.has("good")

    def has(self, certificate: str) -> None:
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.folder / f"{certificate}.pem")

    def finish_request(self, request, client_address):
        if not self.tls:
            super().finish_request(request, client_address)
            return
        with suppress(OSError), self.tls.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, *_):
        pass

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self):
        self._pass_on(b"")

    def do_POST(self):
        self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, *_):
        pass

    def _pass_on(self, body):
        faults = self.server.faults
        if faults.answer:
            self._send(*faults.answer)
        elif faults.redirect:
            self._send(301, {"Location": faults.redirect(self)}, b"")
        else:
            self._send(*self._asked_upstream(faults, *self._changed(faults, body)))

    def _changed(self, faults, body):
        """The path and the body, as the faults make them."""
        parts = urlsplit(self.path)
        path, query = faults.puts_before + parts.path.removeprefix(faults.takes_off), parts.query
        if faults.rewrites_query:
            query = urlencode(parse_qsl(query))
        if faults.trims_fields:
            body = urlencode([(name, value.strip()) for name, value in parse_qsl(body.decode())]).encode()
        if faults.believes and "X-Original-URL" in self.headers:
            path = self.headers["X-Original-URL"]
        return f"{path}?{query}", body

    def _asked_upstream(self, faults, target, body):
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP | faults.drops}
        headers["Host"] = faults.host or self.headers["Host"]
        if faults.says_scheme:
            headers["X-Forwarded-Proto"] = "https" if self.server.tls else "http"
        connection = HTTPConnection("127.0.0.1", self.server.upstream, timeout=10)
        connection.request("GET" if faults.by_get else self.command, target, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        sent = {k: v for k, v in answer.getheaders() if k.lower() not in HOP}
        connection.close()
        if faults.packs:
            sent["Content-Encoding"], content = "gzip", gzip.compress(content)
        return answer.status, sent, content + b" " * faults.alters

    def _send(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

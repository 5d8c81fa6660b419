"""The wire under the carrier: one HTTP exchange, with a WSGI application in this process or over the network."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from time import monotonic
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. headers: names in lower case; cookies: the Set-Cookie headers.

    took_s: whole seconds that it took over the network, which pass in the call as well.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Patience and size of one exchange: seconds to connect, to read and in all, and bytes of body."""

    connect_s: float
    read_s: float
    total_s: float
    body_bytes: int


class WireError(Exception):
    """Raised when no whole answer came.

    code: from Twilio's error dictionary. kind: `ct` if no connection was made, else `rt`.
    after_s: seconds of call time that were lost over it.
    """

    def __init__(self, code: int, kind: str, message: str, after_s: float = 0.0) -> None:
        super().__init__(message)
        self.code, self.kind, self.after_s = code, kind, after_s


class Transport(Protocol):
    """Carries one exchange; raises WireError."""

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, limits: Limits) -> Answer:
        """Send a request as it is, follow nothing, and return the answer."""
        ...


class WsgiTransport:
    """Calls a WSGI application in this process; what it raises, the test sees."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, limits: Limits) -> Answer:
        """Send a request as it is, follow nothing, and return the answer."""
        start: list[Any] = []

        def start_response(status: str, reply: list[tuple[str, str]], _exc_info: object = None) -> Callable[..., None]:
            start[:] = [status, reply]
            return chunks.append

        chunks: list[bytes] = []
        result = self._app(_environ(method, url, headers, body), start_response)
        try:
            for chunk in result:
                chunks.append(chunk)
                if sum(map(len, chunks)) > limits.body_bytes:
                    break
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        pairs = [(name.lower(), value) for name, value in start[1]]
        cookies = tuple(value for name, value in pairs if name == "set-cookie")
        return Answer(int(start[0][:3]), dict(pairs), b"".join(chunks), cookies)


def _environ(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path or "/", encoding="latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc.rpartition("@")[2],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


class HttpTransport:
    """Speaks HTTP over the network, keeping connections open between requests."""

    def __init__(self) -> None:
        import httpx  # noqa: PLC0415 in-process calls do without it

        self._httpx = httpx
        trusted = httpx.create_ssl_context()  # takes some 30 ms to read
        self._client = httpx.Client(follow_redirects=False, verify=trusted)
        # A proxy of the environment cannot reach a server on this machine.
        self._local = httpx.Client(follow_redirects=False, verify=trusted, trust_env=False)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, limits: Limits) -> Answer:
        """Send a request as it is, follow nothing, and return the answer."""
        httpx = self._httpx
        host = urlsplit(url).hostname or ""
        client = self._local if host in {"localhost", "::1"} or host.startswith("127.") else self._client
        client.cookies.clear()
        read_s = max(0.001, min(limits.read_s, limits.total_s))
        timeout = httpx.Timeout(read_s, connect=min(limits.connect_s, max(0.001, limits.total_s)))
        began = monotonic()
        deadline = began + limits.total_s
        try:
            with client.stream(method, url, headers=dict(headers), content=body or None, timeout=timeout) as reply:
                content = b""
                for chunk in reply.iter_bytes():
                    content += chunk
                    if len(content) > limits.body_bytes:
                        break
                    if monotonic() > deadline:
                        raise WireError(11200, "rt", f"{url} took more than {limits.total_s:g} s", limits.total_s)
                cookies = tuple(v for n, v in reply.headers.multi_items() if n == "set-cookie")
                took_s = float(int(monotonic() - began))
                return Answer(reply.status_code, dict(reply.headers), content, cookies, took_s)
        except httpx.ConnectTimeout:
            raise WireError(11205, "ct", f"{url} does not accept the connection", limits.connect_s) from None
        except httpx.ConnectError as error:
            text = str(error)
            code = 11220 if "SSL" in text else 11210 if "getaddrinfo" in text or "resolution" in text else 11205
            raise WireError(code, "ct", f"{url}: {text}") from None
        except httpx.TimeoutException:
            raise WireError(11200, "rt", f"{url} did not answer within {read_s:g} s", read_s) from None
        except (httpx.ProtocolError, httpx.DecodingError) as error:
            raise WireError(11206, "rt", f"{url}: {error}") from None
        except httpx.HTTPError as error:
            raise WireError(11200, "rt", f"{url}: {error}") from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        self._local.close()

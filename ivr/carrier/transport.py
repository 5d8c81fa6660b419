"""How one request is carried: with bounds on time and size, and again where that cannot do harm.

A call or a message that is created twice rings or is read twice, and Twilio takes no key that would tell a repeated
request from a new one. So a request that creates something is made again only where it surely did nothing: it never
left (no connection), or the carrier had no time for it (429). All others can be done twice without harm.
"""

# twilio ships no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import logging
import re
import ssl
import time
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
from twilio.http import HttpClient
from twilio.http.response import Response

from ivr.config import TWILIO
from ivr.service_errors import ServiceError, UnknownOutcomeError

log = logging.getLogger("answerline")
TIMEOUT = httpx.Timeout(15.0, connect=5.0)
ANSWER_S, ANSWER_BYTES = 30.0, 1024 * 1024  # for all of an answer, however slowly it drips
FILE_S, FILE_BYTES = 120.0, 50 * 1024 * 1024
PAUSES_S = (0.5, 2.0)  # before a request is made again
HASTY_S = 4.0  # of who only looks
RETRY_AFTER_MOST_S = 20.0  # who is told to come back later than this does, and does not wait here
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
# A POST to something that has a name changes it; any other creates something.
_NAMED = re.compile(r"/[^/]+/Accounts/[^/]+/[^/]+/[^/]+\.json")


@cache
def _trusted() -> ssl.SSLContext:
    """Read whom this machine trusts, once a process: it takes some 30 ms, and each client would read it again."""
    return httpx.create_ssl_context()


class Transport(HttpClient):  # type: ignore[misc] # twilio ships no types
    """Carries the requests of Twilio's client, and nothing of them into a log: its own client writes them down.

    base: where they go in place of Twilio's own address. pause: sleeps so many seconds. hasty: a request is made once,
    and given `HASTY_S`.
    """

    def __init__(
        self, base: str, auth: tuple[str, str], pause: Callable[[float], None], *, hasty: bool = False
    ) -> None:
        super().__init__(log, is_async=False, timeout=None)
        self._base, self._auth, self._pause = base.rstrip("/"), auth, pause
        self._pauses_s = () if hasty else PAUSES_S
        self._session = httpx.Client(timeout=HASTY_S if hasty else TIMEOUT, verify=_trusted())

    def request(  # noqa: PLR0917 the shape is Twilio's
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: FBT001, FBT002
    ) -> Response:
        """Make a request for Twilio's client.

        Raises: ServiceError where there is no answer; UnknownOutcomeError where that leaves open what was created.
        """
        given: dict[str, Any] = {"params": params, "data": data, "headers": headers, "auth": auth or self._auth}
        given |= {"follow_redirects": allow_redirects, **({"timeout": timeout} if timeout else {})}
        creates = method.upper() == "POST" and not _NAMED.fullmatch(urlsplit(uri).path)
        answer = self._patiently(
            lambda: self._whole(ANSWER_S, ANSWER_BYTES, method, self._here(uri), **given), creates=creates
        )
        return Response(answer.status_code, answer.text, answer.headers)

    def download(self, uri: str) -> httpx.Response:
        """Return the answer that a file is, all of it. Raises: ServiceError."""
        # A redirect to where the files really are does not take our credentials along to another host.
        given = {"auth": self._auth, "follow_redirects": True}
        return self._patiently(lambda: self._whole(FILE_S, FILE_BYTES, "GET", self._here(uri), **given), creates=False)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _here(self, uri: str) -> str:
        return uri if self._base == TWILIO else self._base + urlsplit(uri)._replace(scheme="", netloc="").geturl()

    def _whole(self, seconds: float, most: int, method: str, url: str, **given: Any) -> httpx.Response:
        until, content = time.monotonic() + seconds, bytearray()
        with self._session.stream(method, url, **given) as answer:
            for part in answer.iter_bytes():
                content += part
                if len(content) > most or time.monotonic() > until:
                    raise _EndlessError(f"the carrier's answer is longer than {most} bytes or {seconds:.0f} s")
            return httpx.Response(answer.status_code, headers=_plain(answer.headers), content=bytes(content))

    def _patiently(self, send: Callable[[], httpx.Response], *, creates: bool) -> httpx.Response:
        for pause_s in (*self._pauses_s, None):
            try:
                answer = send()
            except httpx.HTTPError as error:
                if creates and not isinstance(error, _NEVER_LEFT):
                    raise UnknownOutcomeError(f"the carrier did not answer: {type(error).__name__}") from None
                if pause_s is None:
                    raise ServiceError(f"the carrier does not answer: {_reason(error)}") from None
                wait_s = pause_s
            except _EndlessError as error:
                raise UnknownOutcomeError(str(error)) if creates else error from None
            else:
                if creates and (answer.is_server_error or answer.status_code == HTTPStatus.REQUEST_TIMEOUT):
                    raise UnknownOutcomeError(f"the carrier answered {answer.status_code}")
                wait_s = max(pause_s or 0.0, _retry_after_s(answer))
                if answer.status_code not in AGAIN or pause_s is None or wait_s > RETRY_AFTER_MOST_S:
                    return answer
            self._pause(wait_s)
        raise AssertionError("unreachable")  # the last round returns or raises


class _EndlessError(ServiceError):
    """An answer does not end."""


def _reason(error: httpx.HTTPError) -> str:
    """Say what went wrong; mostly only the kind, since ill-formed credentials would be shown as well."""
    return type(error).__name__ + (f": {error}" if isinstance(error, httpx.ConnectError) else "")


def _retry_after_s(answer: httpx.Response) -> float:
    """Read `Retry-After` where it is a number of seconds, as Twilio's is."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdecimal() else 0.0


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Leave out what was said of the body on its way."""
    return {k: v for k, v in headers.items() if k not in {"content-encoding", "content-length", "transfer-encoding"}}

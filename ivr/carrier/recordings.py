"""Recordings at the carrier: fetch one, delete one.

Source: https://www.twilio.com/docs/voice/api/recording
"""

# twilio ships no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import logging
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import httpx
from twilio.base.exceptions import TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from ivr.config import TWILIO
from ivr.services import ServiceError

log = logging.getLogger("answerline")
TIMEOUT = httpx.Timeout(15.0, connect=5.0)
WHOLE_S = 120.0  # for all of a recording, however slowly it drips
BYTES_MAX = 50 * 1024 * 1024
PAUSES_S = (0.5, 2.0)  # before a request is made again
AGAIN = frozenset({429, 500, 502, 503, 504})


class NotThereError(ServiceError):
    """The carrier has no such recording: not yet, or no longer."""


class TwilioRecordings:
    """Recordings of one account.

    base: another address than Twilio's own, a mock or a TwiML-compatible carrier. pause: sleeps so many seconds.
    """

    def __init__(
        self, account: str, token: str, base: str = TWILIO, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._account = account
        self._http = _Http(base, (account, token), pause)
        self._client = Client(account, token, http_client=self._http)

    def fetch(self, sid: str) -> bytes:
        """Return a recording as a WAV file.

        Raises: NotThereError; ServiceError where the carrier cannot be reached, refuses us, or stops half-way.
        """
        return self._http.download(f"{TWILIO}/2010-04-01/Accounts/{self._account}/Recordings/{sid}.wav")

    def delete(self, sid: str) -> None:
        """Delete a recording. Raises: NotThereError; ServiceError as `fetch` does."""
        try:
            self._client.recordings(sid).delete()
        except TwilioRestException as error:
            raise refusal(int(error.status)) from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class _Http(HttpClient):  # type: ignore[misc] # twilio ships no types
    """Carries the client's requests: with bounds on time and size, and again where the carrier is only busy."""

    def __init__(self, base: str, auth: tuple[str, str], pause: Callable[[float], None]) -> None:
        super().__init__(log, is_async=False, timeout=None)
        self._base, self._auth, self._pause = base.rstrip("/"), auth, pause
        self._session = httpx.Client(timeout=TIMEOUT)

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
        """Make a request for Twilio's client. Raises: ServiceError where there is no answer."""
        given: dict[str, Any] = {"params": params, "data": data, "headers": headers, "auth": auth or self._auth}
        given |= {"follow_redirects": allow_redirects, **({"timeout": timeout} if timeout else {})}
        answer = self._patiently(lambda: self._session.request(method, self._here(uri), **given))
        return Response(answer.status_code, answer.text, answer.headers)

    def download(self, uri: str) -> bytes:
        """Return a file's bytes, all of them."""
        answer = self._patiently(lambda: self._stream(self._here(uri)))
        if answer.status_code != HTTPStatus.OK:
            raise refusal(answer.status_code)
        return answer.content

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _here(self, uri: str) -> str:
        return self._base + uri.removeprefix(TWILIO)

    def _stream(self, url: str) -> httpx.Response:
        until, content = time.monotonic() + WHOLE_S, bytearray()
        # A redirect to where the files really are does not take our credentials along to another host.
        with self._session.stream("GET", url, auth=self._auth, follow_redirects=True) as answer:
            for part in answer.iter_bytes():
                content += part
                if len(content) > BYTES_MAX or time.monotonic() > until:
                    raise ServiceError(f"the recording is longer than {BYTES_MAX} bytes or {WHOLE_S:.0f} s")
            return httpx.Response(answer.status_code, headers=_plain(answer.headers), content=bytes(content))

    def _patiently(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        for pause_s in (*PAUSES_S, None):
            try:
                answer = send()
            except httpx.HTTPError as error:
                if pause_s is None:
                    raise ServiceError(f"the carrier does not answer: {type(error).__name__}: {error}") from error
            else:
                if answer.status_code not in AGAIN or pause_s is None:
                    return answer
            self._pause(pause_s)
        raise AssertionError("unreachable")  # the last round returns or raises


def refusal(status: int) -> ServiceError:
    """Say in words why the carrier did not do it."""
    if status == HTTPStatus.NOT_FOUND:
        return NotThereError("the carrier has no such recording (yet, or any more)")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return ServiceError(f"the carrier refuses TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN ({status})")
    return ServiceError(f"the carrier answers {status}")


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Leave out what was said of the body on its way."""
    return {k: v for k, v in headers.items() if k not in {"content-encoding", "content-length", "transfer-encoding"}}

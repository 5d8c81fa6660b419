"""One address that is told of events, by signed webhooks in the form of Standard Webhooks.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import re
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from standardwebhooks import Webhook

from ivr.clock import Clock
from ivr.service_errors import ServiceError
from ivr.setting_rules import is_loopback

TIMEOUT_S = 15.0  # for each step of an answer, and for all that is read of one
SHOWN = 120  # characters of an answer that says no
OVERLOADED = frozenset({429, 502, 503, 504})


class NotTakenError(ServiceError):
    """A receiver has not taken an event. wait_s: how long to leave it alone; None where it is only this event."""

    def __init__(self, text: str, wait_s: float | None = None) -> None:
        super().__init__(text)
        self.wait_s = wait_s


class GoneError(ServiceError):
    """A receiver wants no more events."""


@dataclass(frozen=True)
class Receiver:
    """Sends to an address. secrets: `whsec_...`, each signs. private: it may be one of a private network."""

    url: str
    secrets: Sequence[str]
    clock: Clock
    client: httpx.Client
    private: bool = False
    timeout_s: float = TIMEOUT_S

    def send(self, event_id: str, body: str) -> None:
        """Send an event, and return when it was taken. Raises: NotTakenError, GoneError."""
        self._check_place()
        try:
            status, after, said = self._post(self._headers(event_id, body), body)
        except httpx.HTTPError as error:
            raise NotTakenError(f"it does not answer: {type(error).__name__}", 0.0) from None
        if status == HTTPStatus.GONE:
            raise GoneError("it answered 410 Gone: it wants no more events")
        if status // 100 == 2:  # noqa: PLR2004 success, whichever
            return
        text = f"it answered {status}" + (f": {said}" if said else "")
        raise NotTakenError(text, after if status in OVERLOADED else None)

    def _headers(self, event_id: str, body: str) -> dict[str, str]:
        now = self.clock.now()
        signatures = [Webhook(secret).sign(event_id, now, body) for secret in self.secrets]
        return {
            "content-type": "application/json",
            "user-agent": "Answerline",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    def _post(self, headers: dict[str, str], body: str) -> tuple[int, float, str]:
        """Return the status, how long to wait, and what a refusal says; nothing is read of an answer that is none."""
        until, said = time.monotonic() + self.timeout_s, b""
        with self.client.stream("POST", self.url, content=body, headers=headers) as answer:
            if not answer.is_success:
                for part in answer.iter_raw():
                    said += part
                    if len(said) > SHOWN or time.monotonic() > until:
                        break
            after = _retry_after_s(answer.headers.get("retry-after", ""), self.clock.now())
            return answer.status_code, after, _masked(said)

    def _check_place(self) -> None:
        """Look where the address leads today. The operator has set it; a name may lead elsewhere since."""
        parts = urlsplit(self.url)
        if self.private or is_loopback(parts.hostname):
            return
        try:
            found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
        except OSError as error:
            raise NotTakenError(f"its name cannot be looked up: {error.strerror}", 0.0) from None
        if not all(ip_address(str(place[4][0]).partition("%")[0]).is_global for place in found):
            raise NotTakenError("it is in a private network; EVENTS_PRIVATE=yes allows that", 0.0)


def _retry_after_s(text: str, now: datetime) -> float:
    """Read `Retry-After`: seconds, or a date."""
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(timedelta(0), at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()


def _masked(said: bytes) -> str:
    """Show a little of an answer, without what could be somebody's number."""
    text = " ".join(said.decode("utf-8", "replace").split())[:SHOWN]
    return re.sub(r"\d", "•", "".join(c for c in text if c.isprintable()))

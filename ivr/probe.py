"""The line calls itself through whatever stands before it: how it knows itself, and says what it saw.

Whoever does not know the account's token is told nothing. The ticket is no signature of the request, which may have
been altered on its way; it only proves who asks, for some minutes.
"""

import hmac
import secrets
from dataclasses import dataclass

TICKET, SEAL = "X-Answerline-Probe", "X-Answerline-Seal"
GOOD_S = 900  # clocks differ


@dataclass(frozen=True)
class Seen:
    """A request as it arrived. query: as it was written. form: decoded, in order. signature: whether one came with it.

    signed: what a webhook would have been told. proto: `X-Forwarded-Proto`. peer: who stands before us.
    """

    method: str
    scheme: str
    proto: str
    host: str
    path: str
    query: str
    form: list[list[str]]
    signature: bool
    signed: bool
    peer: str


def ticket(token: str, now: float) -> str:
    """Make a ticket. token: the account's. now: seconds since 1970."""
    said = f"{now:.0f}.{secrets.token_hex(8)}"
    return f"{said}.{_seal(token, 'ticket', said.encode())}"


def admits(token: str, given: str, now: float) -> bool:
    """Say whether whoever gives this ticket knows the token."""
    said, _, seal = given.rpartition(".")
    at = said.partition(".")[0]
    fresh = at.isascii() and at.isdecimal() and len(at) <= 12 and abs(now - int(at)) <= GOOD_S  # noqa: PLR2004 digits
    return fresh and hmac.compare_digest(seal.encode(), _seal(token, "ticket", said.encode()).encode())


def seal(token: str, given: str, body: bytes) -> str:
    """Prove that an answer is ours, and whole. given: the ticket it answers."""
    return _seal(token, f"answer to {given}", body)


def _seal(token: str, about: str, body: bytes) -> str:
    return hmac.digest(token.encode(), about.encode() + b"\n" + body, "sha256").hex()

"""Text messages to callers: what one is, who can have one, and where it is put to be sent."""

from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Protocol


class Purpose(StrEnum):
    """Why a text is sent."""

    ANSWER = "answer"  # a caller asked for it
    CHANGE = "change"  # their account was changed by telephone


class TextState(StrEnum):
    """How far a text has come. SENT: the carrier has taken it. DEAD: given up; staff may try again."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    SUPPRESSED = "suppressed"  # its receiver has said STOP


class StopSource(StrEnum):
    """Who told us that a number wants no texts: its owner, by a reply, or the carrier, by a refusal."""

    REPLY = "reply"
    CARRIER = "carrier"


DAILY = {Purpose.ANSWER: 3, Purpose.CHANGE: 10}  # texts to one number in 24 hours, each purpose counted apart


class Texting(Enum):
    """Whether a text can be sent to a number, and why not."""

    POSSIBLE = auto()
    OFF = auto()  # this line has no way of sending any
    WITHHELD = auto()
    ABROAD = auto()  # a country that nothing is sent to
    LANDLINE = auto()
    STOPPED = auto()
    ENOUGH = auto()  # as many today as one number gets


@dataclass(frozen=True)
class Text:
    """A text to be sent, once.

    key: idempotency key; a text with the same one is the same text. to: E.164, shown nowhere. body: as it is sent.
    """

    key: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    purpose: Purpose
    call_sid: str


class Outbox(Protocol):
    """Texts that are waiting to be sent. Both methods may raise ServiceError."""

    def possible(self, to: str) -> Texting:
        """Say whether an answer could be sent to a number now."""
        ...

    def put(self, text: Text) -> Texting:
        """Put a text there, unless it cannot be sent. A second time with the same key changes nothing: POSSIBLE."""
        ...


class NoOutbox:
    """A line that sends no texts."""

    def possible(self, to: str) -> Texting:  # noqa: ARG002 the shape is Outbox's
        """Refuse."""
        return Texting.OFF

    def put(self, text: Text) -> Texting:  # noqa: ARG002 the shape is Outbox's
        """Refuse."""
        return Texting.OFF

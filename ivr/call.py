"""What is known about one phone call: facts only, no rules, no HTTP, no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Self


class Proof(IntEnum):
    """How sure we are of who is calling. Caller ID proves nothing, so it has no place here."""

    NONE = 0
    PIN = 1


class Disposition(StrEnum):
    """How a call ended, from least to most: a call keeps the highest it reached.

    FAILED stands above RESOLVED: who wanted a person and found none was not served.
    """

    ABANDONED = "abandoned"
    INFORMED = "informed"
    RESOLVED = "resolved"
    FAILED = "failed"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    TRANSFERRED = "transferred"


class DialStatus(StrEnum):
    """How a transfer ended. Source: https://www.twilio.com/docs/voice/twiml/dial."""

    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


# What carriers send for a withheld number, as if it were one: ANONYMOUS, RESTRICTED and the like on a keypad.
# Source: https://help.twilio.com/articles/223179988
WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
_E164_DIGITS = range(7, 16)


def withheld(caller: str) -> bool:
    """Say whether a caller's number is no number: withheld, a client's name, or nothing at all."""
    digits = caller[1:]
    e164 = caller.startswith("+") and digits.isascii() and digits.isdecimal() and len(digits) in _E164_DIGITS
    return not e164 or caller in WITHHELD


def masked(number: str) -> str:
    """Write a telephone number for a log: its last two digits."""
    return "a withheld number" if withheld(number) else f"…{number[-2:]}"


@dataclass(frozen=True)
class Position:
    """Where in the flows a call waits for its caller."""

    flow: str
    node: str

    def __str__(self) -> str:
        return f"{self.flow}.{self.node}"


@dataclass(frozen=True)
class Keys:
    """What a caller keyed in: '' when they stayed silent. Never shown, since it may be a PIN."""

    digits: str = field(default="", repr=False)


@dataclass(frozen=True)
class DialEnded:
    """A transfer is over: the caller is back on the line."""

    status: DialStatus


@dataclass(frozen=True)
class Recorded:
    """The caller was recorded.

    sid: the carrier's name of the recording; '' where there is none. seconds: its length without the silence around
    what was said, 0 where nothing was. It is fetched by its sid: an address in a webhook is nothing to follow.
    """

    sid: str = ""
    seconds: int = 0


class WaitEnd(StrEnum):
    """How waiting in the carrier's queue ended. KEY: the caller chose something else."""

    SERVED = "served"
    KEY = "key"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True)
class Waited:
    """The caller is out of the queue. key: what they pressed, where they left it themselves."""

    end: WaitEnd
    key: str = ""


Heard = Keys | DialEnded | Recorded | Waited


@dataclass(frozen=True)
class Call:
    """One phone call, as far as it has come.

    sid: the carrier's CallSid. caller, called: E.164, or whatever the carrier sent for a withheld number.
    turn: how many webhooks have been answered. trail: topic menus the caller came through, outermost first.
    claim: account id the caller says is theirs. account_id, account_number: set once they have proved it.
    resume: flow to go on with after proving. facts: values that prompts may speak, dates as ISO text.
    slips: silences and wrong keys since the call began, or since a person was last offered.
    department: the one the caller wanted last; '' before any. rung: how many of its numbers have been rung in vain.
    recorded: what was recorded last. message: sid of the recording that is the caller's message, until it is sent or
    deleted. aside: the menu that a short excursion began at, and where it ends.
    leg: the flow that somebody hears whom we ring; '' for a caller. offer: what they, or this caller's own
    transfer, are a part of. meets: with whom they are put through, a CallSid or a number;
    shown: the number that is shown there. simulated: nobody is on the line: a test, or a demonstration.
    """

    sid: str
    caller: str
    called: str
    turn: int = 0
    trail: tuple[Position, ...] = ()
    proof: Proof = Proof.NONE
    claim: str | None = None
    account_id: str | None = None
    account_number: str | None = None
    resume: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    slips: int = 0
    disposition: Disposition | None = None
    transferred_to: str | None = None
    department: str = ""
    rung: int = 0
    recorded: Recorded = Recorded()
    message: str = ""
    aside: Position | None = None
    leg: str = ""
    offer: str = ""
    meets: str = ""
    shown: str = ""
    simulated: bool = False

    @property
    def key(self) -> str:
        """Name of this turn for idempotency: the same webhook posted twice has the same key."""
        return f"{self.sid}/{self.turn}"

    def knows(self, **facts: str) -> Self:
        """Add values that prompts may speak."""
        return replace(self, facts={**self.facts, **facts})

    def reached(self, disposition: Disposition) -> Self:
        """Note how far the call has come; it never goes back."""
        order = list(Disposition)
        if self.disposition and order.index(self.disposition) >= order.index(disposition):
            return self
        return replace(self, disposition=disposition)

"""What a caller can do, and the moments in which they can do it; and what a tester can break meanwhile."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

KEYS = frozenset("0123456789*#ABCD")
REACTION_S = 0.5
FAULTS = ("down", "slow", "error", "broken")
ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Keys:
    """Presses keys; a prompt being played to a Gather is cut off.

    keys: any of 0-9 * # A-D, pressed in one go.
    after_s: call time before the first key, in seconds.
    gap_s: call time between two keys, in seconds.
    Raises: ValueError for anything that is not a telephone key.
    """

    keys: str
    after_s: float = REACTION_S
    gap_s: float = 0.0

    def __post_init__(self) -> None:
        if not self.keys or not KEYS.issuperset(self.keys):
            raise ValueError(f"not telephone keys: {self.keys!r} (0-9, *, #, A-D)")


@dataclass(frozen=True, slots=True)
class Speech:
    """Says something. seconds: how long it takes; left out, it is estimated from the words."""

    text: str
    after_s: float = REACTION_S
    seconds: float | None = None

    @property
    def duration_s(self) -> float:
        """How long the words take, in seconds."""
        return spoken_seconds(self.text) if self.seconds is None else self.seconds


@dataclass(frozen=True, slots=True)
class Silence:
    """Says and presses nothing until this moment is over."""


@dataclass(frozen=True, slots=True)
class PickUp:
    """Answers a telephone that rings, `after_s` seconds of call time from now."""

    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HangUp:
    """Puts the receiver down, `after_s` seconds of call time from now."""

    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Break:
    """Lets the next webhook fail: the tester's doing, and no moment passes over it.

    fault: down, slow, error or broken; '' is none any more. lasting: each webhook from now on.
    Raises: ValueError for another fault.
    """

    fault: str
    lasting: bool = False

    def __post_init__(self) -> None:
        if self.fault and self.fault not in FAULTS:
            raise ValueError(f"a fault is one of {', '.join(FAULTS)}, not {self.fault!r}")

    @classmethod
    def read(cls, words: str) -> "Break":
        """Read it as a tester writes it: `error`, `error always`, `none`."""
        fault, *more = words.replace(",", " ").split() or [""]
        if more not in ([], [ALWAYS]) or (more and fault == "none"):
            raise ValueError(f"a fault is one of {', '.join(FAULTS)}, which may be {ALWAYS!r}, or none, not {words!r}")
        if not fault:
            raise ValueError(f"a fault is one of {', '.join(FAULTS)}, or none")
        return cls("" if fault == "none" else fault, bool(more))

    def __str__(self) -> str:
        return f"{self.fault or 'none'}{f' {ALWAYS}' if self.fault and self.lasting else ''}"


Act = Keys | Speech | Silence | PickUp | HangUp | Break


@dataclass(frozen=True, slots=True)
class Listening:
    """A moment in which the caller can act.

    kind: say, play, pause, gather, record, ringing (at the other side), rung, talking, queue or conference.
    seconds: how long it lasts, in call time, if the caller does nothing.
    waits: the application waits for the caller (in a Gather or a Record), rather than the caller for the application.
    takes_keys: a key pressed now goes to the application at once. takes_speech: so does what is said.
    """

    kind: str
    seconds: float
    waits: bool = False
    takes_keys: bool = False
    takes_speech: bool = False


Steps = Generator[Listening, Act, T]
"""A piece of a call: yields the moments, is sent the caller's acts, returns a T."""


def spoken_seconds(text: str) -> float:
    """Estimate how long a sentence takes to say, in seconds, at 160 words a minute."""
    return round(len(text.split()) * 60 / 160, 3)

"""What one engine call comes to: sentences, one wait, and the call as it now is. Adapters read only this."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.call import Call, Position
from ivr.prompts import Prompt


@dataclass(frozen=True)
class Tries:
    """How often a caller has been silent, and has erred, at one node in a row."""

    silent: int = 0
    wrong: int = 0


@dataclass(frozen=True)
class Gather:
    """Wait for keys at a node.

    prompts: spoken while keys already count. digits: entry ends by itself after so many.
    finish: key that ends the entry early; '' makes every key a digit. timeout_s: seconds of silence that end it.
    """

    at: Position
    tries: Tries
    prompts: tuple[Prompt, ...]
    digits: int
    finish: str
    timeout_s: int
    secret: bool = False


@dataclass(frozen=True)
class Dial:
    """Ring somebody, and wait until that is over.

    number: E.164. offer: they are asked first whether they take the call; '' puts them through at once.
    """

    at: Position
    number: str
    timeout_s: int
    offer: str = ""


@dataclass(frozen=True)
class Enqueue:
    """Wait in the carrier's queue."""

    at: Position


@dataclass(frozen=True)
class Join:
    """Put somebody through to a caller. whom: CallSid of one in the queue, or the number of one who is called back.

    shown: the number that they see.
    """

    at: Position
    whom: str
    offer: str
    shown: str


@dataclass(frozen=True)
class Recording:
    """Record the caller, after a tone.

    limit_s: longest recording. silence_s: silence that ends it. finish: key that ends it.
    """

    at: Position
    tries: Tries
    limit_s: int
    silence_s: int
    finish: str


@dataclass(frozen=True)
class Bridge:
    """Nothing more is said on this side: the carrier puts both through."""

    at: Position


@dataclass(frozen=True)
class End:
    """Nothing to wait for: the call ends."""

    at: Position


Wait = Gather | Dial | Enqueue | Join | Recording | Bridge | End


@dataclass(frozen=True)
class Step:
    """One edge walked: out of which node, by which label."""

    at: Position
    label: str


@dataclass(frozen=True)
class Holding:
    """What is said, now and again, to a caller who waits. values: what the prompts speak. at: where the keys go."""

    at: Position
    turn: int
    prompts: tuple[Prompt, ...]
    values: Mapping[str, str]


@dataclass(frozen=True)
class Turn:
    """What one webhook comes to.

    prompts: spoken first, where no key can cut them. path: the edges walked since the last wait.
    """

    call: Call
    prompts: tuple[Prompt, ...]
    wait: Wait
    path: tuple[Step, ...]

    @property
    def spoken(self) -> tuple[Prompt, ...]:
        """Everything the caller hears in this turn, in order."""
        return self.prompts + (self.wait.prompts if isinstance(self.wait, Gather) else ())

"""Ways in which a verb is left before its end."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ivr.simulator.carrier import Failure
from ivr.simulator.documents import Script


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on with another document. extra: parameters beside the standard ones."""

    url: str
    method: str
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    purpose: str = "action"


class Departure(Exception):  # noqa: N818 not an error
    """Raised to leave the verb that is being run."""


class CallOver(Departure):
    """Raised to end the call. status: final call status; by: caller, callee, application or error."""

    def __init__(self, status: str, by: str) -> None:
        super().__init__(status)
        self.status, self.by = status, by


class NeverBegun(CallOver):
    """Raised for a call that is canceled before anybody was rung: nobody is told of it."""

    def __init__(self) -> None:
        super().__init__("canceled", "application")


class Updated(Departure):
    """Raised when somebody has sent the call elsewhere over REST. to: where, or the document itself."""

    def __init__(self, to: Goto | Script) -> None:
        super().__init__("updated")
        self.to = to


class Alarm(Departure):
    """Raised when a time has come that a verb has set itself."""


class Left(Departure):
    """Raised by a Leave: the caller goes out of the queue."""


class Talk(Protocol):
    """What two calls that are put through to each other share; see `ivr.simulator.bridge`."""

    def join(self, line: Any) -> None:
        """Take in a side, before it talks."""
        ...

    def lead(self, line: Any) -> Generator[Any, Any, None]:
        """Talk as the one that lets the time pass."""
        ...

    def leave(self, line: Any) -> None:
        """Go; the other side is told."""
        ...


class Taken(Departure):
    """Raised when an agent takes the caller out of the queue. talks_s: seconds; agent: their CallSid.

    talk: with an agent whose call is real; None is with one that only a plan knows of.
    """

    def __init__(self, talks_s: float, whisper: Goto | None, agent: str, talk: Talk | None = None) -> None:
        super().__init__("taken")
        self.talks_s, self.whisper, self.agent, self.talk = talks_s, whisper, agent, talk


class Broken(Departure):
    """Raised for a verb that cannot be run: the fallback is asked next."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure

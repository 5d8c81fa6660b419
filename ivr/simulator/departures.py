"""Ways in which a verb is left before its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """Raised to end the call. status: final call status; by: caller, application or error."""

    def __init__(self, status: str, by: str) -> None:
        super().__init__(status)
        self.status, self.by = status, by


class Updated(Departure):
    """Raised when somebody has sent the call elsewhere over REST. to: where, or the document itself."""

    def __init__(self, to: Goto | Script) -> None:
        super().__init__("updated")
        self.to = to


class Alarm(Departure):
    """Raised when a time has come that a verb has set itself."""


class Left(Departure):
    """Raised by a Leave: the caller goes out of the queue."""


class Taken(Departure):
    """Raised when an agent takes the caller out of the queue. talks_s: seconds; agent: their CallSid."""

    def __init__(self, talks_s: float, whisper: Goto | None, agent: str) -> None:
        super().__init__("taken")
        self.talks_s, self.whisper, self.agent = talks_s, whisper, agent


class Broken(Departure):
    """Raised for a verb that cannot be run: the fallback is asked next."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure

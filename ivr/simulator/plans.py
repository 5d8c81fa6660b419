"""What a call meets beside the application: people who are dialled, queues and conferences."""

from collections.abc import Mapping
from dataclasses import dataclass

REACTIONS = ("completed", "busy", "no-answer", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be dialled.

    status: completed, busy, no-answer, failed or canceled. rings_s: before they react; talks_s: until they hang up.
    script: what they do while a whisper runs on their side, in the words of a scripted caller: `1`, `wait`, `hangup`.
    """

    status: str = "completed"
    rings_s: float = 4.0
    talks_s: float = 30.0
    script: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, as one call meets it.

    taken_after_s: an agent takes the caller so long after they joined; None is never. talks_s: how long they talk.
    whisper: the address of what the caller hears before that, as in an agent's `<Queue url>`; '' is nothing.
    ahead: members before the caller; max_size: more are turned away.
    arrives_after_s: for a call that dials the queue: a member is there so many seconds later; None is never.
    average_s: AvgQueueTime.
    """

    taken_after_s: float | None = None
    talks_s: float = 30.0
    whisper: str = ""
    ahead: int = 0
    max_size: int = 1000
    arrives_after_s: float | None = None
    average_s: int = 0


@dataclass(frozen=True, slots=True)
class Conference:
    """A conference, as one call meets it.

    starts_after_s: somebody who starts it is in it so long after the caller joined; 0 is already, None is never.
    talks_s: until they leave. ends: the conference ends as they leave; else the caller stays alone in it.
    participants: how many are in it before the caller.
    """

    starts_after_s: float | None = 0.0
    talks_s: float = 30.0
    ends: bool = True
    participants: int = 0


People = Mapping[str, str | Person]


def people_of(people: People) -> dict[str, Person]:
    """Return people by number, those given by their status alone included. Raises: ValueError for an unknown one."""
    return {number: p if isinstance(p, Person) else _person(p) for number, p in people.items()}


def _person(status: str) -> Person:
    if status not in REACTIONS:
        raise ValueError(f"people react with one of {', '.join(REACTIONS)}, not {status!r}")
    return Person(status, rings_s=1.0) if status in {"busy", "failed"} else Person(status)

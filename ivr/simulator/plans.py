"""What a call meets beside the application: people who are dialled, queues and conferences."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

STATUSES = ("completed", "busy", "no-answer", "failed", "canceled")
REACTIONS = (*STATUSES, "declines", "mailbox")
BUSY_UNTIL = "busy until "
WORDS = f"{', '.join(REACTIONS)} or {BUSY_UNTIL}SECONDS"
SOON_S = 1.0
DECLINES_S = 2.0
MAILBOX_S = 180.0
"""How long a machine records before it hangs up."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be called.

    status: completed, busy, no-answer, failed or canceled. rings_s: before they react; talks_s: until they hang up.
    script: what they do while a document runs on their side, in the words of a scripted caller: `1`, `wait`, `hangup`.
    free_after_s: busy until so many seconds after these people were made known to a call or a phone.
    hangs_up_after_s: seconds after their answer, whatever they hear; None is never.
    replies: what they text back to the first message they receive, as STOP; '' is nothing.
    """

    status: str = "completed"
    rings_s: float = 4.0
    talks_s: float = 30.0
    script: str = ""
    free_after_s: float = 0.0
    hangs_up_after_s: float | None = None
    replies: str = ""

    def reaction(self, longest_s: float, at: float) -> tuple[str, float]:
        """Return how they react to a call at a time, and after how many seconds of ringing."""
        if at < self.free_after_s:
            return "busy", SOON_S
        if self.status == "no-answer" or self.rings_s > longest_s:
            return "no-answer", longest_s
        return self.status, self.rings_s


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


BUSY = Person("busy", rings_s=SOON_S)
People = Mapping[str, str | Person]


def people_of(people: People, at: float = 0.0) -> dict[str, Person]:
    """Return people by number, those given by a word included. at: phone time, from which `free_after_s` counts.

    Raises: ValueError for an unknown word.
    """
    made = {number: p if isinstance(p, Person) else person_of(p) for number, p in people.items()}
    return {n: replace(p, free_after_s=at + p.free_after_s) if p.free_after_s else p for n, p in made.items()}


def person_of(word: str) -> Person:
    """Return the person that a word describes: a status, `declines`, `mailbox` or `busy until 60`. Raises: ValueError.

    Who answers presses 1 at the first Gather on their side. Who declines hangs up two seconds after the answer. A
    mailbox presses nothing, and hangs up after three minutes.
    """
    match word:
        case "completed":
            return Person(script="1")
        case "busy" | "failed":
            return Person(word, rings_s=SOON_S)
        case "no-answer" | "canceled":
            return Person(word)
        case "declines":
            return Person(hangs_up_after_s=DECLINES_S)
        case "mailbox":
            return Person(talks_s=MAILBOX_S, hangs_up_after_s=MAILBOX_S)
        case _:
            return Person(script="1", free_after_s=_seconds(word))


def _seconds(word: str) -> float:
    seconds = word.removeprefix(BUSY_UNTIL)
    if seconds == word or not seconds.strip().replace(".", "", 1).isdecimal():
        raise ValueError(f"people react with {WORDS}, not {word!r}")
    return float(seconds)

"""How much work waits: counted once in a while for all consoles, and shown beside the navigation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import request

from ivr.bootstrap import Answerline, answerline
from ivr.console.desk import NEEDS, blueprint, me, now, signed_in
from ivr.console.shared import Shared, shared
from ivr.db.console.work.counts import Counts, Waits, count_work
from ivr.db.console.work.missed import MissedCall, missed_calls
from ivr.flow import PERSON, Hold, Transfer
from ivr.line import Line
from ivr.service_errors import ServiceError

FRESH_S: Final = 5.0
NEVER_CLOSED: Final = timedelta(hours=24)  # how far back a team looks that never goes home


@dataclass(frozen=True)
class Job:
    """A work list. endpoint: its page."""

    title: str
    endpoint: str
    icon: str
    about: str


JOBS: Final = (
    Job("Voicemails", "console.work_messages", "voicemail", "Messages that nobody has heard"),
    Job("Missed calls", "console.work_missed", "telephone-x", "Callers who found nobody, and left nothing"),
    Job("Callbacks", "console.work_callbacks", "telephone-outbound", "Calls that the line has promised"),
    Job("Locked accounts", "console.work_locks", "lock", "Closed to callers after wrong PINs"),
    Job("Failed texts", "console.work_texts", "chat-left-text", "Text messages that could not be sent"),
    Job("Failed events", "console.work_events", "box-arrow-up-right", "What your own systems have not taken"),
    Job("Follow-ups", "console.work_follow_ups", "flag", "Calls that somebody has to come back to"),
    Job("Assigned to me", "console.work_mine", "person-check", "Calls that colleagues have given you"),
)


@dataclass(frozen=True)
class Work:
    """What waits, all lists together."""

    counts: Counts
    missed: Waits

    def of(self, endpoint: str, name: str) -> Waits:
        """Return what waits in a list. name: of the colleague who asks."""
        counts = self.counts
        return {
            "console.work_messages": counts.messages,
            "console.work_missed": self.missed,
            "console.work_callbacks": counts.callbacks,
            "console.work_locks": counts.locks,
            "console.work_texts": counts.texts,
            "console.work_events": counts.events,
            "console.work_follow_ups": counts.follow_ups,
            "console.work_mine": counts.assigned.get(name, Waits(0)),
        }[endpoint]


def my_work() -> list[tuple[Job, Waits]]:
    """List the work lists that somebody may open, and what waits in each. Raises: ServiceError."""
    work = _work().get()
    return [(job, work.of(job.endpoint, me().name)) for job in JOBS if me().may(NEEDS[job.endpoint] or me().role)]


def work_has_changed() -> None:
    """Count again before the next page is shown."""
    _work().forget()


@blueprint.app_context_processor
def badges() -> dict[str, Any]:
    """Give every page the number of what waits. A page is shown without it where it cannot be counted."""
    if request.blueprint != blueprint.name or not signed_in():
        return {}
    try:
        total = sum(waits.many for _, waits in my_work())
    except ServiceError:
        return {}
    return {"badges": {"console.work": total}}


def missed_since(line: Answerline, since: datetime | None = None) -> list[MissedCall]:
    """List missed calls since each department's team last went home, or since a time."""
    known = line.departments.current()
    closings = {name: since or each.hours.last_closing(now()) or now() - NEVER_CLOSED for name, each in known.items()}
    closings[""] = closings.get(PERSON, since or now() - NEVER_CLOSED)
    return missed_calls(line.reads.primary, closings, on_the_way(line.line))


def on_the_way(line: Line) -> list[str]:
    """Name the nodes at which a caller is on the way to a person: rings, waits, or leaves something instead."""
    there: set[str] = set()
    for at, node in line.nodes():
        if isinstance(node, Transfer | Hold):
            there.add(at.flow)
        if isinstance(node, Hold):
            there.update(option.to for option in node.options if option.to in line.flows)
    return [f"{at.flow}.{at.node}" for at, _ in line.nodes() if at.flow in there]


def _work() -> Shared[Work]:
    return shared("work", _count, FRESH_S)


def _count() -> Work:
    line = answerline()
    missed = missed_since(line)
    return Work(
        counts=count_work(line.reads.primary, now()),
        missed=Waits(len(missed), missed[0].first_at if missed else None),
    )

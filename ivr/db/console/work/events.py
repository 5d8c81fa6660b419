"""Events that a company's own systems have not taken."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, text

from ivr.db.console.audit import Act, record
from ivr.db.console.work import MOST
from ivr.db.database import reading, writing
from ivr.db.event_queue import wait_again
from ivr.db.models.events import EventRow
from ivr.events import EventState

GIVEN_UP = text("events.state = 'dead'")  # a constant, as in its index


@dataclass(frozen=True)
class FailedEvent:
    """An event that was given up. error: why, the last time."""

    id: int
    at: datetime
    type: str
    endpoint: str
    account_id: str | None
    call_sid: str | None
    attempts: int
    error: str


def failed_events(engine: Engine) -> list[FailedEvent]:
    """List events that were given up, and that nobody has seen to, oldest first."""
    waiting = select(EventRow).where(GIVEN_UP, EventRow.done_at.is_(None))
    with reading(engine) as session:
        return [
            FailedEvent(r.id, r.created_at, r.type, r.endpoint, r.account_id, r.call_sid, r.attempts, r.error or "")
            for r in session.scalars(waiting.order_by(EventRow.created_at, EventRow.id).limit(MOST))
        ]


def retry_event(engine: Engine, number: int, who: str, now: datetime) -> bool:
    """Send an event again, and tell its address things again; False where it is not given up."""
    with writing(engine) as session:
        row = session.get(EventRow, number, with_for_update=True)
        if row is None or row.state is not EventState.DEAD:
            return False
        wait_again(session, row, now)
        record(session, now, who, Act.EVENT_RETRIED, row.event_id, type=row.type, endpoint=row.endpoint)
        return True


def done_with_event(engine: Engine, number: int, who: str, now: datetime) -> bool:
    """Note that a failed event was seen to in another way; False where it was before, or has not failed."""
    with writing(engine) as session:
        row = session.get(EventRow, number, with_for_update=True)
        if row is None or row.state is not EventState.DEAD or row.done_at is not None:
            return False
        row.done_at, row.done_by = now, who
        record(session, now, who, Act.EVENT_DONE, row.event_id, type=row.type, endpoint=row.endpoint)
        return True

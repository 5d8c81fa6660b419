"""Text messages that were given up."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from ivr.call import masked
from ivr.clock import Clock
from ivr.db.console.audit import Act, record
from ivr.db.console.work import MOST
from ivr.db.database import reading, writing
from ivr.db.models.calls import CallRow
from ivr.db.models.texts import TextRow
from ivr.db.text_queue import TextQueue
from ivr.text import Purpose, TextState

DEAD = text("texts.state = 'dead'")  # a constant, as in its index


@dataclass(frozen=True)
class FailedText:
    """A text that the carrier would not take. error: why, the last time."""

    id: int
    at: datetime
    number: str = field(repr=False)
    body: str = field(repr=False)
    purpose: Purpose
    call_sid: str
    attempts: int
    error: str
    simulated: bool


def failed_texts(engine: Engine) -> list[FailedText]:
    """List texts that were given up, and that nobody has seen to, oldest first."""
    query = (
        select(TextRow, CallRow.simulated)
        .outerjoin(CallRow, CallRow.sid == TextRow.call_sid)
        # A text whose days are over has lost its number and its words: nothing can be done about it any more.
        .where(DEAD, TextRow.done_at.is_(None), TextRow.to_number > "")
        .order_by(TextRow.created_at, TextRow.id)
        .limit(MOST)
    )
    with reading(engine) as session:
        return [
            FailedText(
                row.id,
                row.created_at,
                row.to_number,
                row.body,
                row.purpose,
                row.call_sid,
                row.attempts,
                row.error or "",
                bool(simulated),
            )
            for row, simulated in session.execute(query)
        ]


def retry_text(engine: Engine, clock: Clock, number: int, who: str) -> str:
    """Send a failed text again from the start. Returns '' or, where that cannot be, why."""

    def note(session: Session) -> None:
        row = session.get_one(TextRow, number)
        told = {"text": number, "number": masked(row.to_number)}
        record(session, clock.now(), who, Act.TEXT_RETRIED, row.call_sid, **told)

    return TextQueue(engine, clock).retry(number, note)


def done_with_text(engine: Engine, number: int, who: str, now: datetime) -> bool:
    """Note that a failed text was seen to in another way; False where it was before, or has not failed."""
    with writing(engine) as session:
        row = session.get(TextRow, number, with_for_update=True)
        if row is None or row.state is not TextState.DEAD or row.done_at is not None:
            return False
        row.done_at, row.done_by = now, who
        record(session, now, who, Act.TEXT_DONE, row.call_sid, text=row.id, number=masked(row.to_number))
        return True

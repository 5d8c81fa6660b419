"""Voicemails to be heard: listed, heard, done with, deleted, fetched again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, exists, or_, select
from sqlalchemy.orm import Session

from ivr.call import masked
from ivr.db.calls import SqlCallLog
from ivr.db.console.audit import Act, record
from ivr.db.console.tables import AuditRow
from ivr.db.console.work import MOST
from ivr.db.database import reading, writing
from ivr.db.models.calls import CallRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.messages import MessageState

# What makes a message wait for staff; a query has its call beside it, where there is one.
TO_BE_HEARD = (
    VoicemailRow.done_at.is_(None),
    VoicemailRow.state != MessageState.DISCARDED,
    # Neither sent nor deleted while its caller is on the line: they may still delete it.
    or_(VoicemailRow.state == MessageState.SENT, CallRow.sid.is_(None), CallRow.ended_at.is_not(None)),
)
# A player asks for a message in pieces: who has begun to listen goes on for a while.
LISTENING = timedelta(minutes=10)


@dataclass(frozen=True)
class WaitingMessage:
    """A message to be heard. is_here: its sound can be played. stuck: why it has not been fetched, and is tried again.

    gone: the carrier has no such recording. transcript: null where nobody has written it down; '' where nothing was
    understood.
    """

    id: int
    at: datetime
    call_sid: str
    caller: str
    department: str
    topic: str
    account_number: str | None
    seconds: int | None
    transcript: str | None
    is_here: bool
    stuck: str
    gone: bool
    kept_until: datetime
    simulated: bool


def waiting_messages(engine: Engine, limit: int = MOST) -> list[WaitingMessage]:
    """List messages that nobody has done with, oldest first; those being recorded just now are left out."""
    query = (
        select(VoicemailRow, CallRow.simulated)
        .outerjoin(CallRow, CallRow.sid == VoicemailRow.call_sid)
        .where(*TO_BE_HEARD)
        .order_by(VoicemailRow.at, VoicemailRow.id)
    )
    with reading(engine) as session:
        return [_waiting(row, simulated=bool(simulated)) for row, simulated in session.execute(query.limit(limit))]


def sound_of(engine: Engine, number: int, who: str, now: datetime) -> str | None:
    """Return where the sound of a message is stored, and note who listens; None where there is none."""
    with writing(engine) as session:
        row = session.get(VoicemailRow, number)
        if row is None or row.stored is None:
            return None
        same = (AuditRow.subject == row.call_sid, AuditRow.act == Act.LISTENED, AuditRow.who == who)
        if not session.scalar(select(exists().where(*same, AuditRow.at > now - LISTENING))):
            record(session, now, who, Act.LISTENED, row.call_sid, message=row.id, caller=masked(row.caller))
        return row.stored


def done_with_message(engine: Engine, number: int, who: str, now: datetime) -> bool:
    """Note that a message has been attended to; False where somebody did before, or there is none."""
    with writing(engine) as session:
        row = _held(session, number)
        if row is None or row.done_at is not None:
            return False
        row.done_at, row.done_by = now, who
        record(session, now, who, Act.MESSAGE_DONE, row.call_sid, message=row.id)
        return True


def delete_message(engine: Engine, calls: SqlCallLog, number: int, who: str, now: datetime) -> bool:
    """Have a message deleted, here and at the carrier; the worker does it. False where it has been before."""
    with writing(engine) as session:
        row = _held(session, number)
        if row is None or row.state is MessageState.DISCARDED:
            return False
        row.state, row.next_try_at, row.attempts = MessageState.DISCARDED, now, 0
        row.done_at, row.done_by = row.done_at or now, row.done_by or who
        record(session, now, who, Act.MESSAGE_DELETED, row.call_sid, message=row.id, caller=masked(row.caller))
        session.flush()
        calls.message_left(session.connection(), row.call_sid, now)
        return True


def fetch_again(engine: Engine, number: int, who: str, now: datetime) -> bool:
    """Have a message fetched now that could not be fetched before; False where there is nothing to fetch."""
    with writing(engine) as session:
        row = _held(session, number)
        if row is None or row.fetched_at is not None or row.deleted_at_carrier is not None or row.error is None:
            return False
        row.next_try_at, row.attempts = now, 0
        record(session, now, who, Act.MESSAGE_RETRIED, row.call_sid, message=row.id)
        return True


def _held(session: Session, number: int) -> VoicemailRow | None:
    return session.get(VoicemailRow, number, with_for_update=True)


def _waiting(row: VoicemailRow, *, simulated: bool) -> WaitingMessage:
    fetched, gone = row.fetched_at is not None, row.fetched_at is None and row.deleted_at_carrier is not None
    return WaitingMessage(
        id=row.id,
        at=row.at,
        call_sid=row.call_sid,
        caller=row.caller,
        department=row.department,
        topic=row.topic,
        account_number=row.account_number,
        seconds=row.seconds,
        transcript=row.transcript,
        is_here=row.stored is not None,
        stuck="" if fetched else row.error or "",
        gone=gone,
        kept_until=row.kept_until,
        simulated=simulated,
    )

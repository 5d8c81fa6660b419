"""Calls that somebody is to come back to: for a follow-up, or since they were assigned to a colleague."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ivr.call import Disposition
from ivr.db.console.audit import Act, record
from ivr.db.console.tables import CallFactsRow, MarkRow
from ivr.db.console.work import MOST
from ivr.db.database import reading, storable, writing


class Mark(StrEnum):
    """What staff have done with a call that was on a list."""

    SEEN = "missed call seen to"
    FOLLOWED_UP = "followed up"
    GIVEN_BACK = "done with what was assigned"


@dataclass(frozen=True)
class MarkedCall:
    """A call that was marked. marked_at, by: when, and by whom."""

    sid: str
    at: datetime
    caller: str
    account_number: str | None
    disposition: Disposition | None
    duration_s: int | None
    assigned_to: str | None
    follow_up: bool
    marked_at: datetime
    by: str
    simulated: bool


def marked_calls(engine: Engine, assigned_to: str = "") -> list[MarkedCall]:
    """List calls to be followed up, or assigned to somebody, by when they were marked."""
    wanted = MarkRow.assigned_to == assigned_to if assigned_to else MarkRow.follow_up.is_(True)
    query = (
        select(MarkRow, CallFactsRow)
        .join(CallFactsRow, CallFactsRow.sid == MarkRow.call_sid)
        .where(wanted)
        .order_by(MarkRow.at, MarkRow.call_sid)
        .limit(MOST)
    )
    with reading(engine) as session:
        return [_marked(mark, facts) for mark, facts in session.execute(query)]


def mark_call(engine: Engine, sid: str, mark: Mark, who: str, now: datetime) -> bool:
    """Note what was done with a call; False where there is nothing to do, or no such call."""
    with writing(engine) as session:
        row = session.get(MarkRow, storable(sid), with_for_update=True) or _new(session, storable(sid))
        if row is None or not _changes(row, mark, who):
            return False
        row.at, row.who = now, who
        session.add(row)
        record(session, now, who, Act.CALL_ATTENDED, row.call_sid, done=mark)
        return True


def _new(session: Session, sid: str) -> MarkRow | None:
    if session.get(CallFactsRow, sid) is None:
        return None
    return MarkRow(call_sid=sid, reason="", follow_up=False, seen=False)


def _changes(row: MarkRow, mark: Mark, who: str) -> bool:
    match mark:
        case Mark.SEEN:
            changes, row.seen = not row.seen, True
        case Mark.FOLLOWED_UP:
            changes, row.follow_up = row.follow_up, False
        case Mark.GIVEN_BACK:
            changes = row.assigned_to == who
            row.assigned_to = None if changes else row.assigned_to
    return changes


def _marked(mark: MarkRow, facts: CallFactsRow) -> MarkedCall:
    return MarkedCall(
        sid=facts.sid,
        at=facts.started_at,
        caller=facts.caller,
        account_number=facts.account_number,
        disposition=facts.disposition,
        duration_s=facts.duration_s,
        assigned_to=mark.assigned_to,
        follow_up=mark.follow_up,
        marked_at=mark.at,
        by=mark.who,
        simulated=facts.simulated,
    )

"""Calls whose end the carrier never told: closed as lost, so that no call goes on for ever."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from ivr.call import Call
from ivr.db.calls import SqlCallLog
from ivr.db.database import reading
from ivr.db.models.calls import CallRow
from ivr.db.waiting_room import SqlWaitingRoom

log = logging.getLogger("answerline")
LOST = "lost"
# Twice the longest time that a call can go on without a word to us: two people talk for two hours at most.
SILENT = timedelta(hours=4)


def sweep(engine: Engine, calls: SqlCallLog, waiting: SqlWaitingRoom, now: datetime) -> int:
    """Close the calls that nothing has been heard of for `SILENT`, and return how many.

    A call is closed at the moment it was last heard of, with no length: nobody knows how long it went on. A final
    status that comes after all changes nothing. Raises: ServiceError where the database does not answer.
    """
    query = select(CallRow).where(CallRow.ended_at.is_(None), CallRow.started_at < now - SILENT)
    with reading(engine) as session:
        found = [(row.sid, row.caller, row.called, _heard_of(row)) for row in session.scalars(query)]
    lost = [each for each in found if each[-1] < now - SILENT]
    for sid, caller, called, at in lost:
        calls.ended(Call(sid, caller, called), LOST, None, at)
        waiting.hangs_up(sid)
        log.warning("call %s: the carrier never told of its end; closed as lost", sid)
    return len(lost)


def _heard_of(row: CallRow) -> datetime:
    return datetime.fromisoformat(row.pending["at"]) if row.pending else row.started_at

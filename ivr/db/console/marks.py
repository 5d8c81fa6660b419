"""What staff make of a call: its disposition corrected, given to a colleague, flagged to come back to."""

import hashlib
from datetime import datetime

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from ivr.call import Disposition
from ivr.clock import Clock
from ivr.db.console.audit import Act, record
from ivr.db.console.tables import CallFactsRow, MarkRow, StaffRow
from ivr.db.database import lock, storable, writing
from ivr.db.models.calls import CallRow


class StaleError(Exception):
    """Somebody has changed the same thing meanwhile; nothing was written."""


class MissingError(LookupError):
    """There is no such call, note or colleague; the message says which."""


class NotNowError(ValueError):
    """It cannot be done to this call as it is; the message is one sentence."""


def version_of(mark: MarkRow | None) -> str:
    """Name what is marked at a call, so that a form can tell whether it is still what its reader saw."""
    if mark is None:
        return "-"
    marked = (mark.corrected, mark.reason, mark.assigned_to, mark.follow_up)
    return hashlib.sha256(repr(marked).encode()).hexdigest()[:16]


class SqlMarks:
    """Marks calls. Each method takes the version that was seen, and raises StaleError where there is another one.

    who: staff name, for the audit log. All raise MissingError for a call that is not there.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def correct(self, sid: str, seen: str, to: Disposition | None, reason: str, who: str) -> None:
        """Correct a call's disposition; None takes the correction back. The row it is searched by follows.

        Raises: NotNowError for a call that goes on.
        """
        now = self._clock.now()
        with writing(self._engine) as session:
            call, mark = self._open(session, sid, seen, now, who)
            if call.ended_at is None:
                raise NotNowError("This call is still going on: its disposition is known when it has ended.")
            before = mark.corrected or call.disposition
            mark.corrected, mark.reason = to, storable(reason) if to else ""
            now_is = to or call.disposition
            session.execute(update(CallFactsRow).where(CallFactsRow.sid == call.sid).values(disposition=now_is))
            record(session, now, who, Act.CALL_CORRECTED, call.sid, before=before, after=now_is, reason=reason[:200])

    def assign(self, sid: str, seen: str, to: str | None, who: str) -> None:
        """Give a call to a colleague; None takes it back."""
        now = self._clock.now()
        with writing(self._engine) as session:
            call, mark = self._open(session, sid, seen, now, who)
            works = select(StaffRow.id).where(StaffRow.name == storable(to or ""), StaffRow.disabled_at.is_(None))
            if to and session.scalar(works) is None:
                raise MissingError("There is no such colleague.")
            mark.assigned_to = to
            record(session, now, who, Act.CALL_ASSIGNED, call.sid, to=to)

    def flag(self, sid: str, seen: str, who: str, *, follow_up: bool) -> None:
        """Flag a call to come back to, or note that this is done."""
        now = self._clock.now()
        with writing(self._engine) as session:
            call, mark = self._open(session, sid, seen, now, who)
            mark.follow_up = follow_up
            record(session, now, who, Act.CALL_ASSIGNED, call.sid, follow_up=follow_up)

    def _open(self, session: Session, sid: str, seen: str, now: datetime, who: str) -> tuple[CallRow, MarkRow]:
        """Find what is marked at a call, and hold it; it is what the form was about, or nothing is written."""
        sid = storable(sid)
        lock(session, f"mark {sid}")
        call = session.get(CallRow, sid)
        if call is None or call.leg is not None:
            raise MissingError("There is no such call.")
        mark = session.get(MarkRow, sid)
        if version_of(mark) != seen:
            raise StaleError
        if mark is None:
            mark = MarkRow(call_sid=sid, reason="", follow_up=False, seen=False)
            session.add(mark)
        mark.at, mark.who = now, who
        return call, mark

"""Notes on calls: every version is kept, and the newest one is current."""

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ivr.clock import Clock
from ivr.db.console.audit import Act, record
from ivr.db.console.marks import MissingError, StaleError
from ivr.db.console.tables import NoteRow
from ivr.db.database import lock, storable, writing
from ivr.db.models.calls import CallRow


class NotYoursError(Exception):
    """A note is changed by who wrote it, and by nobody else."""


class SqlNotes:
    """Writes notes. who: staff name."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def add(self, sid: str, body: str, who: str) -> None:
        """Add a note. Raises: MissingError where there is no such call. The same one twice in a row is one."""
        now, sid, body = self._clock.now(), storable(sid), storable(body)
        with writing(self._engine) as session:
            lock(session, f"mark {sid}")
            if session.get(CallRow, sid) is None:
                raise MissingError("There is no such call.")
            last = session.scalar(select(NoteRow).where(NoteRow.call_sid == sid).order_by(NoteRow.id.desc()).limit(1))
            if last is not None and (last.who, last.body, last.current) == (who, body, True):
                return  # the button was pressed twice
            note = NoteRow(call_sid=sid, at=now, who=who, body=body)
            session.add(note)
            session.flush()
            record(session, now, who, Act.NOTED, sid, note=note.id)

    def change(self, sid: str, version_id: int, body: str, who: str) -> None:
        """Write another version of one's own note; '' takes it away. version_id: id of the version that was seen.

        Raises: MissingError; NotYoursError; StaleError where that version is not the newest.
        """
        now, sid, body = self._clock.now(), storable(sid), storable(body)
        with writing(self._engine) as session:
            lock(session, f"mark {sid}")
            seen = self._find(session, sid, version_id)
            if seen.who != who:
                raise NotYoursError
            if not seen.current:
                raise StaleError
            if seen.body == body:
                return
            seen.current = False
            first = seen.first_id or seen.id
            session.add(NoteRow(call_sid=sid, first_id=first, at=now, who=who, body=body))
            record(session, now, who, Act.NOTED, sid, note=first, change="taken away" if not body else "edited")

    def _find(self, session: Session, sid: str, version_id: int) -> NoteRow:
        note = session.get(NoteRow, version_id) if version_id < 2**63 else None
        if note is None or note.call_sid != sid:
            raise MissingError("There is no such note.")
        return note

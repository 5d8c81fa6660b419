"""The outbox of events: written in one transaction with what they tell of, one row for each address, and sent later.

Events of an account go in the order in which they happened; those without one, in the order of their call. Whoever
writes about a subject keeps the next one waiting to the end of the transaction, so the order of ids is the order of
what was committed. Nothing else is locked after that, so nobody waits in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row, Table, bindparam, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ivr.accounts import Account, Change
from ivr.call import withheld
from ivr.db.call_statements import CALLS, MAIL
from ivr.db.database import lock, storable, writing
from ivr.db.models.events import EventRow
from ivr.events import (
    BY_STAFF,
    AccountChanged,
    AccountChangeUndone,
    By,
    CallEnded,
    Event,
    EventState,
    VoicemailLeft,
    body,
    iso,
    of_callback,
)
from ivr.messages import MessageState
from ivr.waiting import Place

EVENTS = cast("Table", EventRow.__table__)
_CALL = select(CALLS.c.simulated, CALLS.c.state).where(CALLS.c.sid == bindparam("of"))
# A message is left when it is sent, or when its call is over; one of a call that we never saw, at once.
_LEFT = (
    select(MAIL)
    .outerjoin(CALLS, CALLS.c.sid == MAIL.c.call_sid)
    .where(
        MAIL.c.call_sid == bindparam("of"),
        MAIL.c.state != MessageState.DISCARDED,
        or_(MAIL.c.state == MessageState.SENT, CALLS.c.sid.is_(None), CALLS.c.ended_at.is_not(None)),
    )
)


@dataclass(frozen=True)
class SqlEvents:
    """Writes events. endpoints: whom to tell; none: nothing is written. numbers: tell numbers of callers, too.

    simulated: tell of calls that nobody made, too.
    """

    dialect: str = "sqlite"
    endpoints: Sequence[str] = ()
    numbers: bool = True
    simulated: bool = False

    def write(
        self,
        connection: Connection,
        event: Event,
        at: datetime,
        *,
        key: str = "",
        call_sid: str = "",
        account_id: str | None = None,
        hold_s: float = 0.0,
    ) -> None:
        """Write an event in somebody's transaction, as the last thing in it.

        key: of what happened, where that may be told of twice. call_sid: '' where it happened in none. account_id: left
        out, the one that the caller has proved. hold_s: nothing is sent before that.
        """
        if not self.endpoints:
            return
        known = connection.execute(_CALL, {"of": storable(call_sid)}).one_or_none() if call_sid else None
        simulated = bool(known and known.simulated)
        if simulated and not self.simulated:
            return
        account_id = account_id or (known.state.get("account_id") if known else None)
        common = {"account_id": account_id, "call_sid": call_sid or None, "simulated": simulated}
        subject = storable(f"account:{account_id}" if account_id else f"call:{call_sid}")
        lock(connection, f"events of {subject}")
        row = {
            "event_id": f"msg_{uuid4().hex}",
            "key": storable(key) or uuid4().hex,
            "type": event.TYPE,
            "subject": subject,
            "account_id": account_id,
            "call_sid": storable(call_sid) or None,
            "body": body(event, at, common),
            "created_at": at,
            "next_try_at": at + timedelta(seconds=hold_s),
            "state": EventState.WAITING,
            "attempts": 0,
        }
        connection.execute(self._put, [{**row, "endpoint": endpoint} for endpoint in self.endpoints])

    def withdraw(self, connection: Connection, key: str) -> None:
        """Take back what has been written, and is still held."""
        if self.endpoints:
            waits = (EVENTS.c.key == key, EVENTS.c.state == EventState.WAITING)
            connection.execute(delete(EVENTS).where(*waits))

    # What happens on the line.

    def changed(self, session: Session, account: Account, change: Change) -> None:
        """Tell of a change, in its transaction."""
        kind = AccountChanged if change.kind.undo else AccountChangeUndone
        staff = change.call_sid.startswith(BY_STAFF)
        event = kind(change.kind.value, change.code, By.STAFF if staff else By.CALLER)
        session.flush()
        key = f"change/{account.id}/{change.key}"
        sid = "" if staff else change.call_sid
        self.write(session.connection(), event, change.at, key=key, call_sid=sid, account_id=account.id)

    def messages_left(self, connection: Connection, call_sid: str, at: datetime) -> None:
        """Tell of messages of a call that have been left by now, each once."""
        if not self.endpoints:
            return
        for row in connection.execute(_LEFT, {"of": storable(call_sid)}):
            self.write(connection, self._message(row), at, key=f"voicemail/{row.recording_sid}", call_sid=row.call_sid)

    def ended(self, connection: Connection, call_sid: str, at: datetime) -> None:
        """Tell of a call that is over, and of the messages left in it. at: when that became known."""
        if not self.endpoints:
            return
        row = connection.execute(select(CALLS).where(CALLS.c.sid == storable(call_sid))).one_or_none()
        if row is None or row.ended_at is None or row.leg is not None:
            return
        self.messages_left(connection, call_sid, at)
        over = CallEnded(iso(row.started_at), iso(row.ended_at), row.duration_s, row.status, row.disposition)
        self.write(connection, over, row.ended_at, key=f"call/{call_sid}", call_sid=call_sid)

    def callback(self, connection: Connection, before: Place | None, after: Place, at: datetime) -> None:
        """Tell of what a step of a place in line means for a callback."""
        event = of_callback(before, after, self._number(after.number))
        if event is not None:
            self.write(connection, event, at, call_sid=after.call_sid)

    def put_change(self, engine: Engine, account: Account, change: Change) -> None:
        """Tell of a change that an account system of others has made. Raises: ServiceError."""
        if self.endpoints:
            with writing(engine) as session:
                self.changed(session, account, change)

    def _message(self, row: Row[Any]) -> Event:
        return VoicemailLeft(row.id, row.department, row.topic, row.seconds, self._number(row.caller))

    def _number(self, number: str) -> str | None:
        return number if self.numbers and not withheld(number) else None

    @cached_property
    def _put(self) -> Any:
        upsert = postgresql.insert if self.dialect == "postgresql" else sqlite.insert
        return upsert(EVENTS).on_conflict_do_nothing()


NOBODY = SqlEvents()

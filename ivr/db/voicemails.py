"""Callers' messages, as the webhooks write them: in any order, and as often as the carrier likes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ivr.call import Recorded
from ivr.clock import Clock
from ivr.db.call_statements import MAIL
from ivr.db.calls import SqlCallLog
from ivr.db.database import storable, writing
from ivr.db.models.voicemails import VoicemailRow
from ivr.messages import Message, MessageState

SETTLING_S = 30.0  # the carrier writes a recording that long; its callback tells when it is there
ABSENT = "the carrier has no recording"


class SqlMailbox:
    """Messages in the database. Every method raises ServiceError where that does not answer.

    days: how long a message is kept.
    """

    def __init__(self, engine: Engine, calls: SqlCallLog, clock: Clock, days: int) -> None:
        self._engine, self._calls, self._clock, self._days = engine, calls, clock, days

    def keep(self, message: Message, *, instead_of: str = "") -> None:
        """Keep a message, sent or not, in place of another one of the same call."""
        with writing(self._engine) as session:
            row = self._row(session, message)
            for name, value in _known(message).items():
                setattr(row, name, value)
            old = _find(session, instead_of) if instead_of else None
            if old is not None and old.state is MessageState.RECORDED:
                self._discard(old)
            self._note(session, message.call_sid)

    def send(self, recording_sid: str) -> None:
        """Note that the caller wants this message to be heard."""
        with writing(self._engine) as session:
            row = _find(session, recording_sid)
            if row is not None and row.state is MessageState.RECORDED:
                row.state = MessageState.SENT
                self._note(session, row.call_sid)

    def discard(self, recording_sid: str) -> None:
        """Delete a message that was not sent: the worker does it, here and at the carrier."""
        with writing(self._engine) as session:
            row = _find(session, recording_sid)
            if row is not None and row.state is MessageState.RECORDED:
                self._discard(row)

    def reported(self, call_sid: str, recorded: Recorded, status: str) -> None:
        """Take the carrier's word about a recording; its call may never have told us of it, or tell us later.

        status: `completed`: it can be fetched. `absent` or `failed`: there is none.
        """
        if status == "completed":
            progress = self._calls.load(call_sid)
            message = Message.of(progress.call, recorded) if progress else Message(recorded.sid, call_sid)
            self._written(message, recorded)
        else:
            self._absent(recorded.sid)

    def _written(self, message: Message, recorded: Recorded) -> None:
        with writing(self._engine) as session:
            row = self._row(session, message)
            row.seconds = row.seconds or recorded.seconds
            if not row.seconds:  # a recording of nothing
                row.state = MessageState.DISCARDED
            if row.fetched_at is None:
                row.deleted_at_carrier = None  # we may have tried to delete it before it was there
            row.next_try_at, row.attempts = self._clock.now(), 0
            self._note(session, message.call_sid)

    def _absent(self, recording_sid: str) -> None:
        with writing(self._engine) as session:
            row = _find(session, recording_sid)
            if row is not None and row.fetched_at is None:
                row.error, row.next_try_at, row.deleted_at_carrier = ABSENT, None, self._clock.now()

    def _row(self, session: Session, message: Message) -> VoicemailRow:
        """Find a message's row, or make one, and hold it to the end of the transaction."""
        now = self._clock.now()
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        new = {
            **_known(message),
            "recording_sid": message.recording_sid,
            "state": MessageState.RECORDED,
            "at": now,
            "attempts": 0,
            "next_try_at": now + timedelta(seconds=SETTLING_S),
            "kept_until": now + timedelta(days=self._days),
        }
        session.execute(insert(MAIL).on_conflict_do_nothing(), new)
        row = _find(session, message.recording_sid)
        assert row is not None  # noqa: S101 rows go after weeks, and this transaction holds it
        return row

    def _discard(self, row: VoicemailRow) -> None:
        row.state = MessageState.DISCARDED
        row.next_try_at, row.attempts = self._clock.now(), 0

    def _note(self, session: Session, call_sid: str) -> None:
        session.flush()
        self._calls.message_left(session.connection(), call_sid, self._clock.now())


def _find(session: Session, recording_sid: str) -> VoicemailRow | None:
    query = select(VoicemailRow).where(VoicemailRow.recording_sid == recording_sid).with_for_update()
    return session.scalars(query).one_or_none()


def _known(message: Message) -> Mapping[str, Any]:
    return {
        "call_sid": storable(message.call_sid),
        "department": message.department,
        "topic": message.topic,
        "caller": storable(message.caller),
        "account_number": message.account_number,
        "seconds": message.seconds,
    }

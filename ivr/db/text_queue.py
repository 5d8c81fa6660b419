"""Texts on their way to the carrier: claimed, sent, tried again, given up. Beside `outbox`, which writes them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, or_, select, update
from sqlalchemy.orm import Session

from ivr.clock import Clock
from ivr.db import claims
from ivr.db.console.holds import held, of_held_call
from ivr.db.database import reading, writing
from ivr.db.models.texts import TextRow
from ivr.db.outbox import lock_number, stop, stopped
from ivr.text import StopSource, TextState

RETRY_S = (60, 300, 1800, 7200, 14_400, 21_600, 28_800)  # after each failure; the eighth is the last, after 21 hours
TRIES = len(RETRY_S) + 1
KILLER = "every worker that tried to send it was killed"


@dataclass(frozen=True)
class TextTask:
    """A text to be sent, claimed. failures: so far. claim: proves that it is still ours."""

    id: int
    to: str = field(repr=False)
    body: str = field(repr=False)
    failures: int
    claim: str


class TextQueue:
    """Hands out texts, the most overdue first. Its methods raise ServiceError where the database does not answer."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def claim(self) -> TextTask | None:
        """Take the next text that is due; None when there is none. Nobody else is given it meanwhile."""
        now = self._clock.now()
        waiting = select(TextRow).where(TextRow.state == TextState.WAITING, claims.due(TextRow, now))
        with writing(self._engine) as session:
            in_order = waiting.order_by(TextRow.next_try_at, TextRow.id)
            row = claims.take_living(session, in_order, now, TRIES, lambda dead: _settle(dead, TextState.DEAD, KILLER))
            return TextTask(row.id, row.to_number, row.body, row.attempts, row.claim or "") if row else None

    def sent(self, task: TextTask, message_sid: str) -> None:
        """Note that the carrier has taken a text."""
        with writing(self._engine) as session:
            row = claims.held(session, TextRow, task.id, task.claim)
            if row is not None:
                _settle(row, TextState.SENT, None)
                row.message_sid = message_sid

    def failed(self, task: TextTask, error: str) -> None:
        """Note why a text could not be sent: it is tried again later, in the end no more."""
        with writing(self._engine) as session:
            row = claims.held(session, TextRow, task.id, task.claim)
            if row is not None and not claims.failed(row, task.failures, error, RETRY_S, self._clock.now()):
                _settle(row, TextState.DEAD, error)

    def dead(self, task: TextTask, error: str) -> None:
        """Give a text up, until staff say otherwise."""
        with writing(self._engine) as session:
            row = claims.held(session, TextRow, task.id, task.claim)
            if row is not None:
                row.attempts = task.failures + 1
                _settle(row, TextState.DEAD, error)

    def refused_by_receiver(self, task: TextTask, error: str) -> None:
        """Note that the receiver has told the carrier to stop: nothing more goes to this number."""
        with writing(self._engine) as session:
            stop(session, task.to, StopSource.CARRIER, self._clock.now())
            session.execute(update(TextRow).where(TextRow.id == task.id).values(error=error))

    def retry(self, number: int, also: Callable[[Session], None] | None = None) -> str:
        """Send a dead text again from the start. Returns '' or, where that cannot be, why.

        also: what is written in the same transaction.
        """
        with writing(self._engine) as session:
            if (row := session.get(TextRow, number)) is None:
                return "there is no such text"
            lock_number(session, row.to_number)
            session.refresh(row, with_for_update=True)
            if row.state is not TextState.DEAD:
                return f"it is {row.state.value}, not dead"
            if not row.to_number:
                return "its number and its words have been removed, as their days are over"
            if stopped(session, row.to_number):
                return "its receiver has said STOP"
            row.state, row.attempts, row.next_try_at = TextState.WAITING, 0, self._clock.now()
            row.done_at = row.done_by = None
            if also is not None:
                also(session)
            return ""

    def forget(self, before: datetime) -> None:
        """Remove numbers and words of texts written before a time, but of those still to be sent, and those on hold."""
        on_hold = or_(held(TextRow.to_number), of_held_call(TextRow.call_sid))
        old = (TextRow.to_number > "", TextRow.created_at <= before, TextRow.state != TextState.WAITING, ~on_hold)
        with reading(self._engine) as session:  # mostly there is nothing, and no reason to keep a caller waiting
            if session.scalar(select(TextRow.id).where(*old).limit(1)) is None:
                return
        with writing(self._engine) as session:
            words = {"to_number": "", "body": ""}
            query = update(TextRow).where(*old).values(words)
            session.execute(query.execution_options(synchronize_session=False))


def _settle(row: TextRow, state: TextState, error: str | None) -> None:
    row.state, row.error = state, error
    claims.release(row, None)

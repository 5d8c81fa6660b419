"""The outbox of text messages: a text is written in one transaction with what it tells of, and sent later.

What may be sent is decided there and then: not after STOP, and not more than so many a day. Everything about one
number waits for one lock, so that two calls at once cannot both write the last text of the day.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from ivr.clock import Clock
from ivr.db.database import lock, reading, storable, writing
from ivr.db.models.texts import TextRow, TextStopRow
from ivr.text import DAILY, Purpose, StopSource, Text, Texting, TextState

DAY = timedelta(hours=24)


class SqlOutbox:
    """Texts in the database. Its methods raise ServiceError where that does not answer.

    textable: says of a number alone whether it can be sent a text, and why not.
    """

    def __init__(self, engine: Engine, clock: Clock, textable: Callable[[str], Texting]) -> None:
        self._engine, self._clock, self._textable = engine, clock, textable

    def possible(self, to: str) -> Texting:
        """Say whether an answer could be sent to a number now."""
        verdict = self._textable(to)
        if verdict is not Texting.POSSIBLE:
            return verdict
        with reading(self._engine) as session:
            return _room(session, to, Purpose.ANSWER, self._clock.now())

    def put(self, text: Text) -> Texting:
        """Write a text in a transaction of its own."""
        with writing(self._engine) as session:
            return self.write(session, text)

    def write(self, session: Session, text: Text) -> Texting:
        """Write a text in somebody's transaction: if that is rolled back, there is no text."""
        verdict = self._textable(text.to)
        if verdict is not Texting.POSSIBLE:
            return verdict
        lock_number(session, text.to)
        key, now = storable(text.key), self._clock.now()
        if session.scalar(select(TextRow.id).where(TextRow.key == key)) is not None:
            return Texting.POSSIBLE
        verdict = _room(session, text.to, text.purpose, now)
        if verdict is Texting.POSSIBLE:
            row = TextRow(
                key=key,
                to_number=text.to,
                body=text.body,
                purpose=text.purpose,
                call_sid=storable(text.call_sid),
                created_at=now,
                state=TextState.WAITING,
                next_try_at=now,
            )
            session.add(row)
        return verdict

    def stop(self, number: str, source: StopSource, at: datetime | None = None) -> None:
        """Send this number nothing more, not even what is waiting. at: when that was wanted; None for now."""
        with writing(self._engine) as session:
            stop(session, number, source, at or self._clock.now())

    def resume(self, number: str, at: datetime | None = None) -> None:
        """Send this number texts again, from the next one on; not where they were stopped after `at`, None for now."""
        with writing(self._engine) as session:
            lock_number(session, number)
            row = session.get(TextStopRow, storable(number))
            if row is not None and row.at <= (at or self._clock.now()):
                session.delete(row)


def stop(session: Session, number: str, source: StopSource, at: datetime) -> None:
    """Note that a number wants no texts, and suppress what is waiting for it."""
    number = storable(number)
    lock_number(session, number)
    row = session.get(TextStopRow, number)
    if row is None:
        session.add(TextStopRow(number=number, at=at, source=source))
    else:
        row.at = max(row.at, at)  # what was wanted last counts, in whatever order it is told
    session.execute(
        update(TextRow)
        .where(TextRow.to_number == number, TextRow.state == TextState.WAITING)
        .values(state=TextState.SUPPRESSED, next_try_at=None, claim=None, claimed_until=None)
    )


def stopped(session: Session, number: str) -> bool:
    """Say whether a number wants no texts."""
    return session.get(TextStopRow, number) is not None


def _room(session: Session, to: str, purpose: Purpose, now: datetime) -> Texting:
    if stopped(session, to):
        return Texting.STOPPED
    today = select(func.count()).where(
        TextRow.to_number == to, TextRow.purpose == purpose, TextRow.created_at > now - DAY
    )
    return Texting.POSSIBLE if (session.scalar(today) or 0) < DAILY[purpose] else Texting.ENOUGH


def lock_number(session: Session, number: str) -> None:
    """Make everybody else wait who writes or stops texts to this number."""
    lock(session, f"texts to {number}")

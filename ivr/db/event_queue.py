"""Events on their way to an address: claimed, sent, tried again, given up. Beside `event_outbox`, which writes them.

An event waits for the earlier ones of its subject that wait for the same address. One that is given up, or sent again
later, holds up nobody: a receiver goes by `timestamp`.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from ivr.clock import Clock
from ivr.db import claims
from ivr.db.database import reading, writing
from ivr.db.models.events import EndpointRow, EventRow
from ivr.events import EventState

# After each failure: the specification's example, three days in all.
RETRY_S = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
TRIES = len(RETRY_S) + 1
PATIENCE = timedelta(days=3)  # for what is not even tried: its address is disabled, or no longer in EVENTS_URL
JITTER = 0.2  # a pause is longer by up to this share, so that not all come back at once
REST_S = 30.0  # for an address that has too much to do, or does not answer
REST_MOST_S = 86_400.0
KILLER = "every worker that tried to send it was killed"
UNREACHABLE = "its address is disabled (410 Gone), or no longer in EVENTS_URL"
_DICE = random.SystemRandom()


@dataclass(frozen=True)
class EventTask:
    """An event to be sent, claimed. body: as it is signed. failures: so far. claim: proves that it is still ours."""

    id: int
    event_id: str
    type: str
    subject: str
    body: str = field(repr=False)
    failures: int
    claim: str


class EventQueue:
    """Hands out the events for one address, the most overdue first. Methods raise ServiceError as the database does.

    draw: returns a number from 0 to 1, by chance.
    """

    def __init__(self, engine: Engine, clock: Clock, endpoint: str, draw: Callable[[], float] = _DICE.random) -> None:
        self._engine, self._clock, self.endpoint, self._draw = engine, clock, endpoint, draw

    def claim(self) -> EventTask | None:
        """Take the next event that is due; None when there is none, or the address is told nothing now."""
        now, earlier = self._clock.now(), aliased(EventRow)
        waiting = and_(EventRow.state == EventState.WAITING, EventRow.endpoint == self.endpoint)
        before = and_(
            earlier.endpoint == EventRow.endpoint,
            earlier.subject == EventRow.subject,
            earlier.id < EventRow.id,
            earlier.state == EventState.WAITING,
        )
        query = select(EventRow).where(waiting, claims.due(EventRow, now), ~exists().where(before))
        in_order = query.order_by(EventRow.next_try_at, EventRow.id)
        with reading(self._engine) as session:  # mostly there is nothing, and no reason to keep a caller waiting
            if (
                self._is_resting(session, now)
                or session.scalar(in_order.with_only_columns(EventRow.id).limit(1)) is None
            ):
                return None
        with writing(self._engine) as session:
            row = claims.take_living(session, in_order, now, TRIES, lambda dead: _settle(dead, EventState.DEAD, KILLER))
            if row is None:
                return None
            return EventTask(row.id, row.event_id, row.type, row.subject, row.body, row.attempts, row.claim or "")

    def sent(self, task: EventTask) -> None:
        """Note that the receiver has taken an event."""
        with writing(self._engine) as session:
            row = claims.held(session, EventRow, task.id, task.claim)
            if row is not None:
                _settle(row, EventState.SENT, None)
                row.sent_at = self._clock.now()

    def failed(self, task: EventTask, error: str, wait_s: float | None = None) -> None:
        """Note why an event was not taken: it is tried again later, in the end no more.

        wait_s: the address is to be left alone for so long, or a little by 0; None: it is only this event.
        """
        now = self._clock.now()
        pauses = [max(wait_s or 0.0, pause * (1 + JITTER * self._draw())) for pause in RETRY_S]
        with writing(self._engine) as session:
            row = claims.held(session, EventRow, task.id, task.claim)
            if row is None:
                return
            if not claims.failed(row, task.failures, error, pauses, now):
                _settle(row, EventState.DEAD, error)
            if wait_s is not None:
                self._address(session).rest_until = now + timedelta(seconds=min(max(wait_s, REST_S), REST_MOST_S))

    def gone(self, task: EventTask, error: str) -> None:
        """Give an event up, and tell its address nothing more until somebody has it sent again."""
        with writing(self._engine) as session:
            row = claims.held(session, EventRow, task.id, task.claim)
            if row is not None:
                row.attempts = task.failures + 1
                _settle(row, EventState.DEAD, error)
                self._address(session).disabled_at = self._clock.now()

    def _is_resting(self, session: Session, now: datetime) -> bool:
        row = session.get(EndpointRow, self.endpoint)
        return row is not None and (row.disabled_at is not None or (row.rest_until or now) > now)

    def _address(self, session: Session) -> EndpointRow:
        row = session.get(EndpointRow, self.endpoint, with_for_update=True)
        if row is None:
            row = EndpointRow(url=self.endpoint)
            session.add(row)
        return row


def give_up_old(engine: Engine, now: datetime, endpoints: Sequence[str]) -> None:
    """Give up what has waited for days for an address that is disabled, or that is none of `endpoints`."""
    disabled = select(EndpointRow.url).where(EndpointRow.disabled_at.is_not(None))
    unreachable = or_(EventRow.endpoint.not_in(endpoints), EventRow.endpoint.in_(disabled))
    old = (EventRow.state == EventState.WAITING, EventRow.created_at <= now - PATIENCE, unreachable)
    with reading(engine) as session:
        if session.scalar(select(EventRow.id).where(*old).limit(1)) is None:
            return
    with writing(engine) as session:
        dead = {"state": EventState.DEAD, "next_try_at": None, "error": UNREACHABLE}
        session.execute(update(EventRow).where(*old).values(dead).execution_options(synchronize_session=False))


def wait_again(session: Session, row: EventRow, now: datetime) -> None:
    """Have an event sent again from the start, whatever became of it; its address is told things again."""
    row.state, row.attempts, row.next_try_at = EventState.WAITING, 0, now
    row.done_at = row.done_by = row.claim = row.claimed_until = None
    address = session.get(EndpointRow, row.endpoint, with_for_update=True)
    if address is not None:
        session.delete(address)


def _settle(row: EventRow, state: EventState, error: str | None) -> None:
    row.state, row.error = state, error
    claims.release(row, None)

"""What is to be done about messages, and who does it: each step is claimed by one worker for a while.

A step that is done twice does no harm: `ivr.db.claims`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, or_, select
from sqlalchemy.orm import Session

from ivr.clock import Clock
from ivr.db import claims
from ivr.db.console.holds import held, of_held_call
from ivr.db.database import writing
from ivr.db.models.voicemails import VoicemailRow
from ivr.messages import MessageState

LEASE_S = claims.LEASE_S
RETRY_S = (60.0, 300.0, 1800.0, 7200.0)  # after each failure, and then always the last
RETRY_LAST_S = 21_600.0


class Step(Enum):
    """What a message needs next."""

    FETCH = auto()
    DELETE_AT_CARRIER = auto()
    ERASE = auto()  # our own copy of a message that nobody wants
    TRANSCRIBE = auto()
    EXPIRE = auto()  # everything, as its time is over
    NONE = auto()


@dataclass(frozen=True)
class Task:
    """One step of one message, claimed. failures: of this step so far. claim: proves that it is still ours."""

    id: int
    step: Step
    recording_sid: str
    at: datetime
    caller: str
    stored: str | None
    on_carrier: bool
    failures: int
    claim: str


class VoicemailQueue:
    """Hands out steps, the most overdue first. steps: those this worker can do."""

    def __init__(self, engine: Engine, clock: Clock, steps: Collection[Step] = tuple(Step)) -> None:
        self._engine, self._clock, self._steps = engine, clock, frozenset(steps)

    def claim(self) -> Task | None:
        """Take the next step that is due; None when there is none. Nobody else is given it meanwhile."""
        now = self._clock.now()
        query = select(VoicemailRow).where(_due(now)).order_by(VoicemailRow.next_try_at, VoicemailRow.id)
        with writing(self._engine) as session:
            row = claims.take(session, query, now)
            if row is None:
                return None
            return Task(
                id=row.id,
                step=self._next(session, row, now),
                recording_sid=row.recording_sid,
                at=row.at,
                caller=row.caller,
                stored=row.stored,
                on_carrier=row.deleted_at_carrier is None,
                failures=row.attempts,
                claim=row.claim or "",
            )

    def done(self, task: Task, **changes: Any) -> None:
        """Note a step's result, unless its claim has run out and somebody else is at it. changes: columns."""
        now = self._clock.now()
        with writing(self._engine) as session:
            row = claims.held(session, VoicemailRow, task.id, task.claim)
            if row is None:
                return
            if task.step is Step.EXPIRE:
                session.delete(row)
                return
            for name, value in {
                "attempts": 0,
                "error": row.error if task.step is Step.NONE else None,
                **changes,
            }.items():
                setattr(row, name, value)
            claims.release(row, None if self._next(session, row, now) is Step.NONE else now)

    def failed(self, task: Task, error: str) -> None:
        """Note why a step could not be done; it is tried again later, for ever."""
        wait_s = RETRY_S[task.failures] if task.failures < len(RETRY_S) else RETRY_LAST_S
        with writing(self._engine) as session:
            row = claims.held(session, VoicemailRow, task.id, task.claim)
            if row is None:
                return
            claims.release(row, self._clock.now() + timedelta(seconds=wait_s))
            row.attempts, row.error = task.failures + 1, error

    def _next(self, session: Session, row: VoicemailRow, now: datetime) -> Step:
        session.flush()
        on_hold = session.scalar(select(VoicemailRow.id).where(VoicemailRow.id == row.id, _held())) is not None
        step = next_step(row, now, on_hold=on_hold)
        return step if step in self._steps else Step.NONE


def next_step(row: VoicemailRow, now: datetime, *, on_hold: bool = False) -> Step:
    """Say what a message needs next. on_hold: nothing of it may go."""
    wanted, fetched, at_carrier = (
        row.state is not MessageState.DISCARDED,
        row.fetched_at,
        row.deleted_at_carrier is None,
    )
    if not on_hold and row.kept_until <= now and (fetched or not wanted or not at_carrier):
        return Step.EXPIRE
    if at_carrier:
        if wanted and not fetched:
            return Step.FETCH
        return Step.NONE if on_hold and not fetched else Step.DELETE_AT_CARRIER
    if row.stored is None:
        return Step.NONE
    if not wanted:
        return Step.NONE if on_hold else Step.ERASE
    return Step.TRANSCRIBE if row.transcript is None else Step.NONE


def _due(now: datetime) -> ColumnElement[bool]:
    over = and_(
        ~_held(),
        VoicemailRow.kept_until <= now,
        VoicemailRow.next_try_at.is_(None),
        or_(
            VoicemailRow.fetched_at.is_not(None),
            VoicemailRow.deleted_at_carrier.is_not(None),
            VoicemailRow.state == MessageState.DISCARDED,
        ),
    )
    return and_(or_(VoicemailRow.next_try_at <= now, over), claims.free(VoicemailRow, now))


def _held() -> ColumnElement[bool]:
    return or_(held(VoicemailRow.caller, account=VoicemailRow.account_number), of_held_call(VoicemailRow.call_sid))

"""Work that is claimed: a row says what is due and when, and one worker at a time has it, for a while.

Claims are columns, not locks, so they are the same on every database and are held through something slow. A worker
that dies holds its claim until that runs out; then somebody else is given the work, which must do no harm.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import Session

from ivr.db.models.work import Claimed

LEASE_S = 300.0  # far more than the slowest step takes
Row = TypeVar("Row", bound=Claimed)


def free(row: type[Row], now: datetime) -> ColumnElement[bool]:
    """Rows that nobody is at."""
    return or_(row.claimed_until.is_(None), row.claimed_until <= now)


def due(row: type[Row], now: datetime) -> ColumnElement[bool]:
    """Rows that nobody is at, whose time has come."""
    return and_(row.next_try_at <= now, free(row, now))


def take(session: Session, query: Select[Row], now: datetime) -> Row | None:
    """Claim the first row of a query; None where there is none. `claim` of the row proves that it is still ours."""
    row = session.scalars(query.limit(1).with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    if row.claim is not None:  # whoever was at it has not come back: perhaps it is what killed them
        row.attempts += 1
    row.claim, row.claimed_until = uuid4().hex, now + timedelta(seconds=LEASE_S)
    return row


def take_living(
    session: Session, query: Select[Row], now: datetime, tries: int, give_up: Callable[[Row], object]
) -> Row | None:
    """Claim the first row that is not to be given up: one that has used up its tries, by killing whoever was at it."""
    while (row := take(session, query, now)) is not None:
        if row.attempts < tries:
            return row
        give_up(row)
        session.flush()
    return None


def failed(row: Claimed, failures: int, error: str, retry_s: Sequence[float], now: datetime) -> bool:
    """Note a failure, to be tried again; False where it was the last: the row is to be given up.

    failures: before this one. retry_s: pauses after each but the last.
    """
    row.attempts, row.error = failures + 1, error
    if failures >= len(retry_s):
        return False
    release(row, now + timedelta(seconds=retry_s[failures]))
    return True


def held(session: Session, kind: type[Row], number: int, claim: str) -> Row | None:
    """Return a row to write its result; None where the claim has run out and somebody else is at it."""
    row = session.get(kind, number, with_for_update=True)
    return row if row is not None and row.claim == claim else None


def release(row: Claimed, next_try_at: datetime | None) -> None:
    """Let go of a row, to be given out again at some time, or never."""
    row.claim = row.claimed_until = None
    row.next_try_at = next_try_at

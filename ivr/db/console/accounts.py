"""Accounts in the line's own database, as staff find and see them. What staff do to them: `account_acts`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Engine, Text, and_, cast, func, or_, select

from ivr.accounts import Plan
from ivr.db.console.audit import Act, record
from ivr.db.database import reading, storable, writing
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.db.models.pins import PinLockRow, PinTryRow
from ivr.pins import PinResult

NUMBER_DIGITS = 8
_DAY = timedelta(hours=24)


class Only(StrEnum):
    """Which accounts are listed, if not all."""

    LOCKED = "locked"
    NO_PIN = "no-pin"
    ENDING = "ending"


@dataclass(frozen=True)
class Listed:
    """An account in the list. locked_until: null for an open PIN."""

    row: AccountRow
    locked_until: datetime | None


@dataclass(frozen=True)
class Seen:
    """All there is to see of an account. changes: newest first. wrong_today: PINs that were wrong within 24 hours."""

    row: AccountRow
    changes: list[ChangeRow]
    wrong_today: int


def find(
    engine: Engine,
    now: datetime,
    text: str = "",
    *,
    phone: str = "",
    only: Only | None = None,
    after: str = "",
    limit: int = 50,
) -> list[Listed]:
    """List accounts by number.

    text: the beginning of an account number, or a part of a name or e-mail address; '' for all. phone: E.164, which the
    text may be as well. after: number of the last account of the page before.
    """
    lock = and_(PinLockRow.account_id == cast(AccountRow.id, Text), PinLockRow.locked_until > now)
    query = select(AccountRow, PinLockRow.locked_until).outerjoin(PinLockRow, lock)
    if text:
        query = query.where(or_(*_meant(storable(text), phone)))
    if only:
        query = query.where(_only(only))
    if after:
        query = query.where(AccountRow.account_number > storable(after))
    with reading(engine) as session:
        rows = session.execute(query.order_by(AccountRow.account_number).limit(limit))
        return [Listed(row, locked_until) for row, locked_until in rows]


def look(engine: Engine, now: datetime, number: str, who: str) -> Seen | None:
    """See an account, and write down who did; None where there is no such account."""
    with writing(engine) as session:
        row = session.scalar(select(AccountRow).where(AccountRow.account_number == storable(number)))
        if row is None:
            return None
        record(session, now, who, Act.ACCOUNT_SEEN, row.account_number)
        changes = select(ChangeRow).where(ChangeRow.account_id == row.id).order_by(ChangeRow.id.desc())
        wrong = select(func.count()).where(
            PinTryRow.account_id == str(row.id), PinTryRow.at > now - _DAY, PinTryRow.outcome != PinResult.CORRECT
        )
        return Seen(row, list(session.scalars(changes)), session.scalar(wrong) or 0)


def _meant(text: str, phone: str) -> list[ColumnElement[bool]]:
    digits = "".join(c for c in text if c not in " -.")
    meant = [AccountRow.phone == phone] if phone else []
    if digits.isascii() and digits.isdecimal() and len(digits) <= NUMBER_DIGITS:
        return [*meant, AccountRow.account_number.startswith(digits, autoescape=True)]
    for column in (AccountRow.name, AccountRow.email):
        meant.append(func.lower(column).contains(text.lower(), autoescape=True))
        meant.append(column.contains(text, autoescape=True))  # SQLite makes only A to Z small
    return meant


def _only(only: Only) -> ColumnElement[bool]:
    if only is Only.LOCKED:
        return PinLockRow.account_id.is_not(None)  # joined only while it is closed
    if only is Only.NO_PIN:
        return AccountRow.pin_hash.is_(None)
    return or_(
        and_(AccountRow.plan == Plan.TRIAL, AccountRow.cancels_at_trial_end),
        and_(AccountRow.plan != Plan.TRIAL, ~AccountRow.auto_renew),
    )

"""Legal holds: nothing of a caller's number, or of an account, goes by rule or by request until they are released."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from ivr.call import masked, withheld
from ivr.db.console.audit import Act, record
from ivr.db.console.tables import HoldRow
from ivr.db.database import lock, reading, storable, writing
from ivr.db.models.calls import CallRow

CALLER, ACCOUNT = "caller", "account"
REASON_MAX = 500
RETENTION = "retention"  # holds, purges and erasures wait for each other


class HoldError(ValueError):
    """A hold that cannot be; the message is one line for whoever asked for it."""


@dataclass(frozen=True)
class Hold:
    """A hold. kind: `caller` or `account`. value: the number. released_at: None while it is in force."""

    id: int
    kind: str
    value: str
    reason: str
    at: datetime
    who: str
    released_at: datetime | None
    released_by: str | None


def holds(engine: Engine, limit: int = 200) -> list[Hold]:
    """List holds: those in force first, then newest first."""
    query = select(HoldRow).order_by(HoldRow.released_at.is_not(None), HoldRow.id.desc()).limit(limit)
    with reading(engine) as session:
        return [_hold(row) for row in session.scalars(query)]


def hold(engine: Engine, at: datetime, who: str, *, kind: str, value: str, reason: str) -> None:
    """Place a hold. value: E.164, or eight digits of an account. Raises: HoldError."""
    reason = storable(reason).strip()
    if not 0 < len(reason) <= REASON_MAX:
        raise HoldError(f"A hold needs a reason, of at most {REASON_MAX} characters.")
    if kind == CALLER and withheld(value):
        raise HoldError("That is no telephone number. Write it with its country, like +1 415 555 0123.")
    if kind == ACCOUNT and not (value.isascii() and value.isdecimal() and len(value) == 8):  # noqa: PLR2004 as long
        raise HoldError("An account number has eight digits.")
    if kind not in {CALLER, ACCOUNT}:
        raise HoldError("A hold is on a caller's number or on an account.")
    with writing(engine) as session:
        lock(session, RETENTION)
        if is_held(session, **{kind: value}):
            raise HoldError("That is on hold already.")
        session.add(HoldRow(kind=kind, value=value, reason=reason, at=at, who=who))
        record(session, at, who, Act.HELD, _shown(kind, value), kind=kind)


def release(engine: Engine, at: datetime, who: str, hold_id: int, reason: str) -> bool:
    """Release a hold; False where it is not in force. Raises: HoldError without a reason."""
    reason = storable(reason).strip()
    if not 0 < len(reason) <= REASON_MAX:
        raise HoldError(f"A release needs a reason, of at most {REASON_MAX} characters.")
    with writing(engine) as session:
        lock(session, RETENTION)
        row = session.get(HoldRow, hold_id, with_for_update=True)
        if row is None or row.released_at is not None:
            return False
        row.released_at, row.released_by = at, who
        row.reason = f"{row.reason} / released: {reason}"
        record(session, at, who, Act.HOLD_RELEASED, _shown(row.kind, row.value), kind=row.kind)
        return True


def is_held(session: Session, caller: str = "", account: str = "") -> bool:
    """Say whether a number or an account is on hold."""
    which = or_(
        and_(HoldRow.kind == CALLER, HoldRow.value == storable(caller)),
        and_(HoldRow.kind == ACCOUNT, HoldRow.value == storable(account)),
    )
    return session.scalar(select(HoldRow.id).where(HoldRow.released_at.is_(None), which).limit(1)) is not None


def held(*callers: Any, account: Any = None) -> ColumnElement[bool]:
    """Rows of a number, or of an account, that is on hold: true or false, never null. callers, account: columns."""
    on_hold = [func.coalesce(column, "").in_(_values(CALLER)) for column in callers]
    if account is not None:
        on_hold.append(func.coalesce(account, "").in_(_values(ACCOUNT)))
    return or_(*on_hold)


def call_held() -> ColumnElement[bool]:
    """Calls on hold. What people were told whom the line rang stays with any hold: it names nobody."""
    somebody = exists().where(HoldRow.released_at.is_(None))
    return or_(held(CallRow.caller, account=CallRow.account_number), and_(CallRow.leg.is_not(None), somebody))


def of_held_call(call_sid: Any) -> ColumnElement[bool]:
    """Rows that belong to a call on hold. call_sid: their column."""
    return exists().where(CallRow.sid == call_sid, call_held())


def _values(kind: str) -> Any:
    return select(HoldRow.value).where(HoldRow.kind == kind, HoldRow.released_at.is_(None))


def _shown(kind: str, value: str) -> str:
    return masked(value) if kind == CALLER else value


def _hold(row: HoldRow) -> Hold:
    return Hold(row.id, row.kind, row.value, row.reason, row.at, row.who, row.released_at, row.released_by)

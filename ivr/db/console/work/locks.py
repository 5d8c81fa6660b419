"""Accounts whose PIN is closed after wrong tries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from ivr.call import masked
from ivr.db.console.work import MOST
from ivr.db.database import reading
from ivr.db.models.calls import CallRow
from ivr.db.models.pins import PinLockRow, PinTryRow
from ivr.db.pins import UNTIL_UNLOCKED
from ivr.pins import PinResult

RECENT = timedelta(hours=24)


@dataclass(frozen=True)
class LockedAccount:
    """An account that is closed. until: null where only staff can open it. closed_at, call_sid: the try that closed it.

    wrong: wrong tries within a day. from_: who made the last, masked; '' where that is not known.
    """

    account_id: str
    until: datetime | None
    closed_at: datetime | None
    call_sid: str
    wrong: int
    from_: str


def locked_accounts(engine: Engine, now: datetime) -> list[LockedAccount]:
    """List closed accounts: first those that only staff can open, then by when they open by themselves."""
    wrong = (
        select(func.count())
        .where(
            PinTryRow.account_id == PinLockRow.account_id,
            PinTryRow.checked,
            PinTryRow.outcome != PinResult.CORRECT,
            PinTryRow.at > now - RECENT,
        )
        .correlate(PinLockRow)
        .scalar_subquery()
    )
    query = (
        select(PinLockRow, PinTryRow.at, PinTryRow.call_sid, wrong, CallRow.caller)
        .outerjoin(PinTryRow, PinTryRow.id == PinLockRow.caused_by)
        .outerjoin(CallRow, CallRow.sid == PinTryRow.call_sid)
        .where(PinLockRow.locked_until > now)
        .order_by((PinLockRow.locked_until < UNTIL_UNLOCKED), PinTryRow.at, PinLockRow.account_id)
        .limit(MOST)
    )
    with reading(engine) as session:
        return [
            LockedAccount(
                account_id=row.account_id,
                until=None if row.locked_until == UNTIL_UNLOCKED else row.locked_until,
                closed_at=at,
                call_sid=sid or "",
                wrong=count,
                from_=masked(caller) if caller else "",
            )
            for row, at, sid, count, caller in session.execute(query)
        ]

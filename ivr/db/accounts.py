"""The account system that comes with the line: `Accounts` over the database."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select, update
from sqlalchemy.orm import Session

from ivr.accounts import Account, Change, ChangeKind, Plan, Refusal
from ivr.clock import Clock
from ivr.db.database import again, reading, storable, writing
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.pin_hash import PinHasher
from ivr.service_errors import ServiceError

CODE_DIGITS = 6
_NOBODY = "00000000"


class SqlAccounts:
    """Accounts in the line's own database, and the changes callers have made to them.

    Its methods raise ServiceError where the database does not answer. told: receives each change that is made, in its
    transaction, with the account as it became; whatever it writes is written with the change, or not at all.
    """

    def __init__(
        self,
        engine: Engine,
        hasher: PinHasher,
        clock: Clock,
        told: Callable[[Session, Account, Change], object] | None = None,
    ) -> None:
        self._engine = engine
        self._hasher = hasher
        self._clock = clock
        self._told = told

    @again
    def find(self, number: str) -> Account | None:
        """Find an account by its eight digits."""
        return self._one(AccountRow.account_number == number) if number.isascii() and number.isdecimal() else None

    @again
    def get(self, account_id: str) -> Account | None:
        """Read an account by its id, as it is now."""
        row_id = _row_id(account_id)
        return None if row_id is None else self._one(AccountRow.id == row_id)

    @again
    def by_phone(self, phone: str) -> Sequence[Account]:
        """List the accounts, two at most, that have this phone number on file."""
        if not (phone.startswith("+") and phone[1:].isascii() and phone[1:].isdecimal()):
            return ()
        with reading(self._engine) as session:
            rows = session.scalars(select(AccountRow).where(AccountRow.phone == phone).order_by(AccountRow.id).limit(2))
            return tuple(_account(row, _newest_change(session, row.id)) for row in rows.all())

    @again
    def check_pin(self, account_id: str | None, pin: str) -> bool:
        """Compare a PIN, with the same work whether there is anything to compare it with or not."""
        row_id = _row_id(account_id or "")
        with reading(self._engine) as session:
            query = select(AccountRow.account_number, AccountRow.pin_hash).where(AccountRow.id == (row_id or 0))
            row = session.execute(query).one_or_none()
        number, pin_hash = row or (_NOBODY, None)
        right = self._hasher.verify(pin_hash, number, pin)
        if right and pin_hash and self._hasher.is_old(pin_hash):
            self._hash_again(number, pin_hash, pin)
        return right

    @again
    def change(self, account_id: str, kind: ChangeKind, call_sid: str, key: str, today: date) -> Change | Refusal:
        """Make a change once, in one transaction, with the account as it was and as it became."""
        call_sid, key = storable(call_sid), storable(key)
        with writing(self._engine) as session:
            row_id = _row_id(account_id)
            row = None if row_id is None else session.get(AccountRow, row_id, with_for_update=True)
            if row is None:
                return Refusal.DOES_NOT_APPLY
            done = session.scalar(select(ChangeRow).where(ChangeRow.account_id == row.id, ChangeRow.key == key))
            if done is not None:
                return _change(done)
            newest = _newest_change(session, row.id)
            refusal = _account(row, newest).refusal(kind, today)
            if refusal is not None:
                return refusal
            before = _terms(row)
            _apply(row, kind)
            change = ChangeRow(
                account_id=row.id,
                code=_new_code(session, row.id),
                kind=kind,
                at=self._clock.now(),
                call_sid=call_sid,
                key=key,
                undoes=newest.code if newest and kind.undo is None else None,
                before=before,
                after=_terms(row),
            )
            session.add(change)
            if self._told:
                self._told(session, _account(row, change), _change(change))
            return _change(change)

    def record(self, number: str) -> tuple[AccountRow, list[ChangeRow]] | None:
        """Read all that staff may see of an account, with its changes, oldest first; None where there is none."""
        with reading(self._engine) as session:
            row = session.scalar(select(AccountRow).where(AccountRow.account_number == storable(number)))
            if row is None:
                return None
            query = select(ChangeRow).where(ChangeRow.account_id == row.id).order_by(ChangeRow.id)
            return row, list(session.scalars(query))

    def set_pin(self, number: str, pin: str, told: Callable[[Session, AccountRow], object] | None = None) -> bool:
        """Give an account a new PIN; False where there is no such account.

        told: receives the account as it still is, in the transaction; what it raises leaves the old PIN in place.
        """
        pin_hash = self._hasher.hash(number, pin)
        with writing(self._engine) as session:
            found = select(AccountRow).where(AccountRow.account_number == storable(number)).with_for_update()
            row = session.scalar(found)
            if row is None:
                return False
            if told:
                told(session, row)
            row.pin_hash = pin_hash
            return True

    def pins_on_old_pepper(self) -> int:
        """Count the PINs that only PIN_PEPPER_PREVIOUS can check."""
        if not self._hasher.mark:
            return 0
        old = ~AccountRow.pin_hash.startswith(self._hasher.mark)  # no PIN at all is neither
        with reading(self._engine, patient=True) as session:
            return session.scalar(select(func.count()).where(old)) or 0

    def telling(self, more: Callable[[Session, Account, Change], object]) -> "SqlAccounts":
        """Return the same accounts, which tell `more` of a change besides, in its transaction, and undo what it raises.

        Nobody is told again of a change that was made before under the same key.
        """

        def both(session: Session, account: Account, change: Change) -> None:
            if self._told:
                self._told(session, account, change)
            more(session, account, change)

        return SqlAccounts(self._engine, self._hasher, self._clock, both)

    def _hash_again(self, number: str, old: str, pin: str) -> None:
        """Have a PIN that was right hashed by the pepper of now; whoever set it meanwhile is not overwritten."""
        fresh = self._hasher.hash(number, pin)
        same = (AccountRow.account_number == number, AccountRow.pin_hash == old)
        with suppress(ServiceError), writing(self._engine) as session:  # another time: the PIN was right
            session.execute(update(AccountRow).where(*same).values(pin_hash=fresh))

    def _one(self, condition: ColumnElement[bool]) -> Account | None:
        # One statement, whether there is such an account or not: nobody may tell by the time it takes.
        newest = select(func.max(ChangeRow.id)).where(ChangeRow.account_id == AccountRow.id).correlate(AccountRow)
        query = select(AccountRow, ChangeRow).outerjoin(ChangeRow, ChangeRow.id == newest.scalar_subquery())
        with reading(self._engine) as session:
            found = session.execute(query.where(condition)).one_or_none()
            return None if found is None else _account(*found)


def _row_id(account_id: str) -> int | None:
    plain = account_id.isascii() and account_id.isdecimal() and len(account_id) <= 18  # noqa: PLR2004 a BIGINT
    return int(account_id) if plain else None


def _newest_change(session: Session, row_id: int) -> ChangeRow | None:
    newest = select(func.max(ChangeRow.id)).where(ChangeRow.account_id == row_id).scalar_subquery()
    return session.scalar(select(ChangeRow).where(ChangeRow.id == newest))


def _account(row: AccountRow, newest: ChangeRow | None) -> Account:
    return Account(
        id=str(row.id),
        number=row.account_number,
        name=row.name,
        plan=row.plan,
        seats=row.seats,
        trial_ends_on=row.trial_ends_on,
        paid_through=row.paid_through,
        auto_renew=row.auto_renew,
        cancels_at_trial_end=row.cancels_at_trial_end,
        last_change=_change(newest) if newest else None,
        phone=row.phone or "",
    )


def _change(row: ChangeRow) -> Change:
    return Change(code=row.code, kind=row.kind, at=row.at, call_sid=row.call_sid, key=row.key)


def _apply(row: AccountRow, kind: ChangeKind) -> None:
    if row.plan is Plan.TRIAL:
        row.cancels_at_trial_end = kind is ChangeKind.CANCEL_TRIAL
    else:
        row.auto_renew = kind is ChangeKind.UNDO_TURN_OFF_RENEWAL


def _terms(row: AccountRow) -> dict[str, Any]:
    return {
        "plan": row.plan.value,
        "trial_ends_on": row.trial_ends_on.isoformat() if row.trial_ends_on else None,
        "paid_through": row.paid_through.isoformat() if row.paid_through else None,
        "auto_renew": row.auto_renew,
        "cancels_at_trial_end": row.cancels_at_trial_end,
    }


def _new_code(session: Session, row_id: int) -> str:
    taken = set(session.scalars(select(ChangeRow.code).where(ChangeRow.account_id == row_id)))
    while (code := f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}") in taken:
        pass
    return code

"""What staff do to accounts: each with its reason and its row in the audit log, in one transaction."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ivr.accounts import Account, Accounts, Change, ChangeKind, Refusal
from ivr.clock import Clock
from ivr.db.accounts import SqlAccounts
from ivr.db.console.audit import Act, record
from ivr.db.database import writing
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.db.pins import SqlPins
from ivr.events import BY_STAFF


class StaleError(Exception):
    """Somebody else was faster: what is to be done is not what was shown. The message is a sentence for staff."""


@dataclass(frozen=True)
class AccountDesk:
    """Does things to accounts. who: staff name. reason: theirs.

    Where accounts are kept in another system, its changes cannot be written in a transaction of ours: the log has a row
    of what was asked for, before, and one of what came of it, after.
    """

    engine: Engine
    accounts: Accounts
    pins: SqlPins
    clock: Clock
    who: str
    reason: str

    def undo(self, account: Account, code: str, kind: ChangeKind) -> Change | Refusal:
        """Take back the change with this code by `kind`, as its caller could; the same again changes nothing.

        Raises: StaleError where another change is the newest by now.
        """
        today, key = self.clock.today(), f"console/undo/{code}"
        place = f"{BY_STAFF}{self.who}"
        if isinstance(self.accounts, SqlAccounts):
            told = self.accounts.telling(lambda session, _, change: self._undone(session, account, code, change))
            return told.change(account.id, kind, place, key, today)
        with writing(self.engine) as session:
            self._record(session, Act.CHANGE_UNDONE, account.number, undoes=code, state="asked for")
        done = self.accounts.change(account.id, kind, place, key, today)
        came_of_it = done.code if isinstance(done, Change) else done.value
        with writing(self.engine) as session:
            self._record(session, Act.CHANGE_UNDONE, account.number, undoes=code, came_of_it=came_of_it)
        return done

    def unlock(self, account: Account) -> bool:
        """Open a PIN again, and count tries from nothing; says whether it was closed."""
        was = self.pins.locked_until(account.id, self.clock.now()) is not None
        self.pins.unlock(
            account.id, lambda session: self._record(session, Act.ACCOUNT_UNLOCKED, account.number, was_locked=was)
        )
        return was

    def set_pin(self, accounts: SqlAccounts, number: str, pin: str, state: str) -> bool:
        """Give an account a PIN. state: `pin_state` as it was shown. False where there is no such account.

        Raises: StaleError where the PIN has been set meanwhile.
        """

        def told(session: Session, row: AccountRow) -> None:
            if pin_state(row.pin_hash) != state:
                raise StaleError(
                    "This PIN has been set meanwhile, perhaps by this very form. If nobody noted it, set another."
                )
            self._record(session, Act.PIN_SET, number, had_one=row.pin_hash is not None)

        return accounts.set_pin(number, pin, told)

    def _undone(self, session: Session, account: Account, code: str, change: Change) -> None:
        mine = select(ChangeRow.undoes).where(ChangeRow.account_id == int(account.id), ChangeRow.code == change.code)
        if session.scalar(mine) != code:
            raise StaleError("There has been another change since. Look at the account again.")
        self._record(session, Act.CHANGE_UNDONE, account.number, undoes=code, code=change.code)

    def _record(self, session: Session, act: Act, number: str, **detail: object) -> None:
        record(session, self.clock.now(), self.who, act, number, reason=self.reason, **detail)


def pin_state(pin_hash: str | None) -> str:
    """Name the PIN that an account has now, without telling anything of it: a form is good for this one only."""
    return hashlib.sha256((pin_hash or "").encode()).hexdigest()[:16]

"""Another account system, with an announcement of each change behind it: it cannot write in a transaction of ours."""

import logging
from collections.abc import Callable, Sequence
from datetime import date

from ivr.accounts import Account, Accounts, Change, ChangeKind, Refusal
from ivr.service_errors import ServiceError

log = logging.getLogger("answerline")


class AnnouncedAccounts:
    """Passes everything on, and tells of a change right after it was made.

    tell: each receives the account as it became, and the change; the same change may come twice.
    """

    def __init__(self, inner: Accounts, *tell: Callable[[Account, Change], object]) -> None:
        self._inner, self._tell = inner, tell

    def find(self, number: str) -> Account | None:
        """Find an account by its eight digits."""
        return self._inner.find(number)

    def get(self, account_id: str) -> Account | None:
        """Read an account by its id."""
        return self._inner.get(account_id)

    def by_phone(self, phone: str) -> Sequence[Account]:
        """List the accounts that have this phone number on file."""
        return self._inner.by_phone(phone)

    def check_pin(self, account_id: str | None, pin: str) -> bool:
        """Compare a PIN."""
        return self._inner.check_pin(account_id, pin)

    def change(self, account_id: str, kind: ChangeKind, call_sid: str, key: str, today: date) -> Change | Refusal:
        """Make a change, then tell of it. The change stands, and the caller hears so, even where telling fails."""
        done = self._inner.change(account_id, kind, call_sid, key, today)
        if isinstance(done, Change):
            for tell in self._tell:
                self._try_to(tell, account_id, done)
        return done

    def _try_to(self, tell: Callable[[Account, Change], object], account_id: str, done: Change) -> None:
        try:
            account = self._inner.get(account_id)
            if account is not None:
                tell(account, done)
        except ServiceError as error:
            log.warning("call %s: a change was made, and nobody is told by text or event: %s", done.call_sid, error)

"""An account system in memory: the example of `docs/accounts.md`, and the one that quick tests use."""

import hmac
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from ivr.accounts import Account, Change, ChangeKind, Plan, Refusal


class MemoryAccounts:
    """Keeps accounts in a dictionary, gone when the process ends.

    accounts: each account with its PIN; an empty PIN never matches. phones: E.164 number -> ids of its accounts.
    """

    def __init__(self, accounts: Iterable[tuple[Account, str]], phones: dict[str, Sequence[str]] | None = None) -> None:
        pairs = list(accounts)
        self._accounts = {account.id: account for account, _ in pairs}
        self._pins = {account.id: pin for account, pin in pairs}
        self._phones = phones or {}
        self._changes: dict[tuple[str, str], Change] = {}
        self._lock = threading.Lock()

    def find(self, number: str) -> Account | None:
        """Find an account by its eight digits."""
        return next((a for a in self._accounts.values() if a.number == number), None)

    def get(self, account_id: str) -> Account | None:
        """Read an account by its id."""
        return self._accounts.get(account_id)

    def by_phone(self, phone: str) -> Sequence[Account]:
        """List the accounts, two at most, that have this phone number on file."""
        return [self._accounts[account_id] for account_id in self._phones.get(phone, ())][:2]

    def check_pin(self, account_id: str | None, pin: str) -> bool:
        """Compare a PIN. A real system keeps hashes: see `ivr/pin_hash.py`."""
        known = self._pins.get(account_id or "", "")
        same = hmac.compare_digest(known.encode() or secrets.token_bytes(6), pin.encode())
        return same and bool(known)

    def change(self, account_id: str, kind: ChangeKind, call_sid: str, key: str, today: date) -> Change | Refusal:
        """Make a change once; `Account.refusal` knows when it does not fit."""
        with self._lock:
            done = self._changes.get((account_id, key))
            if done is not None:
                return done
            account = self._accounts.get(account_id)
            if account is None:
                return Refusal.DOES_NOT_APPLY
            refusal = account.refusal(kind, today)
            if refusal is not None:
                return refusal
            change = Change(self._new_code(account_id), kind, datetime.now(UTC), call_sid, key)
            if account.plan is Plan.TRIAL:
                account = replace(account, cancels_at_trial_end=kind is ChangeKind.CANCEL_TRIAL)
            else:
                account = replace(account, auto_renew=kind is ChangeKind.UNDO_TURN_OFF_RENEWAL)
            self._accounts[account_id] = replace(account, last_change=change)
            self._changes[account_id, key] = change
            return change

    def _new_code(self, account_id: str) -> str:
        taken = {change.code for (owner, _), change in self._changes.items() if owner == account_id}
        while (code := f"{secrets.randbelow(10**6):06d}") in taken:
            pass
        return code

"""Accounts and what the line changes of them, and the Protocol of an account system: `docs/accounts.md`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Protocol


class Plan(StrEnum):
    """What an account pays for."""

    TRIAL = "trial"
    MONTHLY = "monthly"
    ANNUAL = "annual"


class ChangeKind(StrEnum):
    """What the line can do to an account, each with its way back."""

    CANCEL_TRIAL = "cancel_trial"
    TURN_OFF_RENEWAL = "turn_off_renewal"
    UNDO_CANCEL_TRIAL = "undo_cancel_trial"
    UNDO_TURN_OFF_RENEWAL = "undo_turn_off_renewal"

    @property
    def undo(self) -> "ChangeKind | None":
        """The change that takes this one back; None where this is itself an undo."""
        return _UNDO.get(self)


_UNDO = {
    ChangeKind.CANCEL_TRIAL: ChangeKind.UNDO_CANCEL_TRIAL,
    ChangeKind.TURN_OFF_RENEWAL: ChangeKind.UNDO_TURN_OFF_RENEWAL,
}


@dataclass(frozen=True)
class Change:
    """One change made to an account by telephone.

    code: confirmation code, six digits. at: aware UTC. key: `Call.key` of the turn that made it.
    """

    code: str
    kind: ChangeKind
    at: datetime
    call_sid: str
    key: str


class Refusal(Enum):
    """Why an account system did not make a change. A refusal is an outcome, not an exception."""

    ALREADY = "it is already so"
    DOES_NOT_APPLY = "the account is of another kind"
    TOO_LATE = "the trial or the paid period is over"
    NOTHING_TO_UNDO = "no change of ours is in force"


@dataclass(frozen=True)
class Account:
    """An account as the line sees it. Never holds the PIN or its hash.

    id: the account system's own, opaque; not the number that callers key in. number: eight digits.
    trial_ends_on: last day of the trial. paid_through: last day already paid for. auto_renew: paid plans only.
    last_change: the newest change made by telephone, undone or not. phone: on file, E.164, to be told of changes; ''
    where there is none.
    """

    id: str
    number: str
    name: str
    plan: Plan
    seats: int = 1
    trial_ends_on: date | None = None
    paid_through: date | None = None
    auto_renew: bool = False
    cancels_at_trial_end: bool = False
    last_change: Change | None = None
    phone: str = field(default="", compare=False, repr=False)

    @property
    def last_day(self) -> date | None:
        """Last day of the trial or of the paid period; None where none is on file."""
        return self.trial_ends_on if self.plan is Plan.TRIAL else self.paid_through

    def refusal(self, kind: ChangeKind, today: date) -> Refusal | None:
        """Say why a change cannot be made today; None when it can. The rules of `Accounts.change`."""
        on_trial = self.plan is Plan.TRIAL
        fits = on_trial is (kind in {ChangeKind.CANCEL_TRIAL, ChangeKind.UNDO_CANCEL_TRIAL})
        stops = self.cancels_at_trial_end if on_trial else not self.auto_renew
        if kind.undo is None and not (fits and stops and self.last_change and self.last_change.kind.undo is kind):
            return Refusal.NOTHING_TO_UNDO
        if not fits:
            return Refusal.DOES_NOT_APPLY
        if self.last_day is not None and self.last_day < today:
            return Refusal.TOO_LATE
        return Refusal.ALREADY if stops and kind.undo else None


class Accounts(Protocol):
    """An account system. `docs/accounts.md` shows how to put the line in front of your own.

    Every method may raise ServiceError when the system cannot be reached.
    """

    def find(self, number: str) -> Account | None:
        """Find an account by the eight digits a caller keyed in; None where there is none, in the same time."""
        ...

    def get(self, account_id: str) -> Account | None:
        """Read an account by its id, as it is now."""
        ...

    def by_phone(self, phone: str) -> Sequence[Account]:
        """List the accounts that have this phone number (E.164) on file; at most two are needed."""
        ...

    def check_pin(self, account_id: str | None, pin: str) -> bool:
        """Compare a PIN, in the same time whether the account exists (or has a PIN) or not.

        account_id: None for an account that does not exist, or that may not be tried now: do the same work, say no.
        """
        ...

    def change(self, account_id: str, kind: ChangeKind, call_sid: str, key: str, today: date) -> Change | Refusal:
        """Make a change once: the same key again gives the stored Change and changes nothing.

        today: the company's calendar day. A trial or paid period lasts to the end of its last day.
        Refuses with ALREADY (already cancelled, renewal already off), DOES_NOT_APPLY (no trial, no paid plan),
        TOO_LATE (over before today), NOTHING_TO_UNDO (an undo without a change of ours that is in force).
        """
        ...

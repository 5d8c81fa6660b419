"""What is changed in an account by telephone, and taken back."""

from enum import Enum, auto

from ivr.accounts import Account, Change, ChangeKind, Plan, Refusal
from ivr.actions.proof import own_account
from ivr.call import Call
from ivr.service_errors import ServiceError
from ivr.services import Services


class Trial(Enum):
    """What can be done about a free trial."""

    RUNNING = auto()
    CANCELLED = auto()  # by telephone: it has a code, and can be taken back here
    CANCELLED_ELSEWHERE = auto()
    OVER = auto()
    NONE = auto()


def review_trial(call: Call, services: Services) -> tuple[Trial, Call]:
    """Look at the caller's trial before reading back what cancelling means."""
    account = own_account(call, services)
    if account.plan is not Plan.TRIAL:
        return Trial.NONE, call
    if account.trial_ends_on is None:
        raise ServiceError(f"trial account {account.id} has no last day")
    call = call.knows(ends_on=account.trial_ends_on.isoformat())
    if account.trial_ends_on < services.clock.today():
        return Trial.OVER, call
    if not account.cancels_at_trial_end:
        return Trial.RUNNING, call
    code = _code(account, ChangeKind.CANCEL_TRIAL)
    return (Trial.CANCELLED, call.knows(code=code)) if code else (Trial.CANCELLED_ELSEWHERE, call)


class Renewal(Enum):
    """What can be done about the renewal of a paid plan."""

    ON = auto()
    OFF = auto()  # by telephone: it has a code, and can be taken back here
    OFF_ELSEWHERE = auto()
    LAPSED = auto()
    NONE = auto()


def review_renewal(call: Call, services: Services) -> tuple[Renewal, Call]:
    """Look at the caller's paid plan before reading back what turning renewal off means."""
    account = own_account(call, services)
    if account.plan is Plan.TRIAL:
        return Renewal.NONE, call
    if account.paid_through is None:
        raise ServiceError(f"paid account {account.id} has no last day")
    call = call.knows(ends_on=account.paid_through.isoformat(), plan=account.plan.value)
    if account.paid_through < services.clock.today():
        return Renewal.LAPSED, call
    if account.auto_renew:
        return Renewal.ON, call
    code = _code(account, ChangeKind.TURN_OFF_RENEWAL)
    return (Renewal.OFF, call.knows(code=code)) if code else (Renewal.OFF_ELSEWHERE, call)


class Undo(Enum):
    """Which cancellation can be taken back."""

    TRIAL = auto()
    RENEWAL = auto()
    NOTHING = auto()


def review_undo(call: Call, services: Services) -> tuple[Undo, Call]:
    """Look for a cancellation of ours that has not taken effect yet."""
    if own_account(call, services).plan is Plan.TRIAL:
        trial, call = review_trial(call, services)
        return (Undo.TRIAL if trial is Trial.CANCELLED else Undo.NOTHING), call
    renewal, call = review_renewal(call, services)
    return (Undo.RENEWAL if renewal is Renewal.OFF else Undo.NOTHING), call


class Changed(Enum):
    """Whether a change was made now. REFUSED: the account has changed since it was read back."""

    DONE = auto()
    REFUSED = auto()


def cancel_trial(call: Call, services: Services) -> tuple[Changed, Call]:
    """Let the trial expire at its end, so that nothing is charged."""
    return _change(call, services, ChangeKind.CANCEL_TRIAL)


def turn_off_renewal(call: Call, services: Services) -> tuple[Changed, Call]:
    """Let the paid plan end with the paid period."""
    return _change(call, services, ChangeKind.TURN_OFF_RENEWAL)


def keep_trial(call: Call, services: Services) -> tuple[Changed, Call]:
    """Take a trial's cancellation back."""
    return _change(call, services, ChangeKind.UNDO_CANCEL_TRIAL)


def turn_on_renewal(call: Call, services: Services) -> tuple[Changed, Call]:
    """Take the turning off of a renewal back."""
    return _change(call, services, ChangeKind.UNDO_TURN_OFF_RENEWAL)


def _change(call: Call, services: Services, kind: ChangeKind) -> tuple[Changed, Call]:
    account = own_account(call, services)
    done = services.accounts.change(account.id, kind, call.sid, call.key, services.clock.today())
    match done:
        case Change():
            return Changed.DONE, call.knows(code=done.code)
        case Refusal():
            return Changed.REFUSED, call


def _code(account: Account, kind: ChangeKind) -> str:
    """Return the confirmation code of a change that is the newest one made by telephone; '' where it is not."""
    change = account.last_change
    return change.code if change and change.kind is kind else ""

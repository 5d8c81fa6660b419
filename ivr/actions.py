"""The business steps: what a call does to the world. Each returns an outcome, and the call as it now is."""

from dataclasses import replace
from enum import Enum, auto

from ivr.accounts import Account, Change, ChangeKind, Plan, Refusal
from ivr.call import Call, Disposition, Proof, withheld
from ivr.messages import Message
from ivr.pins import PinResult, PinTry
from ivr.service_errors import ServiceError
from ivr.services import Services

ORGANIZERS_ONLINE = 5  # more than these are sold and administered centrally, by sales


class Done(Enum):
    """What comes of a step that has one outcome."""

    DONE = auto()


class Team(Enum):
    """How many organizers a caller wants."""

    SMALL = auto()
    LARGE = auto()
    NONE = auto()


def team_size(call: Call, _services: Services, digits: str) -> tuple[Team, Call]:
    """Sort a number of organizers: up to five buy online, more go to sales."""
    organizers = int(digits)
    if organizers == 0:
        return Team.NONE, call
    return (Team.SMALL if organizers <= ORGANIZERS_ONLINE else Team.LARGE), call


class Reach(Enum):
    """How a department can be reached now. PROMISED: we are going to call this caller back."""

    AT_ONCE = auto()
    IN_LINE = auto()
    PROMISED = auto()
    CLOSED = auto()


def reach_sales(call: Call, services: Services) -> tuple[Reach, Call]:
    """Ask for sales, and take a place in their line."""
    return _reach("sales", call, services)


def reach_support(call: Call, services: Services) -> tuple[Reach, Call]:
    """Ask for global support, and take a place in their line."""
    return _reach("support", call, services)


def _reach(name: str, call: Call, services: Services) -> tuple[Reach, Call]:
    call = replace(call, department=name, offer="").knows(department=name)
    if not services.departments.current()[name].is_open(services.clock.now()):
        return Reach.CLOSED, call
    entry, offer = services.waiting.enter(call)
    return Reach[entry.name], replace(call, offer=offer)


def join_line(call: Call, services: Services) -> tuple[Done, Call]:
    """Wait on the line, in the place this call has had since it asked."""
    services.waiting.wait(call)
    return Done.DONE, replace(call, offer="")


class PinTries(Enum):
    """Whether this call, and this caller's number, may still try a PIN."""

    LEFT = auto()
    SPENT = auto()


def tries_left(call: Call, services: Services) -> tuple[PinTries, Call]:
    """Look whether the PIN tries of this call, or of this caller's number, are used up."""
    return (PinTries.SPENT if services.pins.spent(call.sid, call.caller) else PinTries.LEFT), call


class Recognised(Enum):
    """Whether the caller's number is on file with exactly one account."""

    ONE = auto()
    NONE = auto()


def recognise(call: Call, services: Services) -> tuple[Recognised, Call]:
    """Offer the account that has this caller's number on file. It saves typing; it proves nothing."""
    known = () if withheld(call.caller) else services.accounts.by_phone(call.caller)
    if len(known) != 1:
        return Recognised.NONE, call
    return Recognised.ONE, replace(call, claim=known[0].id).knows(ending=known[0].number[-2:])


class Claim(Enum):
    """There is one answer only: whether an account exists is never told before the PIN."""

    TAKEN = auto()


def claim_account(call: Call, services: Services, digits: str) -> tuple[Claim, Call]:
    """Remember which account the caller says is theirs: by its id, never by the digits they keyed in."""
    account = services.accounts.find(digits)
    return Claim.TAKEN, replace(call, claim=account.id if account else None)


def check_pin(call: Call, services: Services, digits: str) -> tuple[PinResult, Call]:
    """Check a PIN for the claimed account; a right one makes it the caller's account."""
    result = services.pins.check(PinTry(call.claim, call.caller, call.sid, call.key), digits)
    if result is not PinResult.CORRECT or call.claim is None:
        return result, call
    account = _account(services, call.claim)
    return result, replace(call, account_id=account.id, account_number=account.number)


def forget_account(call: Call, _services: Services) -> tuple[Done, Call]:
    """Let go of the account, and of the proof for it, so that the caller can name another one."""
    return Done.DONE, replace(call, proof=Proof.NONE, claim=None, account_id=None)


class Trial(Enum):
    """What can be done about a free trial."""

    RUNNING = auto()
    CANCELLED = auto()  # by telephone: it has a code, and can be taken back here
    CANCELLED_ELSEWHERE = auto()
    OVER = auto()
    NONE = auto()


def review_trial(call: Call, services: Services) -> tuple[Trial, Call]:
    """Look at the caller's trial before reading back what cancelling means."""
    account = _own_account(call, services)
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
    account = _own_account(call, services)
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
    if _own_account(call, services).plan is Plan.TRIAL:
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


class CallBack(Enum):
    """Where this caller can be called back. PROMISED: that is settled already."""

    PROMISED = auto()
    KNOWN = auto()
    ASK = auto()


def review_callback(call: Call, services: Services) -> tuple[CallBack, Call]:
    """Look which number we would call, and whether we are going to anyway."""
    call = replace(call, department=call.department or "support")
    call = call.knows(department=call.department)
    if promised := services.waiting.promised(call):
        return CallBack.PROMISED, call.knows(ending=promised[-2:])  # whoever shows this number hears no more of it
    if withheld(call.caller) or not _callable(call.caller, call, services):
        return CallBack.ASK, call
    return CallBack.KNOWN, call.knows(number=call.caller)


class MayCall(Enum):
    """Whether we may call a number."""

    YES = auto()
    NO = auto()


def callback_number(call: Call, services: Services, digits: str) -> tuple[MayCall, Call]:
    """Take another number to call back."""
    number = services.numbering.from_keys(digits)
    if number is None or not _callable(number, call, services):
        return MayCall.NO, call
    return MayCall.YES, call.knows(number=number)


def _callable(number: str, call: Call, services: Services) -> bool:
    """Say whether we call a number back: never one of the line's own, which would answer itself."""
    own = {number for department in services.departments.current().values() for number in department.numbers}
    return number not in {call.called, *own} and services.numbering.allowed(number)


class Booked(Enum):
    """When a callback comes: in its turn, or not before the department is back. TOO_MANY: not today."""

    SOON = auto()
    LATER = auto()
    TOO_MANY = auto()


def book_callback(call: Call, services: Services) -> tuple[Booked, Call]:
    """Promise a callback, in the place this call has in line."""
    if not services.waiting.book(call, call.facts["number"]):
        return Booked.TOO_MANY, call
    is_open = services.departments.current()[call.department].is_open(services.clock.now())
    return Booked.SOON if is_open else Booked.LATER, call.reached(Disposition.CALLBACK)


class Desk(Enum):
    """Which department a call is for."""

    SALES = auto()
    SUPPORT = auto()


def rejoin_line(call: Call, services: Services) -> tuple[Desk, Call]:
    """Wait on the line in the place of the callback, which is not made then."""
    services.waiting.rejoin(call)
    return Desk.SALES if call.department == "sales" else Desk.SUPPORT, call


def cancel_callback(call: Call, services: Services) -> tuple[Done, Call]:
    """Take back the callback that was promised to this caller."""
    services.waiting.cancel(call)
    return Done.DONE, call


class Reply(Enum):
    """Whether the carrier told a number that the caller can be called back at."""

    POSSIBLE = auto()
    NO_NUMBER = auto()


def can_reply(call: Call, _services: Services) -> tuple[Reply, Call]:
    """Look before the message is recorded, so that a caller with a withheld number can say one in it."""
    call = call.knows(department=call.department or "support")
    return (Reply.NO_NUMBER if withheld(call.caller) else Reply.POSSIBLE), call


def keep_message(call: Call, services: Services) -> tuple[Done, Call]:
    """Keep what was recorded, in place of what the caller recorded before it: who hangs up now has left it."""
    message = Message.of(call, call.recorded)
    instead_of = call.message if call.message != message.recording_sid else ""
    services.mailbox.keep(message, instead_of=instead_of)
    return Done.DONE, replace(call, message=message.recording_sid)


def send_message(call: Call, services: Services) -> tuple[Reply, Call]:
    """Send the message, and say whether it will be answered at the number of this call."""
    services.mailbox.send(call.message)
    sent = replace(call.reached(Disposition.VOICEMAIL), message="")
    return (Reply.NO_NUMBER if withheld(call.caller) else Reply.POSSIBLE), sent


def delete_message(call: Call, services: Services) -> tuple[Done, Call]:
    """Delete what was recorded, as the caller wants nobody to hear it."""
    services.mailbox.discard(call.message)
    return Done.DONE, replace(call, message="")


def _change(call: Call, services: Services, kind: ChangeKind) -> tuple[Changed, Call]:
    account = _own_account(call, services)
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


def _own_account(call: Call, services: Services) -> Account:
    if call.account_id is None:
        raise ServiceError("an account was asked for before the caller had proved whose it is")
    return _account(services, call.account_id)


def _account(services: Services, account_id: str) -> Account:
    account = services.accounts.get(account_id)
    if account is None:
        raise ServiceError(f"account {account_id} is gone")
    return account

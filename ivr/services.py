"""What the line needs from outside, as Protocols, and the bundle that carries them to the actions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any, Protocol

from ivr.call import Call, withheld
from ivr.departments import Departments, NoDepartments
from ivr.messages import Mailbox, Message
from ivr.text import NoOutbox, Outbox
from ivr.waiting import Outlook
from ivr.waiting_room import Entry, WaitingRoom


class ServiceError(Exception):
    """An outside system cannot be reached: the caller is told so and offered a person.

    What was asked of it was not done, and may be tried again later. Its two kinds say otherwise.
    """


class RefusedError(ServiceError):
    """An outside system has understood, and says no: the same request is never made again.

    code: its own error code, like 21610 where a receiver of texts has unsubscribed.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class UnknownOutcomeError(ServiceError):
    """Nobody can say whether it was done: the request went out, and what came back does not tell.

    Whoever asked decides whether twice is better than not at all.
    """


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


class PinResult(Enum):
    """What came of a try. Unknown account, wrong PIN and locked account are one and the same answer."""

    CORRECT = "correct"
    WRONG = "wrong"
    SPENT = "spent"  # as WRONG, and this call has no try left


@dataclass(frozen=True)
class PinTry:
    """One try at a PIN: who tries what, from where. Holds no digits.

    account_id: None where the account number is unknown. caller: as the carrier sent it. key: `Call.key`.
    """

    account_id: str | None
    caller: str
    call_sid: str
    key: str


class Pins(Protocol):
    """Counts tries and stands between a caller and `Accounts.check_pin`."""

    def check(self, attempt: PinTry, pin: str) -> PinResult:
        """Count the try, then compare. The same key again gives the first result and counts nothing."""
        ...

    def spent(self, call_sid: str, caller: str) -> bool:
        """Say whether this call, or this caller's number, has used up its tries; tells nothing of any account."""
        ...


class Clock(Protocol):
    """What time it is; a fake one in tests."""

    def now(self) -> datetime:
        """Now, aware UTC."""
        ...

    def today(self) -> date:
        """Today, by the company's calendar."""
        ...


class NoMailbox:
    """A line that keeps no messages."""

    def keep(self, message: Message, *, instead_of: str = "") -> None:
        """Refuse. Raises: ServiceError."""
        raise ServiceError(f"no mailbox for {message.recording_sid}{instead_of and f' instead of {instead_of}'}")

    def send(self, recording_sid: str) -> None:
        """Refuse. Raises: ServiceError."""
        raise ServiceError(f"no mailbox for {recording_sid}")

    def discard(self, recording_sid: str) -> None:
        """Refuse. Raises: ServiceError."""
        raise ServiceError(f"no mailbox for {recording_sid}")


class NoWaitingRoom:
    """A line on which nobody waits: callers are put through at once, or told that nobody could take the call."""

    def enter(self, call: Call) -> tuple[Entry, str]:
        """Put everybody through, and ask nobody first."""
        return Entry.AT_ONCE, call.offer

    def was_taken(self, call_sid: str) -> bool:
        """Believe the carrier."""
        return bool(call_sid)

    def hold(self, call_sid: str) -> Outlook | None:
        """Keep nobody."""
        del call_sid
        return None

    def left_by(self, call_sid: str) -> str:
        """Know of no key."""
        del call_sid
        return ""

    def leave(self, call_sid: str, key: str) -> bool:
        """Let everybody go."""
        return bool(call_sid or key)

    def _refuse(self, *_given: object, **_named: object) -> Any:
        raise ServiceError("nobody waits on this line")

    wait = book = promised = rejoin = cancel = offered = take = reach = drop = finish = _refuse


class Numbering(Protocol):
    """Which telephone numbers may be called back."""

    def allowed(self, number: str) -> bool:
        """Say whether we may call an E.164 number."""
        ...

    def from_keys(self, digits: str) -> str | None:
        """Make E.164 of what a caller keyed in; None where that is no number."""
        ...


class NoNumbering:
    """A line that calls nobody back but at the number they call from."""

    def allowed(self, number: str) -> bool:
        """Look at the form alone."""
        return not withheld(number)

    def from_keys(self, digits: str) -> str | None:
        """Take none."""
        del digits
        return None


@dataclass(frozen=True)
class Services:
    """Everything an action may reach.

    directory: telephone numbers that calls may be transferred to (E.164), by name. departments: groups of people, each
    with numbers of its own. Nothing else is ever dialled. written: answers as they are sent in a text message, by the
    answer's address.
    """

    accounts: Accounts
    pins: Pins
    clock: Clock
    directory: Mapping[str, str]
    departments: Departments = field(default_factory=NoDepartments)
    mailbox: Mailbox = field(default_factory=NoMailbox)
    waiting: WaitingRoom = field(default_factory=NoWaitingRoom)
    numbering: Numbering = field(default_factory=NoNumbering)
    outbox: Outbox = field(default_factory=NoOutbox)
    written: Mapping[str, str] = field(default_factory=dict[str, str])

    def numbers(self, name: str) -> tuple[str, ...]:
        """Return what is rung, in order, for a department or an entry of the directory."""
        department = self.departments.current().get(name)
        return department.numbers if department else (self.directory[name],)


@dataclass(frozen=True)
class Visit:
    """One wait of a call: what was said there, and what came of it.

    kind: the node's kind (`menu`, `ask`, `transfer`, `hold`, `record`, `meet`, `through`, `hangup`).
    prompts: ids of what was spoken, in order.
    values: what filled the fields of those prompts. input: keys, or dots for secrets. outcome: the edges walked
    from here, as the flow names them. ms: how long our webhook took to answer, in milliseconds. takes: what the wait
    makes of what a caller does (`edges.takes`), to be known again by another version of the flow; '' where not known.
    """

    at: datetime
    flow: str
    node: str
    kind: str
    prompts: tuple[str, ...]
    values: Mapping[str, str]
    input: str = ""
    outcome: str = ""
    ms: int = 0
    takes: str = ""


@dataclass(frozen=True)
class Progress:
    """A call between two webhooks: what is known, where it waits, and the answer last given."""

    call: Call
    waiting: Visit
    answer: str


class CallLog(Protocol):
    """Every call and every turn, durable before the carrier gets its answer."""

    def load(self, sid: str) -> Progress | None:
        """Read a call in progress; None where this CallSid is new."""
        ...

    def save(self, progress: Progress, finished: Visit | None) -> str:
        """Write a turn in one transaction and return the answer to give.

        progress: the call after the turn. finished: the visit that this turn ended; None on the first turn.
        When the same turn has been written already (a repeated webhook), nothing changes and the answer stored
        with it is returned: the caller hears one and the same thing.
        """
        ...

    def bridged(self, sid: str, number: str) -> None:
        """Note that a person at `number` has answered the transferred call."""
        ...

    def ended(self, call: Call, status: str, duration_s: int | None, at: datetime) -> None:
        """Close a call, once: later notices of the same end change nothing. Works for a call never seen before."""
        ...

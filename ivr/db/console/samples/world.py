"""What an invented call meets outside: accounts, PINs, a waiting room, a mailbox; nothing of it leaves the process."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from random import Random
from zoneinfo import ZoneInfo

from ivr.accounts import Account, Change, ChangeKind, Refusal
from ivr.call import Call, withheld
from ivr.memory_accounts import MemoryAccounts
from ivr.messages import Message, MessageState
from ivr.pins import PinResult, PinTry
from ivr.service_errors import ServiceError
from ivr.services import Services
from ivr.text import Text, Texting
from ivr.waiting_room import Ended, Entry

PIN, WRONG_PIN = "204816", "999999"
_TRIES = 3
_FAULTY = 0.004  # share of the requests that an account system does not answer
_AT_ONCE = 0.7  # share of the callers that somebody is free for


@dataclass
class Moment:
    """A clock that stands where it is put. zone: of the company's calendar."""

    time: datetime
    zone: ZoneInfo

    def now(self) -> datetime:
        """Now, aware UTC."""
        return self.time.astimezone(UTC)

    def today(self) -> date:
        """Today where the company is."""
        return self.time.astimezone(self.zone).date()


@dataclass
class Made:
    """A change made in an invented call. undoes: code of the change taken back; None where it is none."""

    account_id: str
    change: Change
    undoes: str | None


@dataclass
class Left:
    """What a call leaves behind beside its turns. messages: each with its state."""

    tries: list[tuple[PinTry, datetime, PinResult]] = field(default_factory=list[tuple[PinTry, datetime, PinResult]])
    messages: dict[str, tuple[Message, MessageState, datetime]] = field(
        default_factory=dict[str, tuple[Message, MessageState, datetime]]
    )
    texts: dict[str, tuple[Text, datetime]] = field(default_factory=dict[str, tuple[Text, datetime]])
    changes: list[Made] = field(default_factory=list[Made])


class World:
    """The outside of one call after the other. All customers have one PIN: `PIN`."""

    def __init__(self, customers: Iterable[Account], clock: Moment, rng: Random) -> None:
        known = list(customers)
        phones: dict[str, Sequence[str]] = {account.phone: [account.id] for account in known if account.phone}
        self._accounts = MemoryAccounts([(account, PIN) for account in known], phones)
        self.clock, self.rng = clock, rng
        self.room = _Room(rng)
        self.faulty = _FAULTY
        self.left = Left()

    def services(self, real: Services) -> Services:
        """Put this world in the place of the outside that changes; the rest stays the line's own."""
        return replace(real, accounts=self, pins=self, clock=self.clock, mailbox=self, waiting=self.room, outbox=self)

    # Accounts, as `ivr.accounts.Accounts` says.

    def find(self, number: str) -> Account | None:
        """Find an account."""
        return self._accounts.find(number)

    def get(self, account_id: str) -> Account | None:
        """Read an account, now and then in vain."""
        if self.rng.random() < self.faulty:
            raise ServiceError("the account system does not answer")
        return self._accounts.get(account_id)

    def get_now(self, account_id: str) -> Account:
        """Read an account as the calls have left it. Raises: KeyError where there is none."""
        account = self._accounts.get(account_id)
        if account is None:
            raise KeyError(account_id)
        return account

    def by_phone(self, phone: str) -> tuple[Account, ...]:
        """List the accounts of a number."""
        return tuple(self._accounts.by_phone(phone))

    def check_pin(self, account_id: str | None, pin: str) -> bool:
        """Compare a PIN."""
        return self._accounts.check_pin(account_id, pin)

    def change(self, account_id: str, kind: ChangeKind, call_sid: str, key: str, today: date) -> Change | Refusal:
        """Make a change, and note it."""
        before = self._accounts.get(account_id)
        done = self._accounts.change(account_id, kind, call_sid, key, today)
        if isinstance(done, Change):
            last = before.last_change if before else None
            undoes = last.code if last and kind.undo is None else None
            self.left.changes.append(Made(account_id, replace(done, at=self.clock.now()), undoes))
        return done

    # PINs, as `ivr.pins.Pins` says.

    def check(self, attempt: PinTry, pin: str) -> PinResult:
        """Compare a PIN, and note the try."""
        right = self.check_pin(attempt.account_id, pin)
        spent = self._wrong() + 1 >= _TRIES
        result = PinResult.CORRECT if right else PinResult.SPENT if spent else PinResult.WRONG
        self.left.tries.append((attempt, self.clock.now(), result))
        return result

    def spent(self, call_sid: str, caller: str) -> bool:
        """Say whether this call has no try left."""
        return bool(call_sid and caller) and self._wrong() >= _TRIES

    def _wrong(self) -> int:
        return sum(result is not PinResult.CORRECT for _, _, result in self.left.tries)

    # Messages, as `ivr.messages.Mailbox` says.

    def keep(self, message: Message, *, instead_of: str = "") -> None:
        """Keep a message."""
        if instead_of:
            self.discard(instead_of)
        self.left.messages[message.recording_sid] = message, MessageState.RECORDED, self.clock.now()

    def send(self, recording_sid: str) -> None:
        """Send one."""
        self._moves(recording_sid, MessageState.SENT)

    def discard(self, recording_sid: str) -> None:
        """Delete one."""
        self._moves(recording_sid, MessageState.DISCARDED)

    def _moves(self, recording_sid: str, state: MessageState) -> None:
        message, _, at = self.left.messages[recording_sid]
        self.left.messages[recording_sid] = message, state, at

    # Texts, as `ivr.text.Outbox` says.

    def possible(self, to: str) -> Texting:
        """Send to any number."""
        return Texting.WITHHELD if withheld(to) else Texting.POSSIBLE

    def put(self, text: Text) -> Texting:
        """Note a text."""
        self.left.texts.setdefault(text.key, (text, self.clock.now()))
        return Texting.POSSIBLE


class _Room:
    """A waiting room in which somebody is free, or nobody is."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.key = ""

    def enter(self, _call: Call) -> tuple[Entry, str]:
        return (Entry.AT_ONCE if self._rng.random() < _AT_ONCE else Entry.IN_LINE), ""

    def promised(self, _call: Call) -> str:
        return ""

    def left_by(self, _call_sid: str) -> str:
        return self.key

    def _yes(self, *_given: object) -> bool:
        return True

    def _nothing(self, *_given: object) -> None:
        return None

    wait = rejoin = cancel = drop = hold = offered = take = _nothing
    leave = was_taken = book = reach = _yes

    def finish(self, offer: str) -> Ended:
        raise ServiceError(f"nobody takes {offer or 'calls'} here")

"""The tables: accounts, changes and their ledger, PIN tries and locks, calls and turns, messages, texts, events."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from ivr.accounts import ChangeKind, Plan
from ivr.call import Disposition
from ivr.db.base import ID, Base, partial, words
from ivr.db.ledger_chain import EntryKind
from ivr.events import EventState
from ivr.messages import MessageState
from ivr.pins import PinResult
from ivr.text import Purpose, StopSource, TextState
from ivr.waiting import Kind, PlaceState


class AccountRow(Base):
    """A customer's account. pin_hash is null where no PIN has been set: nothing matches then."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("seats >= 1", name="seats"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    account_number: Mapped[str] = mapped_column(String(8), unique=True)
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(String(16), index=True)
    plan: Mapped[Plan]
    seats: Mapped[int] = mapped_column(default=1)
    trial_ends_on: Mapped[date | None]
    paid_through: Mapped[date | None]
    auto_renew: Mapped[bool] = mapped_column(default=False)
    cancels_at_trial_end: Mapped[bool] = mapped_column(default=False)


class ChangeRow(Base):
    """A change made by telephone. Never altered; an undo is a row of its own that names the code it takes back."""

    __tablename__ = "account_changes"
    __table_args__ = (UniqueConstraint("account_id", "code"), UniqueConstraint("account_id", "key"))

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(6), index=True)
    kind: Mapped[ChangeKind]
    at: Mapped[datetime]
    call_sid: Mapped[str] = mapped_column(Text, index=True)
    key: Mapped[str] = mapped_column(Text)
    undoes: Mapped[str | None] = mapped_column(String(6))
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class LedgerRow(Base):
    """An entry of the ledger: `ivr.db.ledger_chain` says how entries are chained. Never altered, but for the salt.

    seq: without gaps, from 1. change_id: null where it is of no change; that change may be gone. commitment: to the
    change as it was then; '' where there is none. salt: null once the change is gone. hash: chains it to the entry
    before. key_id, seal: by which key; null for what was there before the first seal.
    """

    __tablename__ = "ledger"

    seq: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False)
    kind: Mapped[EntryKind] = mapped_column(words(EntryKind))
    at: Mapped[datetime]
    change_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    commitment: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str | None] = mapped_column(String(32))
    hash: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str | None] = mapped_column(String(8))
    seal: Mapped[str | None] = mapped_column(String(64))


class PinTryRow(Base):
    """A try at a PIN, written before it is compared, and without its digits.

    account_id: the account system's own id; null where the account is unknown. caller_key: keyed hash of the
    caller's number; null where it is withheld. checked: the PIN was compared with that of a real account.
    outcome: the answer; wrong until proved right. settled: the comparison is over. forgiven: the same call got it
    right later, so it does not count towards closing the account for good. counts_for_caller: false where the call or
    the caller had no try left. closes_caller: the try that used up what this caller number may get wrong in a day.
    """

    __tablename__ = "pin_tries"
    __table_args__ = (
        Index("ix_pin_tries_account_id_at", "account_id", "at"),
        Index("ix_pin_tries_caller_key_at", "caller_key", "at"),
        {"sqlite_autoincrement": True},  # ids only rise: locks remember up to which one they count
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    call_sid: Mapped[str] = mapped_column(Text, index=True)
    account_id: Mapped[str | None] = mapped_column(Text)
    caller_key: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]
    checked: Mapped[bool]
    counts_for_caller: Mapped[bool]
    outcome: Mapped[PinResult] = mapped_column(words(PinResult))
    settled: Mapped[bool] = mapped_column(default=False)
    forgiven: Mapped[bool] = mapped_column(default=False)
    closes_caller: Mapped[bool] = mapped_column(default=False)


class PinLockRow(Base):
    """What tries have done to an account's PIN.

    locked_until: year 9999 until staff unlock it. level: how many times it has closed in a row. caused_by: the try
    that closed it last. reset_after, unlocked_after: tries up to this id no longer count, for the day and in total.
    """

    __tablename__ = "pin_locks"
    __table_args__ = (partial("ix_pin_locks_locked_until", "locked_until", where="locked_until IS NOT NULL"),)

    account_id: Mapped[str] = mapped_column(Text, primary_key=True)
    locked_until: Mapped[datetime | None]
    level: Mapped[int] = mapped_column(default=0)
    caused_by: Mapped[int | None] = mapped_column(BigInteger)
    reset_after: Mapped[int] = mapped_column(BigInteger, default=0)
    unlocked_after: Mapped[int] = mapped_column(BigInteger, default=0)


class CallRow(Base):
    """A call: what is known, where it waits (`pending`), and the answer last given. One row is read a webhook.

    leg: what somebody hears whom we ring, by its flow; null for a caller's own call. simulated: nobody called.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_started_at_sid", "started_at", "sid"),
        partial("ix_calls_in_progress", "started_at", where="ended_at IS NULL"),
    )

    sid: Mapped[str] = mapped_column(Text, primary_key=True)
    caller: Mapped[str] = mapped_column(Text)
    called: Mapped[str] = mapped_column(Text)
    turn: Mapped[int]
    account_number: Mapped[str | None] = mapped_column(String(8))
    disposition: Mapped[Disposition | None]
    transferred_to: Mapped[str | None] = mapped_column(Text)
    leg: Mapped[str | None] = mapped_column(String(32))
    simulated: Mapped[bool] = mapped_column(default=False, server_default=false())
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    duration_s: Mapped[int | None]
    status: Mapped[str] = mapped_column(Text)
    state: Mapped[dict[str, Any]]
    pending: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    answer: Mapped[str] = mapped_column(Text)


class Claimed(Base):
    """What a row of work has beside its own: see `ivr.db.claims`.

    next_try_at: when something is to be done about it; null for nothing. attempts: failures so far. claim,
    claimed_until: who is at it now.
    """

    __abstract__ = True

    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None]


class Attended:
    """What a row has that staff attend to. done_at, done_by: when, and by whom; null while it waits for somebody."""

    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(64))


class VoicemailRow(Attended, Claimed):
    """A caller's message: what was recorded, and how far it has come from the carrier to us.

    at: when we first heard of it. stored: where the sound is, below VOICEMAIL_STORAGE. transcript: '' where nothing
    was understood. deleted_at_carrier: the carrier has it no longer, or never had it.
    """

    __tablename__ = "voicemails"
    __table_args__ = (
        Index("ix_voicemails_kept_until", "kept_until"),
        partial("ix_voicemails_to_hear", "at", where="done_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    recording_sid: Mapped[str] = mapped_column(String(64), unique=True)
    call_sid: Mapped[str] = mapped_column(Text, index=True)
    department: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    caller: Mapped[str] = mapped_column(Text)
    account_number: Mapped[str | None] = mapped_column(String(8))
    seconds: Mapped[int | None]
    state: Mapped[MessageState]
    at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    stored: Mapped[str | None] = mapped_column(Text)
    deleted_at_carrier: Mapped[datetime | None]
    transcript: Mapped[str | None] = mapped_column(Text)
    kept_until: Mapped[datetime]


class PlaceRow(Base):
    """A caller's place in the line of a department: `waiting.Place` says what each column means."""

    __tablename__ = "places"
    __table_args__ = (
        Index("ix_places_department_state", "department", "state"),
        Index("ix_places_number_arrived_at", "number", "arrived_at"),
        Index("ix_places_until", "until"),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    department: Mapped[str] = mapped_column(Text)
    call_sid: Mapped[str] = mapped_column(Text, index=True)
    caller: Mapped[str] = mapped_column(Text)
    called: Mapped[str] = mapped_column(Text)
    arrived_at: Mapped[datetime]
    kind: Mapped[Kind]
    state: Mapped[PlaceState]
    number: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    proved: Mapped[bool]
    tries: Mapped[int]
    not_before: Mapped[datetime | None]
    offer: Mapped[str] = mapped_column(String(32), index=True)
    asked: Mapped[int]
    rest_until: Mapped[datetime | None]
    until: Mapped[datetime | None]
    told_place: Mapped[int | None]
    told_minutes: Mapped[int | None]
    key: Mapped[str] = mapped_column(String(1))
    taken_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]


class TextRow(Attended, Claimed):
    """The outbox: a text message to be sent, or what became of it.

    key: idempotency key. to_number, body: '' when their days are over. message_sid: the carrier's name of it.
    """

    __tablename__ = "texts"
    __table_args__ = (
        Index("ix_texts_to_number_created_at", "to_number", "created_at"),
        partial("ix_texts_dead", "created_at", where="state = 'dead'"),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    to_number: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    purpose: Mapped[Purpose]
    call_sid: Mapped[str] = mapped_column(Text, index=True)
    created_at: Mapped[datetime]
    state: Mapped[TextState]
    message_sid: Mapped[str | None] = mapped_column(Text)


class TextStopRow(Base):
    """A number that is sent no texts."""

    __tablename__ = "text_stops"

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime]
    source: Mapped[StopSource]


class CarrierErrorRow(Base):
    """An error that the carrier told of: `db.carrier_errors.CarrierError` says what each column means."""

    __tablename__ = "carrier_errors"
    __table_args__ = (Index("ix_carrier_errors_at", "at"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[datetime]
    level: Mapped[str] = mapped_column(String(16))
    code: Mapped[int | None]
    call_sid: Mapped[str | None] = mapped_column(Text, index=True)
    resource_sid: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)


class TurnRow(Base):
    """A wait that is over: what was said, by prompt ids and values, and what came of it."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("call_sid", "number"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    call_sid: Mapped[str] = mapped_column(ForeignKey("calls.sid", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime]
    flow: Mapped[str] = mapped_column(Text)
    node: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))
    prompts: Mapped[list[str]] = mapped_column(JSON)
    values: Mapped[dict[str, Any]]
    input: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    ms: Mapped[int]


class EventRow(Attended, Claimed):
    """What one address is to be told, or was: the outbox of events.

    event_id: the receiver's means to tell a repeat, the same at every address and every time. key: of what happened, so
    that it is told once. subject: events of the same subject are sent one after the other. body: as it is signed.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("key", "endpoint"),
        partial("ix_events_waiting", "endpoint", "subject", "id", where="state = 'waiting'"),
        partial("ix_events_dead", "created_at", where="state = 'dead'"),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    event_id: Mapped[str] = mapped_column(String(64), index=True)
    key: Mapped[str] = mapped_column(Text)
    endpoint: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(Text)
    account_id: Mapped[str | None] = mapped_column(Text, index=True)
    call_sid: Mapped[str | None] = mapped_column(Text, index=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[EventState] = mapped_column(words(EventState))
    sent_at: Mapped[datetime | None]


class EndpointRow(Base):
    """An address that is told nothing now. disabled_at: it has answered 410 Gone. rest_until: it asked for a pause."""

    __tablename__ = "event_endpoints"

    url: Mapped[str] = mapped_column(Text, primary_key=True)
    disabled_at: Mapped[datetime | None]
    rest_until: Mapped[datetime | None]

"""Forgetting one caller, at their request: every call of their number, with all that belongs to it, and a receipt.

The ledger of changes and the accounts stay, the number masked in what was changed. A call that goes on is not touched:
its webhooks would lose their place. It is named on the receipt, and goes ten minutes after its end, when the carrier
has no more to tell of it. PIN tries stay for their own days: they hold a keyed hash, and nobody may go on
guessing because they asked to be forgotten. Calls that come after the request are new, and stay.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Engine, Text, and_, cast, or_, select, text
from sqlalchemy.orm import Session

from ivr.call import masked, withheld
from ivr.clock import Clock
from ivr.config import Settings
from ivr.db.console.audit import Act, record
from ivr.db.console.erase_steps import (
    discard_messages,
    its_places,
    mask_call,
    remove_ended,
    remove_places,
    remove_texts,
)
from ivr.db.console.holds import RETENTION, call_held, held, is_held, of_held_call
from ivr.db.console.mentions import mask_elsewhere
from ivr.db.console.purge import BATCH, Receipt
from ivr.db.console.secure import caller_key, zeroing
from ivr.db.console.tables import ErasureRow
from ivr.db.database import lock, reading, writing
from ivr.db.ledger import Ledger
from ivr.db.models.accounts import AccountRow
from ivr.db.models.calls import CallRow
from ivr.db.models.places import PlaceRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.waiting import BUSY

OVER_AFTER = timedelta(hours=25)  # no call of any carrier lasts longer: we were not told of its end
SETTLED_AFTER = timedelta(minutes=10)  # a carrier's last notices of a call, which would write it anew
PENDING = "pending"
P = ParamSpec("P")
R = TypeVar("R")


class EraseError(ValueError):
    """A caller cannot be erased; the message is one line for whoever asked."""


@dataclass
class _Found:
    """Calls in which a number occurs. own: by it, or to it. others: in which it was only named. going_on: of both."""

    own: list[str] = field(default_factory=list[str])
    others: list[str] = field(default_factory=list[str])
    going_on: list[str] = field(default_factory=list[str])
    on_hold: int = 0


class Eraser:
    """Erases callers. key: under which their numbers are remembered on receipts. ours: numbers of the line itself.

    ledger: enters what was masked in changes. previous: the key before, while it is changed.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        key: str,
        ours: Collection[str] = (),
        *,
        ledger: Ledger | None = None,
        previous: str = "",
    ) -> None:
        self._engine, self._clock, self._key, self._ours = engine, clock, key, ours
        self._ledger, self._previous = ledger or Ledger(clock, {}), previous

    @classmethod
    def of(cls, settings: Settings, engine: Engine, clock: Clock) -> Self:
        """Put it together from the settings."""
        own = (settings.sales_number, settings.support_number, settings.support_direct_number, settings.caller_id)
        return cls(
            engine,
            clock,
            settings.pin_pepper,
            own,
            ledger=Ledger.of(settings, clock),
            previous=settings.pin_pepper_previous,
        )

    def erase(self, number: str, who: str) -> Receipt:
        """Erase a caller by their number (E.164). Again, when nothing is left: the same receipt.

        Raises: EraseError for what is no number, or is on hold.
        """
        if withheld(number):
            raise EraseError("That is no telephone number. Write it with its country, like +1 415 555 0123.")
        if number in self._ours:
            raise EraseError("That is a number of the line itself, not a caller's.")
        with reading(self._engine, patient=True) as session:
            if is_held(session, caller=number):
                raise EraseError("This number is on legal hold. Nothing of it was erased; release the hold first.")
        counts: dict[str, int] = {}
        found = self._forget(number, counts)
        if not counts and not found.going_on and (known := self._known(number)):
            return known
        now, code = self._clock.now(), f"E-{secrets.token_hex(5).upper()}"
        if found.on_hold:
            counts["kept_on_hold"] = found.on_hold
        with writing(self._engine, patient=True) as session:
            if kept := len(session.scalars(select(AccountRow.id).where(AccountRow.phone == number)).all()):
                counts["accounts_that_keep_it"] = kept
            row = ErasureRow(receipt=code, at=now, who=who, caller_key=caller_key(self._key, number), counts={})
            row.counts = {**counts, **({PENDING: found.going_on} if found.going_on else {})}
            session.add(row)
            record(session, now, who, Act.ERASED, code, caller=masked(number), **counts)
        return Receipt(code, now, who, counts, len(found.going_on), of_caller=True)

    def finish(self) -> int:
        """Erase what went on when it was asked for and has ended since; return how many receipts that completed."""
        with reading(self._engine, patient=True) as session:
            rows = list(session.scalars(select(ErasureRow).where(ErasureRow.caller_key.is_not(None))))
        return sum(self._finish(row) for row in rows if row.counts.get(PENDING))

    def _finish(self, row: ErasureRow) -> bool:
        with reading(self._engine, patient=True) as session:
            waiting = session.scalars(select(CallRow).where(CallRow.sid.in_(row.counts[PENDING]))).all()
            if waiting and not any(_settled(call, self._clock.now()) for call in waiting):
                return False
            numbers = {number for call in waiting for number in (call.caller, call.called, *_told(call))}
        number = next((each for each in numbers if row.caller_key in self._named(each)), None)
        counts: dict[str, int] = {}
        left = self._forget(number, counts, row.counts[PENDING]).going_on if number else []
        with writing(self._engine, patient=True) as session:
            fresh = session.get_one(ErasureRow, row.id, with_for_update=True)
            had = {kind: count for kind, count in fresh.counts.items() if kind != PENDING}
            both = {kind: had.get(kind, 0) + counts.get(kind, 0) for kind in {*had, *counts}}
            fresh.counts = {**both, **({PENDING: left} if left else {})}
            if counts:
                record(session, self._clock.now(), fresh.who, Act.ERASED, fresh.receipt, completed=not left, **counts)
        return not left

    def _forget(self, number: str, counts: dict[str, int], only: list[str] | None = None) -> _Found:
        """Remove what there is of a number, a batch at a time; whatever is repeated finds nothing more.

        only: calls that it is about; None for all.
        """
        found = self._find(number, only)
        for at in range(0, len(found.own), BATCH):
            sids = found.own[at : at + BATCH]
            self._step(remove_ended, sids, self._clock.now(), counts)
        for sid in found.others:
            self._step(mask_call, sid, number, counts)
        self._step(remove_texts, number, only, counts)
        self._step(remove_places, number, found.going_on, only, counts)
        if only is None:
            kept = or_(held(account=VoicemailRow.account_number), of_held_call(VoicemailRow.call_sid))
            its = and_(VoicemailRow.caller == number, VoicemailRow.call_sid.not_in(found.going_on), ~kept)
            self._step(discard_messages, its, self._clock.now(), counts)
        self._step(mask_elsewhere, number, counts, self._ledger)
        return found

    def _step(self, work: Callable[Concatenate[Session, P], R], *given: P.args, **named: P.kwargs) -> R:
        with writing(self._engine, patient=True) as session:
            lock(session, RETENTION)
            zeroing(session)
            return work(session, *given, **named)

    def _find(self, number: str, only: list[str] | None) -> _Found:
        """Look through all calls: this is asked for seldom, and must miss nothing."""
        found, now = _Found(), self._clock.now()
        named = cast(CallRow.state, Text).contains(number, autoescape=True)
        columns = (CallRow.sid, CallRow.caller, CallRow.called, CallRow.leg, CallRow.ended_at, CallRow.started_at)
        query = select(*columns, call_held().label("held")).where(
            or_(CallRow.caller == number, and_(CallRow.called == number, CallRow.leg.is_not(None)), named)
        )
        if only is not None:
            query = query.where(CallRow.sid.in_(only))
        with reading(self._engine, patient=True) as session:
            if session.connection().dialect.name == "postgresql":
                session.execute(text("SET LOCAL statement_timeout = 0"))
            served = select(PlaceRow.call_sid).where(its_places(number), PlaceRow.state.in_(BUSY))
            busy = set(session.scalars(served))
            for row in session.execute(query):
                own = row.caller == number or (row.called == number and row.leg is not None)
                if row.held and row.leg is None:
                    found.on_hold += 1  # its account is
                elif row.sid in busy or not _settled(row, now):
                    found.going_on.append(row.sid)
                else:
                    (found.own if own else found.others).append(row.sid)
        return found

    def _named(self, number: str) -> list[str]:
        return [caller_key(key, number) for key in (self._key, self._previous) if key]

    def _known(self, number: str) -> Receipt | None:
        query = (
            select(ErasureRow)
            .where(ErasureRow.caller_key.in_(self._named(number)))
            .order_by(ErasureRow.id.desc())
            .limit(1)
        )
        with reading(self._engine, patient=True) as session:
            row = session.scalars(query).first()
            return receipt_of(row) if row else None


def receipts(engine: Engine, limit: int = 50) -> list[Receipt]:
    """List receipts, newest first."""
    with reading(engine) as session:
        rows = session.scalars(select(ErasureRow).order_by(ErasureRow.id.desc()).limit(limit))
        return [receipt_of(row) for row in rows]


def receipt_of(row: ErasureRow) -> Receipt:
    """Read a receipt."""
    counts = {kind: count for kind, count in row.counts.items() if kind != PENDING}
    pending = len(row.counts.get(PENDING, ()))
    return Receipt(row.receipt, row.at, row.who, counts, pending, of_caller=row.caller_key is not None)


def _told(call: CallRow) -> list[str]:
    """Return the numbers that somebody gave in a call, or was shown."""
    told = [*call.state.get("facts", {}).values(), call.state.get("meets"), call.state.get("shown")]
    return [value for value in told if isinstance(value, str)]


def _settled(call: Any, now: datetime) -> bool:
    """Say whether nothing more is to be heard of a call."""
    if call.ended_at is None:
        return bool(call.started_at <= now - OVER_AFTER)
    return bool(call.ended_at <= now - SETTLED_AFTER)

"""What goes when its days are over: in small batches, so that a caller's webhook never waits for long.

Cut at the beginning of a day of the company's, so that no day is counted by half of its calls. What is on hold stays.
Messages and the words of texts have their own rules, and go by their own workers.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from ivr.clock import Clock
from ivr.config import Settings
from ivr.db.console.audit import Act, record
from ivr.db.console.holds import RETENTION, call_held, held, of_held_call
from ivr.db.console.secure import zeroing
from ivr.db.console.tables import (
    AuditRow,
    CallFactsRow,
    ErasureRow,
    HoldRow,
    MarkRow,
    NoteRow,
    PathRow,
    SignInRow,
)
from ivr.db.database import lock, reading, writing
from ivr.db.ledger import Ledger
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.db.models.calls import CallRow, TurnRow
from ivr.db.models.carrier_errors import CarrierErrorRow
from ivr.db.models.events import EventRow
from ivr.db.models.pins import PinLockRow, PinTryRow
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow
from ivr.events import EventState
from ivr.pins import PinResult
from ivr.text import TextState
from ivr.waiting import OPEN

BATCH = 200  # calls or rows in a transaction: some hundredths of a second
COUNTED_DAYS = 366  # the least that failures stay which count towards closing an account for good
PAUSE_S = 0.05  # between two, for those who call
HOUSEKEEPING = {"paths", "receipts", "sign_ins"}  # worth no receipt
OF_CALLS = (
    CarrierErrorRow.call_sid,
    NoteRow.call_sid,
    MarkRow.call_sid,
    CallFactsRow.sid,
    TurnRow.call_sid,
    CallRow.sid,
)


@dataclass(frozen=True)
class Rules:
    """For how many days what is kept.

    calls: with all that belongs to them. pin_tries: after the last. ledger: of changes. audit: with released holds and
    receipts. events: that wait for nobody any more.
    """

    calls: int
    pin_tries: int
    ledger: int
    audit: int
    events: int = 30


@dataclass(frozen=True)
class Receipt:
    """What went, by kind of row. code: names it in the audit log. pending: calls that go when they have ended."""

    code: str
    at: datetime
    who: str
    counts: Mapping[str, int]
    pending: int = 0
    of_caller: bool = False


class Purge:
    """Applies the rules. zone: the company's. pause: waits so many seconds. ledger: enters that changes have gone."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        rules: Rules,
        zone: ZoneInfo,
        pause: Callable[[float], None] = time.sleep,
        *,
        ledger: Ledger | None = None,
    ) -> None:
        self._engine, self._clock, self._rules, self._zone, self._pause = engine, clock, rules, zone, pause
        self._ledger = ledger or Ledger(clock, {})

    @classmethod
    def of(cls, settings: Settings, engine: Engine, clock: Clock) -> Self:
        """Put it together from the settings."""
        rules = Rules(
            settings.call_days, settings.pin_try_days, settings.ledger_days, settings.audit_days, settings.event_days
        )
        return cls(engine, clock, rules, ZoneInfo(settings.time_zone), ledger=Ledger.of(settings, clock))

    def due(self) -> dict[str, int]:
        """Count what would go now. `turns` and the like go with their calls, and are not counted."""
        with reading(self._engine, patient=True) as session:
            found = {kind: session.scalar(select(func.count()).where(rule)) or 0 for kind, _, rule in self._aged()}
        return {kind: count for kind, count in found.items() if count}

    def run(self, who: str) -> Receipt | None:
        """Remove what is due; None where nothing was. May be killed at any time, and run twice at once."""
        counts: dict[str, int] = {}
        for kind, key, rule in self._aged():
            while self._batch(kind, key, rule, counts):
                self._pause(PAUSE_S)
        if not counts.keys() - HOUSEKEEPING:
            return None
        now, code = self._clock.now(), f"P-{secrets.token_hex(5).upper()}"
        with writing(self._engine, patient=True) as session:
            session.add(ErasureRow(receipt=code, at=now, who=who, caller_key=None, counts=counts))
            record(session, now, who, Act.PURGED, code, **counts)
        return Receipt(code, now, who, counts)

    def _batch(self, kind: str, key: Any, rule: ColumnElement[bool], counts: dict[str, int]) -> bool:
        due = select(key).where(rule).order_by(key).limit(BATCH)
        if kind == "calls":
            due = select(key).where(rule).order_by(CallRow.started_at, key).limit(BATCH)
        # Mostly there is nothing, and no reason to keep a caller waiting.
        with reading(self._engine, patient=True) as session:
            if session.scalar(due.limit(1)) is None:
                return False
        with writing(self._engine, patient=True) as session:
            lock(session, RETENTION)
            zeroing(session)
            keys = list(session.scalars(due))
            if kind == "calls":
                remove_calls(session, keys, counts)
            else:
                removed(session, counts, kind, key.in_(keys), key.class_)
            if kind == "ledger":
                self._ledger.removed(session, keys)
        return len(keys) == BATCH

    def _aged(self) -> list[tuple[str, Any, ColumnElement[bool]]]:
        """Return what goes: its kind, its key, and the rule."""
        rules = self._rules
        calls, tries, ledger, audit = map(self._before, (rules.calls, rules.pin_tries, rules.ledger, rules.audit))
        ledger_held = or_(
            of_held_call(ChangeRow.call_sid),
            exists().where(AccountRow.id == ChangeRow.account_id, held(account=AccountRow.account_number)),
        )
        return [
            ("calls", CallRow.sid, and_(CallRow.started_at < calls, ~call_held())),
            (
                "texts",
                TextRow.id,
                and_(
                    TextRow.created_at < calls,
                    TextRow.state != TextState.WAITING,
                    ~held(TextRow.to_number),
                    ~of_held_call(TextRow.call_sid),
                ),
            ),
            (
                "places",
                PlaceRow.id,
                and_(
                    PlaceRow.arrived_at < calls,
                    PlaceRow.state.not_in(OPEN),
                    ~held(PlaceRow.caller, PlaceRow.number),
                    ~of_held_call(PlaceRow.call_sid),
                ),
            ),
            (
                "carrier_errors",
                CarrierErrorRow.id,
                and_(
                    CarrierErrorRow.at < calls,
                    or_(CarrierErrorRow.call_sid.is_(None), ~of_held_call(CarrierErrorRow.call_sid)),
                ),
            ),
            (
                "events",
                EventRow.id,
                and_(
                    EventRow.created_at < self._before(rules.events),
                    EventRow.state != EventState.WAITING,
                    ~of_held_call(EventRow.call_sid),
                ),
            ),
            ("pin_tries", PinTryRow.id, _forgotten(tries, self._before(COUNTED_DAYS), self._clock.now())),
            ("ledger", ChangeRow.id, and_(ChangeRow.at < ledger, ~ledger_held)),
            ("audit", AuditRow.id, AuditRow.at < audit),
            ("released_holds", HoldRow.id, HoldRow.released_at < audit),
            ("receipts", ErasureRow.id, ErasureRow.at < audit),
            ("sign_ins", SignInRow.id, SignInRow.at < self._before(1)),
            ("paths", PathRow.id, ~exists().where(CallFactsRow.path_id == PathRow.id)),
        ]

    def _before(self, days: int) -> datetime:
        day: date = self._clock.now().astimezone(self._zone).date() - timedelta(days=days)
        return datetime.combine(day, clock_time.min, tzinfo=self._zone)


def _forgotten(before: datetime, counted_before: datetime, now: datetime) -> ColumnElement[bool]:
    """PIN tries of accounts and callers of whom there has been none since; what a lock counts stays with the lock.

    counted_before: the same for failures that count towards closing an account for good. Or somebody who stops short
    of that, and waits until it is forgotten, would begin anew every month.
    """
    later = aliased(PinTryRow)
    counts = and_(PinTryRow.checked, PinTryRow.outcome != PinResult.CORRECT, ~PinTryRow.forgiven)
    return and_(
        PinTryRow.at < before,
        or_(PinTryRow.at < counted_before, ~counts),
        ~exists().where(later.account_id == PinTryRow.account_id, later.at >= before),
        ~exists().where(later.caller_key == PinTryRow.caller_key, later.at >= before),
        ~exists().where(PinLockRow.account_id == PinTryRow.account_id, PinLockRow.locked_until > now),
        ~of_held_call(PinTryRow.call_sid),
    )


def remove_calls(session: Session, sids: list[str], counts: dict[str, int]) -> None:
    """Remove calls with what belongs to them alone: turns, facts, notes, marks, the carrier's errors."""
    for column in OF_CALLS:
        removed(session, counts, column.class_.__tablename__, column.in_(sids), column.class_)


def removed(session: Session, counts: dict[str, int], kind: str, which: ColumnElement[bool], row: Any) -> None:
    """Remove rows, and count them."""
    result: Any = session.execute(delete(row).where(which).execution_options(synchronize_session=False))
    if result.rowcount:
        counts[kind] = counts.get(kind, 0) + int(result.rowcount)

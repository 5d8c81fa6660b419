"""Counting tries at PINs, so that guessing by telephone does not pay."""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from ivr.accounts import Accounts
from ivr.call import withheld
from ivr.clock import Clock
from ivr.db.database import lock, reading, storable, writing
from ivr.db.event_outbox import NOBODY, SqlEvents
from ivr.db.models.pins import PinLockRow, PinTryRow
from ivr.events import AccountLocked, AccountUnlocked, By, iso
from ivr.pins import PinResult, PinTry
from ivr.service_errors import ServiceError

PER_CALL, PER_ACCOUNT, PER_CALLER, IN_TOTAL = 3, 5, 6, 20
WINDOW = timedelta(hours=24)
CLOSED_FOR = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
UNTIL_UNLOCKED = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
NO_ACCOUNT = ""  # stands for an account that does not exist where one is looked up
UNPROVED_S = 60.0  # far longer than an account system takes to compare a PIN
_TWIN_WAIT_S = 5.0  # a repeated webhook waits so long for the first one's answer


class SqlPins:
    """Counts tries in the database before they are compared, by call, by account and by caller number.

    pepper: the key under which caller numbers are remembered. previous: the one before, while it is changed. events:
    told of locks. Methods raise ServiceError where the database or the account system does not answer.
    """

    def __init__(
        self,
        engine: Engine,
        accounts: Accounts,
        clock: Clock,
        pepper: str,
        events: SqlEvents = NOBODY,
        *,
        previous: str = "",
    ) -> None:
        self._engine = engine
        self._events = events
        self._accounts = accounts
        self._clock = clock
        self._peppers = [name.encode() for name in (pepper, previous) if name]

    def check(self, attempt: PinTry, pin: str) -> PinResult:
        """Count the try, then compare. The same key again gives the first result and counts nothing."""
        attempt = replace(attempt, call_sid=storable(attempt.call_sid), key=storable(attempt.key))
        counted = self._count(attempt)
        if counted is None:
            return self._result_of_twin(attempt.key)
        try_id, checked = counted
        # Whatever the account, the caller and the call: one comparison, outside any transaction.
        try:
            matches = self._accounts.check_pin(attempt.account_id if checked else None, pin)
        except ServiceError:
            self._withdraw(try_id, attempt)
            raise
        return self._settle(try_id, attempt, correct=matches and checked)

    def spent(self, call_sid: str, caller: str) -> bool:
        """Say whether this call, or this caller's number, has used up its tries."""
        keys = self._caller_keys(caller)
        with reading(self._engine) as session:
            closed = _caller_closed(session, keys, self._clock.now())
            return closed or _wrong_in_call(session, storable(call_sid)) >= PER_CALL

    def locked_until(self, account_id: str, now: datetime) -> datetime | None:
        """Say until when an account's PIN is closed; `UNTIL_UNLOCKED` where staff must unlock it, None if open."""
        with reading(self._engine) as session:
            row = session.get(PinLockRow, account_id)
            return row.locked_until if row and row.locked_until and row.locked_until > now else None

    def unlock(self, account_id: str, also: Callable[[Session], object] | None = None) -> None:
        """Open an account's PIN again and count from nothing. also: what is written in the same transaction."""
        with writing(self._engine) as session:
            lock(session, f"account:{account_id}")
            row = _lock_row(session, account_id)
            newest = select(func.max(PinTryRow.id)).where(PinTryRow.account_id == account_id)
            was_locked = row.locked_until is not None and row.locked_until > self._clock.now()
            row.reset_after = row.unlocked_after = session.scalar(newest) or row.unlocked_after
            row.locked_until, row.level, row.caused_by = None, 0, None
            if also is not None:
                also(session)
            if was_locked:
                session.flush()
                opened = AccountUnlocked(By.STAFF)
                self._events.write(session.connection(), opened, self._clock.now(), account_id=account_id)

    def _count(self, attempt: PinTry) -> tuple[int, bool] | None:
        """Write the try down as a wrong one; return its id and whether it may be compared, None for a repeated one."""
        keys = self._caller_keys(attempt.caller)
        with writing(self._engine) as session:
            lock(session, *_subjects(attempt, keys))
            if session.scalar(select(PinTryRow.id).where(PinTryRow.key == attempt.key)) is not None:
                return None
            now = self._clock.now()
            before = _wrong_in_call(session, attempt.call_sid)
            caller_open = not _caller_closed(session, keys, now)
            open_to_all = caller_open and before < PER_CALL
            # From here on an account that is known and open costs no statement more than one that is not.
            account_lock = session.get(PinLockRow, attempt.account_id or NO_ACCOUNT)
            account_open = attempt.account_id is not None and not _closed(account_lock, now)
            row = PinTryRow(
                key=attempt.key,
                call_sid=attempt.call_sid,
                account_id=attempt.account_id,
                caller_key=next(iter(keys), None),
                at=now,
                checked=open_to_all and account_open,
                outcome=PinResult.SPENT if before + 1 >= PER_CALL else PinResult.WRONG,
                # The caller pays for every number they try, known or not, or they could tell which is which.
                counts_for_caller=open_to_all,
            )
            session.add(row)
            session.flush()
            if row.counts_for_caller and keys:
                row.closes_caller = _wrong_by_caller(session, keys, now) >= PER_CALLER
            in_a_day, in_total = _failures(session, attempt.account_id or NO_ACCOUNT, account_lock, now)
            if row.checked and attempt.account_id is not None and (in_total >= IN_TOTAL or in_a_day >= PER_ACCOUNT):
                account_lock = account_lock or _lock_row(session, attempt.account_id)
                until = _close(account_lock, row.id, now, in_a_day, in_total)
                self._tell(session, attempt, row.id, until, now)
            return row.id, row.checked

    def _tell(self, session: Session, attempt: PinTry, try_id: int, until: datetime, now: datetime) -> None:
        """Tell of a lock, unless this very try proves right: then it is taken back."""
        session.flush()
        closed = AccountLocked(None if until == UNTIL_UNLOCKED else iso(until))
        self._events.write(
            session.connection(),
            closed,
            now,
            key=_lock_key(try_id),
            call_sid=attempt.call_sid,
            account_id=attempt.account_id,
            hold_s=UNPROVED_S,
        )

    def _reopen(self, session: Session, row: PinLockRow, try_id: int) -> None:
        if _lift(row, try_id):
            session.flush()
            self._events.withdraw(session.connection(), _lock_key(try_id))

    def _settle(self, try_id: int, attempt: PinTry, *, correct: bool) -> PinResult:
        keys = self._caller_keys(attempt.caller)
        with writing(self._engine) as session:
            lock(session, *_subjects(attempt, keys))
            row = session.get_one(PinTryRow, try_id)
            row.settled = True
            if correct and attempt.account_id is not None:
                row.outcome, row.closes_caller = PinResult.CORRECT, False
                account_lock = _lock_row(session, attempt.account_id)
                account_lock.reset_after = max(account_lock.reset_after, try_id)
                _forgive(session, row)
                self._reopen(session, account_lock, try_id)
            return row.outcome

    def _withdraw(self, try_id: int, attempt: PinTry) -> None:
        # The account system did not answer, so nothing was compared and nothing was learned.
        with writing(self._engine) as session:
            lock(session, *_subjects(attempt, self._caller_keys(attempt.caller)))
            session.execute(delete(PinTryRow).where(PinTryRow.id == try_id))
            if attempt.account_id is not None:
                self._reopen(session, _lock_row(session, attempt.account_id), try_id)

    def _result_of_twin(self, key: str) -> PinResult:
        deadline = time.monotonic() + _TWIN_WAIT_S
        while True:
            with reading(self._engine) as session:
                row = session.scalar(select(PinTryRow).where(PinTryRow.key == key))
            if row is None or row.settled or time.monotonic() > deadline:
                return row.outcome if row else PinResult.WRONG
            time.sleep(0.02)

    def _caller_keys(self, caller: str) -> list[str]:
        """Name a caller by the pepper of now, and by the one before; nothing where the number is withheld."""
        if withheld(caller):
            return []
        said = f"caller:{caller}".encode()
        return [hmac.digest(pepper, said, hashlib.sha256).hex()[:32] for pepper in self._peppers]


def _subjects(attempt: PinTry, caller_keys: list[str]) -> list[str]:
    # Where there is no account to wait for, the call stands in: as many locks, and nobody waits for anybody.
    subjects = [f"call:{attempt.call_sid}", f"account:{attempt.account_id or f'none of {attempt.call_sid}'}"]
    return subjects + [f"caller:{key}" for key in caller_keys]


def _wrong_in_call(session: Session, call_sid: str) -> int:
    query = select(func.count()).where(PinTryRow.call_sid == call_sid, PinTryRow.outcome != PinResult.CORRECT)
    return session.scalar(query) or 0


def _caller_closed(session: Session, caller_keys: list[str], now: datetime) -> bool:
    query = select(func.count()).where(
        PinTryRow.caller_key.in_(caller_keys), PinTryRow.closes_caller, PinTryRow.at > now - WINDOW
    )
    return bool(caller_keys) and bool(session.scalar(query))


def _wrong_by_caller(session: Session, caller_keys: list[str], now: datetime) -> int:
    query = select(func.count()).where(
        PinTryRow.caller_key.in_(caller_keys),
        PinTryRow.counts_for_caller,
        PinTryRow.outcome != PinResult.CORRECT,
        PinTryRow.at > now - WINDOW,
    )
    return session.scalar(query) or 0


def _closed(row: PinLockRow | None, now: datetime) -> bool:
    return row is not None and row.locked_until is not None and row.locked_until > now


def _failures(session: Session, account_id: str, row: PinLockRow | None, now: datetime) -> tuple[int, int]:
    """Count what was wrong at an account, this try included: in a day, and in total."""
    reset_after, unlocked_after = (row.reset_after, row.unlocked_after) if row else (0, 0)
    failures = [PinTryRow.account_id == account_id, PinTryRow.checked, PinTryRow.outcome != PinResult.CORRECT]
    in_a_day = session.scalar(
        select(func.count()).where(*failures, PinTryRow.at > now - WINDOW, PinTryRow.id > reset_after)
    )
    in_total = session.scalar(select(func.count()).where(*failures, ~PinTryRow.forgiven, PinTryRow.id > unlocked_after))
    return in_a_day or 0, in_total or 0


def _close(row: PinLockRow, try_id: int, now: datetime, in_a_day: int, in_total: int) -> datetime:
    """Close an account that has had too many wrong tries; return until when."""
    until = UNTIL_UNLOCKED
    if in_total < IN_TOTAL:
        row.level = 1 if in_a_day == PER_ACCOUNT else row.level + 1
        until = now + CLOSED_FOR[min(row.level, len(CLOSED_FOR)) - 1]
    row.locked_until, row.caused_by = until, try_id
    return until


def _lock_row(session: Session, account_id: str) -> PinLockRow:
    row = session.get(PinLockRow, account_id)
    if row is None:
        row = PinLockRow(account_id=account_id, level=0, reset_after=0, unlocked_after=0)
        session.add(row)
    return row


def _lift(row: PinLockRow, try_id: int) -> bool:
    # Whatever this try closed was open before it, or the try would not have been compared.
    if row.caused_by != try_id:
        return False
    row.locked_until, row.caused_by = None, None
    row.level = max(row.level - 1, 0)
    return True


def _lock_key(try_id: int) -> str:
    return f"lock/{try_id}"


def _forgive(session: Session, right: PinTryRow) -> None:
    # Only of this very call: a caller's number is easily forged, and its owner's next call would clear a guesser.
    earlier = [PinTryRow.account_id == right.account_id, PinTryRow.call_sid == right.call_sid]
    session.execute(update(PinTryRow).where(*earlier, PinTryRow.id < right.id).values(forgiven=True))

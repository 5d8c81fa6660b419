"""Importing accounts from a file: every row is judged first, then all of them go in together, or none."""

import json
import os
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine, and_, case, false, func, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ivr.accounts import ChangeKind, Plan
from ivr.db.database import lock, writing
from ivr.db.import_rows import BadFileError, BadRow, Row, read_rows
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.pin_hash import PinHasher

_BATCH = 1_000
_DATES = ("trial_ends_on", "paid_through")

Stage = Callable[[str, int], Callable[[], None]]


class BadRowsError(Exception):
    """Rows that cannot be imported: how many there are. Each has been named as it was found."""

    def __init__(self, total: int) -> None:
        super().__init__(f"{total} bad rows")
        self.total = total


@dataclass(frozen=True)
class Imported:
    """What an import did. without_pin: accounts in the database that no caller can prove to be theirs.

    kept_off: accounts whose renewal a caller has turned off for the period in the file, and which stay so.
    """

    total: int
    new: int
    without_pin: int
    kept_off: int


def import_accounts(
    engine: Engine,
    hasher: PinHasher,
    path: Path,
    scratch: Path,
    *,
    bad: Callable[[BadRow], None],
    stage: Stage = lambda _name, _total: lambda: None,
) -> Imported:
    """Import a file of accounts, all rows or none.

    scratch: folder for a nameless temporary file, which holds hashes but never a PIN. bad: told each bad row as it is
    found. stage: told each stage's name and number of rows, returns what to call after each row.
    Raises: BadFileError, BadRowsError; ServiceError where the database does not answer.
    """
    total = _judge(path, bad, stage("Checking", 0))
    with _scratch_file(scratch) as staged:
        try:
            written = _hash(path, hasher, staged, stage("Hashing PINs", total))
            staged.seek(0)
        except OSError as error:
            raise _no_scratch(scratch, error) from None
        if written != total:
            raise BadFileError(f"{path}: the file changed while it was being read; nothing was imported")
        with writing(engine, patient=True) as session:
            lock(session, "import")
            return _load(session, staged, total, stage("Writing", total))


def _scratch_file(folder: Path) -> IO[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile("w+", dir=folder, encoding="utf-8")
    except OSError as error:
        raise _no_scratch(folder, error) from None


def _no_scratch(folder: Path, error: OSError) -> BadFileError:
    return BadFileError(f"{folder}: {error.strerror or error}; an import keeps hashed PINs there while it goes on")


def _judge(path: Path, tell: Callable[[BadRow], None], advance: Callable[[], None]) -> int:
    bad = total = 0
    for row in read_rows(path):
        total += 1
        advance()
        if isinstance(row, BadRow):
            bad += 1
            tell(row)
    if bad:
        raise BadRowsError(bad)
    if not total:
        raise BadFileError(f"{path}: there are no accounts in the file, only the line of column names")
    return total


def _hash(path: Path, hasher: PinHasher, staged: IO[str], advance: Callable[[], None]) -> int:
    """Stage each row with its PIN hashed, on every core, in the order of the file."""
    cores = os.cpu_count() or 1
    waiting: deque[tuple[Row, Future[str] | None]] = deque()
    written = 0
    with ThreadPoolExecutor(cores) as pool:
        try:
            for row in read_rows(path):
                if isinstance(row, BadRow):
                    return -1
                hashing = pool.submit(hasher.hash, row.account_number, row.pin) if row.pin else None
                waiting.append((row, hashing))
                if len(waiting) > 8 * cores:
                    _stage(staged, *waiting.popleft())
                    written += 1
                    advance()
            for row, hashing in waiting:
                _stage(staged, row, hashing)
                written += 1
                advance()
        finally:
            pool.shutdown(cancel_futures=True)
    return written


def _stage(staged: IO[str], row: Row, hashing: Future[str] | None) -> None:
    fields = {**asdict(row), "pin_hash": hashing.result() if hashing else None}
    del fields["pin"]
    staged.write(json.dumps(fields, default=date.isoformat) + "\n")


def _load(session: Session, staged: Iterable[str], total: int, advance: Callable[[], None]) -> Imported:
    count = select(func.count()).select_from(AccountRow)
    before = session.scalar(count) or 0
    kept_off = 0
    for batch in _batches(staged):
        _hold(session, batch)
        kept = _turned_off_by_callers(session, batch)
        kept_off += len(kept)
        for fields in batch:
            if fields["account_number"] in kept:
                fields["auto_renew"] = None
        _upsert(session, [fields for fields in batch if fields["auto_renew"] is not None])
        unsaid = [fields for fields in batch if fields["auto_renew"] is None]
        _upsert(session, [{**f, "auto_renew": f["plan"] is not Plan.TRIAL} for f in unsaid], keep_renewal=True)
        for _ in batch:
            advance()
    after = session.scalar(count) or 0
    without_pin = session.scalar(count.where(AccountRow.pin_hash.is_(None))) or 0
    return Imported(total, after - before, without_pin, kept_off)


def _batches(staged: Iterable[str]) -> Generator[list[dict[str, Any]]]:
    lines = iter(staged)
    while batch := [_unstaged(line) for line in islice(lines, _BATCH)]:
        yield batch


def _unstaged(line: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(line)
    fields["plan"] = Plan(fields["plan"])
    for name in _DATES:
        fields[name] = date.fromisoformat(fields[name]) if fields[name] else None
    return fields


def _hold(session: Session, batch: Sequence[dict[str, Any]]) -> None:
    """Let callers who are changing one of these accounts finish, and others wait, before anything is looked at."""
    numbers = [fields["account_number"] for fields in batch]
    query = select(AccountRow.id).where(AccountRow.account_number.in_(numbers)).order_by(AccountRow.id)
    session.execute(query.with_for_update()).all()


def _turned_off_by_callers(session: Session, batch: Sequence[dict[str, Any]]) -> set[str]:
    """Find the accounts that the file would renew for the very period that a caller has said is the last.

    A file drawn up before the call must not undo what was confirmed to the caller; a later `paid_through` may.
    """
    renewing = {f["account_number"]: f["paid_through"] for f in batch if f["auto_renew"] and f["plan"] != Plan.TRIAL}
    if not renewing:
        return set()
    newest = (
        select(func.max(ChangeRow.id))
        .where(ChangeRow.account_id == AccountRow.id)
        .correlate(AccountRow)
        .scalar_subquery()
    )
    query = (
        select(AccountRow.account_number, AccountRow.paid_through)
        .join(ChangeRow, ChangeRow.id == newest)
        .where(AccountRow.account_number.in_(renewing))
        .where(~AccountRow.auto_renew, AccountRow.plan != Plan.TRIAL)
        .where(ChangeRow.kind == ChangeKind.TURN_OFF_RENEWAL)
    )
    return {number for number, paid in session.execute(query) if paid and renewing[number] <= paid}


def _upsert(session: Session, rows: Sequence[dict[str, Any]], *, keep_renewal: bool = False) -> None:
    if not rows:
        return
    insert = (postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert)(AccountRow)
    new = insert.excluded
    changes: dict[str, Any] = {name: new[name] for name in rows[0] if name != "account_number"}
    if keep_renewal:
        bought = and_(AccountRow.plan == Plan.TRIAL, new.plan != Plan.TRIAL)
        changes["auto_renew"] = case((bought, true()), else_=AccountRow.auto_renew)
    changes["pin_hash"] = func.coalesce(new.pin_hash, AccountRow.pin_hash)
    changes["cancels_at_trial_end"] = case((new.plan == Plan.TRIAL, AccountRow.cancels_at_trial_end), else_=false())
    statement = insert.on_conflict_do_update(index_elements=["account_number"], set_=changes)
    session.connection().execute(statement, [{**row, "cancels_at_trial_end": False} for row in rows])

"""Reading the ledger through, for whatever was changed, deleted, inserted, moved or cut off."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, Row, select, text
from sqlalchemy.orm import Session

from ivr.db.database import lock, reading
from ivr.db.ledger import CHANGES, LEDGER, Head, Ledger, columns_of
from ivr.db.ledger_chain import EntryKind, commitment, entry_hash, seal

ANCHOR = "ledger_anchor"  # a file of instance/: the end of the ledger when it was last found whole
_AT_A_TIME = 1_000


@dataclass(frozen=True)
class Checked:
    """What came of reading. faults: a sentence each, the first row that is wrong first. head: the newest entry.

    by_kind: how many entries of each. unknown: how many of the faults are changes that have no entry. unsealed: one of
    them is that the newest entry has no seal yet.
    """

    faults: tuple[str, ...]
    head: Head
    by_kind: dict[str, int]
    unknown: int = 0
    unsealed: bool = False

    @property
    def others(self) -> int:
        """Count the faults that sealing, or adopting, does not mend."""
        return len(self.faults) - self.unknown - self.unsealed

    @property
    def anchor(self) -> str:
        """What is to be kept elsewhere, so that nobody can cut off the end unseen."""
        return f"{self.head.seq}-{self.head.hash}"


@dataclass
class _Reading:
    """How far reading has come. newest: the last entry of each change."""

    ledger: Ledger
    anchors: dict[int, str]
    head: Head = field(default_factory=Head)
    faults: list[str] = field(default_factory=list[str])
    by_kind: dict[str, int] = field(default_factory=dict[str, int])
    newest: dict[int, Row[Any]] = field(default_factory=dict[int, Row[Any]])
    sealed: bool = False  # whether an entry was, so far

    def entry(self, row: Row[Any]) -> None:
        """Read the next entry."""
        if row.seq != self.head.seq + 1:
            gap = f"entry {self.head.seq + 1}" + (f" to {row.seq - 1}" if row.seq > self.head.seq + 2 else "")
            self.faults.append(f"{gap} of the ledger is missing")
        elif entry_hash(self.head.hash, row.seq, row.kind, row.at, row.change_id, row.commitment) != row.hash:
            self.faults.append(f"entry {row.seq} of the ledger was altered, or moved")
        elif fault := self._seal(row):
            self.faults.append(f"entry {row.seq} of the ledger {fault}")
        if self.anchors.get(row.seq, row.hash) != row.hash:
            self.faults.append(f"entry {row.seq} of the ledger is not the one that the anchor names")
        self.head = Head(row.seq, row.hash)
        self.by_kind[row.kind] = self.by_kind.get(row.kind, 0) + 1
        self.sealed = self.sealed or row.seal is not None
        if row.change_id is not None:
            self.newest[row.change_id] = row

    def _seal(self, row: Row[Any]) -> str:
        """Say what is wrong with a seal. One by a key that is not known any more is covered by later ones."""
        if row.seal is None:
            return "bears no seal" if self.sealed or row.kind != EntryKind.ADOPTED else ""
        key = self.ledger.keys.get(row.key_id)
        return "" if key is None or hmac.compare_digest(seal(key, row.hash), row.seal) else "bears a forged seal"

    def end(self, last: Row[Any] | None) -> None:
        """See that the chain ends where it should."""
        if last is not None and last.key_id not in self.ledger.keys:
            how = "has no seal yet" if last.seal is None else "is sealed by a key that is not known"
            self.faults.append(f"entry {last.seq} of the ledger, the newest, {how}")
        if cut := [seq for seq in self.anchors if seq > self.head.seq]:
            first = self.head.seq + 1
            self.faults.append(f"entry {first} of the ledger is cut off, up to {max(cut)}, which the anchor names")

    def change(self, row: Row[Any]) -> bool:
        """Hold a change against its entry; False where it has none."""
        entry = self.newest.pop(row.id, None)
        if entry is None:
            return False
        if entry.kind == EntryKind.REMOVED:
            self.faults.append(f"change {row.id} is there, though it was removed by entry {entry.seq} of the ledger")
        elif entry.salt is None or commitment(entry.salt, columns_of(row)) != entry.commitment:
            self.faults.append(f"change {row.id}, code {row.code}, is not what entry {entry.seq} of the ledger says")
        return True

    def gone(self) -> None:
        """Name changes that are in the ledger only."""
        for number, entry in sorted(self.newest.items()):
            if entry.kind != EntryKind.REMOVED:
                self.faults.append(f"change {number} was deleted; entry {entry.seq} of the ledger has it")


def check(engine: Engine, ledger: Ledger, anchors: dict[int, str] | None = None) -> Checked:
    """Read all of the ledger and of the changes, as of one moment. anchors: hashes of entries, by their numbers.

    Raises: ServiceError where the database does not answer.
    """
    with reading(engine, patient=True) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        return check_in(session, ledger, anchors or {})


def check_in(session: Session, ledger: Ledger, anchors: dict[int, str]) -> Checked:
    """Do the same in a transaction that shows one moment."""
    seen, last, unknown = _Reading(ledger, anchors), None, list[Row[Any]]()
    try:
        for last in _rows(session, LEDGER.c.seq):
            seen.entry(last)
        seen.end(last)
        for row in _rows(session, CHANGES.c.id):
            if not seen.change(row):
                unknown.append(row)
        seen.gone()
    except _UnreadableError as error:
        seen.faults.append(str(error))
    seen.faults += [
        f"change {row.id}, code {row.code}, has no entry in the ledger: inserted by hand, or by an older version"
        for row in unknown
    ]
    return Checked(tuple(seen.faults), seen.head, seen.by_kind, len(unknown), last is not None and last.seal is None)


def seal_after(session: Session, ledger: Ledger, checked: Checked) -> list[str]:
    """Seal what was found whole, with whatever was entered since; return what is wrong with it, and then seal nothing.

    Short: writers wait for the lock meanwhile.
    """
    lock(session, "ledger")
    seen = _Reading(ledger, {checked.head.seq: checked.head.hash}, sealed=True)
    for row in session.execute(select(LEDGER).where(LEDGER.c.seq >= checked.head.seq).order_by(LEDGER.c.seq)):
        if row.seq == checked.head.seq:
            seen.head = checked.head if row.hash == checked.head.hash else seen.head
        else:
            seen.entry(row)
    seen.end(None)
    if not seen.faults:
        ledger.seal(session)
    return seen.faults


class _UnreadableError(Exception):
    """A row holds what the line never writes."""


def _rows(session: Session, key: Any) -> Iterator[Row[Any]]:
    """Read a table by its key. Raises: _UnreadableError naming the first row that cannot be read."""
    query = select(key.table).order_by(key)
    try:
        with session.execute(query, execution_options={"yield_per": _AT_A_TIME}) as rows:
            yield from rows
    except (ValueError, LookupError, TypeError):
        what = "change {}" if key.table is CHANGES else "entry {} of the ledger"
        for number in session.scalars(select(key).order_by(key)).all():
            try:
                session.execute(select(key.table).where(key == number)).one()
            except (ValueError, LookupError, TypeError):
                raise _UnreadableError(f"{what.format(number)} was altered: it cannot be read") from None
        raise

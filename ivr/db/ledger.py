"""The ledger: an entry for each change of an account, chained, so that whoever rewrites the past is found out.

An entry is written in the transaction of its change, as the last thing in it, under one lock for all writers: whoever
holds it waits for nothing any more, so nobody waits in a circle.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self, cast

from sqlalchemy import Select, Table, exists, insert, select, update
from sqlalchemy.orm import Session

from ivr.accounts import Account, Change
from ivr.clock import Clock
from ivr.config import Settings
from ivr.db.database import lock
from ivr.db.ledger_chain import GENESIS, SALT_BYTES, EntryKind, commitment, entry_hash, key_id, seal, seal_key
from ivr.db.models.accounts import ChangeRow, LedgerRow

CHANGES = cast("Table", ChangeRow.__table__)
LEDGER = cast("Table", LedgerRow.__table__)
BATCH = 500


@dataclass(frozen=True)
class Head:
    """The newest entry. At the beginning there is none."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True)
class Ledger:
    """Writes entries. keys: by their ids, the first one seals and all are known; without one, entries bear no seal."""

    clock: Clock
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> Self:
        """Put it together from the settings."""
        secrets_ = filter(None, (settings.secret_key, settings.secret_key_previous))
        return cls(clock, {key_id(key): key for key in map(seal_key, secrets_)})

    def changed(self, session: Session, account: Account, change: Change) -> None:
        """Enter a change, in its transaction, as the last thing in it."""
        session.flush()
        mine = (CHANGES.c.account_id == int(account.id), CHANGES.c.key == change.key)
        self._enter(session, EntryKind.CHANGE, _found(session, select(CHANGES).where(*mine)))

    def amended(self, session: Session, ids: Sequence[int]) -> None:
        """Enter changes as they are now, in the transaction that altered them by law."""
        session.flush()
        found = select(CHANGES).where(CHANGES.c.id.in_(ids)).order_by(CHANGES.c.id)
        self._forget(session, ids)
        self._enter(session, EntryKind.AMENDED, _found(session, found))

    def removed(self, session: Session, ids: Sequence[int]) -> None:
        """Enter that changes are gone by rule, in the transaction that removes them, and forget their salts."""
        self._forget(session, ids)
        self._enter(session, EntryKind.REMOVED, ({"id": each} for each in sorted(ids)))

    def adopt(self, session: Session) -> int:
        """Enter changes that have no entry, some hundred at a time; return how many, 0 where there are none left."""
        lock(session, "ledger")
        known = exists().where(LEDGER.c.change_id == CHANGES.c.id)
        rows = _found(session, select(CHANGES).where(~known).order_by(CHANGES.c.id).limit(BATCH))
        self._enter(session, EntryKind.ADOPTED, rows)
        return len(rows)

    def seal(self, session: Session) -> None:
        """Seal all that is there by the key of now. Whoever asks has found it whole."""
        self._enter(session, EntryKind.SEALED, [{"id": None}])

    def _enter(self, session: Session, kind: EntryKind, changes: Iterable[Mapping[str, Any]]) -> None:
        lock(session, "ledger")
        now, head = self.clock.now(), head_of(session)
        rows: list[dict[str, Any]] = []
        for change in changes:
            row = entry(head, kind, now, change)
            rows.append({**row, **self._sealed(row["hash"])})
            head = Head(row["seq"], row["hash"])
        if rows:
            session.execute(insert(LEDGER), rows)

    def _sealed(self, of: str) -> dict[str, str]:
        name = next(iter(self.keys), "")
        return {"key_id": name, "seal": seal(self.keys[name], of)} if name else {}

    def _forget(self, session: Session, ids: Sequence[int]) -> None:
        # Who takes the lock later would wait for these rows while somebody who holds it wants them, too.
        lock(session, "ledger")
        session.execute(update(LEDGER).where(LEDGER.c.change_id.in_(ids)).values(salt=None))


def _found(session: Session, query: Select[Any]) -> list[dict[str, Any]]:
    return [columns_of(row) for row in session.execute(query)]


def columns_of(row: Any) -> dict[str, Any]:
    """Return a row by the names of its columns."""
    columns: dict[str, Any] = row._asdict()
    return columns


def head_of(session: Session) -> Head:
    """Return the newest entry."""
    row = session.execute(select(LEDGER.c.seq, LEDGER.c.hash).order_by(LEDGER.c.seq.desc()).limit(1)).one_or_none()
    return Head(row.seq, row.hash) if row else Head()


def entry(head: Head, kind: EntryKind, at: datetime, change: Mapping[str, Any]) -> dict[str, Any]:
    """Make the entry that follows, without a seal. change: its row; of one that is gone, or of none, its id."""
    salt = secrets.token_hex(SALT_BYTES) if len(change) > 1 else None
    committed = commitment(salt, change) if salt else ""
    seq = head.seq + 1
    return {
        "seq": seq,
        "kind": kind,
        "at": at,
        "change_id": change["id"],
        "commitment": committed,
        "salt": salt,
        "hash": entry_hash(head.hash, seq, kind, at, change["id"], committed),
    }

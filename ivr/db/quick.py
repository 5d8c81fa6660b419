"""The way to the database of what every webhook reads and writes: few round trips, and none for what can be spared.

On SQLite, webhooks that write at the same time share a transaction. On PostgreSQL each has its own: one statement is
one round trip with its commit, and of several only those that return something are waited for. Connections are the
engine's, taken out of its pool and kept; one that the server has closed meanwhile is replaced.
"""

import os
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, event

from ivr.db.checkpoints import Checkpoints
from ivr.db.database import ConnectionLostError, answering, gate_of
from ivr.db.group_commit import Do, GroupCommit, Work
from ivr.db.postgresql import is_there
from ivr.db.prepared import Prepared

FOREIGN_MS = 500  # for programs that write to an SQLite file and do not go through the gate
_open: "weakref.WeakSet[Quick]" = weakref.WeakSet()


class Quick:
    """Does work with a cursor of the driver. Its methods raise ServiceError where the database does not answer.

    watchers: are told of each use how many seconds it took, and what went wrong, if anything did.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Any] = []
        self._parents: list[Any] = []
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._gate = gate_of(engine)
        self._group = GroupCommit(self._commit)
        self._checkpoints = Checkpoints(self._connect, self._gate)
        self.watchers: list[Callable[[float, BaseException | None], None]] = []
        event.listen(engine, "engine_disposed", self._close)
        _open.add(self)

    def read(self, statement: Prepared, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return a row; None where there is none."""
        with answering(self._engine):
            row: dict[str, Any] | None = self._on_a_connection(lambda cursor: statement.run(cursor, values))
            return row

    def write(self, do: Do, *, in_one_statement: bool = False) -> Any:
        """Write, all or nothing, and return what `do` returns once that is durable.

        in_one_statement: on PostgreSQL it is a single one, which needs nobody to begin and to commit.
        """
        with answering(self._engine):
            if self._is_sqlite:
                return self._group.write(do)
            return self._on_a_connection(do if in_one_statement else _pipelined(do))

    def forked(self) -> None:
        """Leave the connections to the parent: to close one here would close it there."""
        self._parents, self._idle = self._idle, []
        self._group = GroupCommit(self._commit)
        self._checkpoints = Checkpoints(self._connect, self._gate)

    def _close(self, _engine: Engine) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _commit(self, works: Sequence[Work]) -> None:
        """Commit works together. Where one fails, each has a transaction of its own: the others are not to suffer."""
        begun = False

        def together(cursor: Any) -> list[Any]:
            nonlocal begun
            begun = True
            return [work.do(cursor) for work in works]

        with self._gate.entered():
            try:
                results = self._on_a_connection(_whole(together))
            except Exception:
                if len(works) == 1 or not begun:  # somebody else holds the file: one wait for that is enough
                    raise
                for work in works:
                    self._alone(work)
            else:
                for work, result in zip(works, results, strict=True):
                    work.result = result
        self._checkpoints.committed()

    def _alone(self, work: Work) -> None:
        try:
            work.result = self._on_a_connection(_whole(work.do))
        except Exception as error:  # noqa: BLE001 whose work it is raises it
            work.error = error

    def _on_a_connection(self, do: Do) -> Any:
        connection = self._lend()
        began, failure = perf_counter(), None
        try:
            return do(connection.cursor())
        except BaseException as error:
            failure = error
            if _is_cut(connection):
                self._close(self._engine)  # a server that stops ends one after the other: theirs may be next
                raise ConnectionLostError from error
            raise
        finally:
            for told in self.watchers:
                told(perf_counter() - began, failure)
            if not _is_cut(connection):
                self._idle.append(connection)

    def _lend(self) -> Any:
        while self._idle:
            with suppress(IndexError):  # another thread was faster
                connection = self._idle.pop()
                if self._is_sqlite or is_there(connection):
                    return connection
                connection.close()
        return self._connect()

    def _connect(self) -> Any:
        lent = self._engine.raw_connection()
        connection: Any = lent.driver_connection
        lent.detach()
        if self._is_sqlite:
            connection.execute(f"PRAGMA busy_timeout = {FOREIGN_MS}")
        else:
            connection.autocommit = True
        return connection


def _whole(do: Do) -> Do:
    """Make one transaction of it, on SQLite."""

    def transaction(cursor: Any) -> Any:
        cursor.execute("BEGIN IMMEDIATE")
        try:
            done = do(cursor)
            cursor.execute("COMMIT")
        except BaseException:
            if cursor.connection.in_transaction:  # SQLite ends some itself
                cursor.execute("ROLLBACK")
            raise
        return done

    return transaction


def _pipelined(do: Do) -> Do:
    """Make one transaction of it, on PostgreSQL: what needs no answer is sent together with what follows."""

    def transaction(cursor: Any) -> Any:
        connection = cursor.connection
        try:
            with connection.pipeline():
                cursor.execute("BEGIN")
                done = do(cursor)
                cursor.execute("COMMIT")
        except BaseException:
            if not _is_cut(connection):
                connection.rollback()
            raise
        return done

    return transaction


def _is_cut(connection: Any) -> bool:
    """Say whether a connection to a server is gone; SQLite has none to lose."""
    return bool(getattr(connection, "closed", False))


def _leave_to_parent() -> None:
    for quick in _open:
        quick.forked()


os.register_at_fork(after_in_child=_leave_to_parent)

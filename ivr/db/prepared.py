"""Statements compiled once and told to the driver directly: SQLAlchemy's own way costs more than what they ask for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect

T = TypeVar("T")


class Prepared:
    """One statement of SQLAlchemy's, for one kind of database; its types still translate what goes in and out.

    columns: those that an INSERT is given; a statement with parameters of its own names them itself.
    """

    def __init__(self, statement: Any, dialect: Dialect, columns: Sequence[str] = ()) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        self.sql: str = compiled.string
        self._order: list[str] | None = compiled.positiontup
        self._writers: list[tuple[str, Any]] = []
        self._fixed: dict[str, Any] = {}
        for bind, name in compiled.bind_names.items():
            write = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if not bind.required:
                value = compiled.params[name]
                self._fixed[name] = write(value) if write else value
            elif write:
                self._writers.append((name, write))
        returned: Any = getattr(statement, "exported_columns", ())
        self._readers = [
            (column.key, column.type.dialect_impl(dialect).result_processor(dialect, None)) for column in returned
        ]

    def run(self, cursor: Any, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Run it, and return its first row by the names of its columns; None where there is none."""
        rows = self.all(cursor, values)
        return rows[0] if rows else None

    def all(self, cursor: Any, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run it, and return its rows."""
        given = {**self._fixed, **values}
        for name, write in self._writers:
            given[name] = write(given[name])
        cursor.execute(self.sql, given if self._order is None else [given[name] for name in self._order])
        # To the end: SQLite counts a statement as going on until then.
        return [self._read(row) for row in cursor.fetchall()] if self._readers else []

    def _read(self, row: Sequence[Any]) -> dict[str, Any]:
        return {name: read(value) if read else value for (name, read), value in zip(self._readers, row, strict=True)}


def once_a_dialect(make: Callable[[Dialect], T]) -> Callable[[Dialect], T]:
    """Have statements compiled once a process: what is made for a dialect serves all its databases."""
    made: dict[str, T] = {}

    def kept(dialect: Dialect) -> T:
        if dialect.name not in made:
            made[dialect.name] = make(dialect)
        return made[dialect.name]

    return kept


def cursor_of(connection: Connection) -> Any:
    """Return the driver's cursor in the transaction of a connection; it is closed with its last reference."""
    return connection.connection.cursor()

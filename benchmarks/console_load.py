"""Loads invented calls in bulk: what shapes and places they have goes in row by row, the rest is made there in SQL."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import psycopg
from console_calls import (
    ACCOUNT_COLUMNS,
    MARKS,
    NOTES,
    PLACED,
    Placed,
    Row,
    account_rows,
    notes_and_marks,
    paths_rows,
    place,
    placed_rows,
)
from console_shapes import TABLES, Shape, shapes
from console_spread import GOING, columns_of, spread

from ivr.db.migrate import upgrade

Tell = Callable[[str], None]
_PLACED_TYPES = (
    "number integer PRIMARY KEY, sid text, shift double precision, shape integer, phone text, account integer, "
    "account_number text, since_last_s integer, next_after_s integer, version text, simulated integer, going integer"
)
# Cast, or SQLite gives the column no type, and then takes no index for it.
_EMPTY = (
    "CREATE TEMP TABLE shape_{0} AS SELECT CAST(0 AS integer) AS shape, CAST(0 AS integer) AS place, * FROM {0} LIMIT 0"
)


@dataclass(frozen=True)
class Load:
    """What is to be written. paths: their steps."""

    shapes: Sequence[Shape]
    paths: Sequence[str]
    calls: Sequence[Placed]

    @classmethod
    def made(cls, count: int, walked: int) -> "Load":
        """Walk some calls, and spread many in their shapes."""
        found, paths = shapes(walked)
        return cls(found, paths, place(count, found, Random(3)))

    def plain(self) -> Iterable[tuple[str, Sequence[str], Iterable[Row]]]:
        """Tables that are written row by row: name, columns, rows."""
        yield "placed", PLACED, placed_rows(self.calls, self.shapes, Random(7))
        yield "accounts", ACCOUNT_COLUMNS, account_rows()
        yield "paths", ("id", "key", "steps"), paths_rows(self.paths)
        for table in TABLES:
            names = columns_of(self.shapes)[table]
            rows = [
                [number, at, *(row[name] for name in names)]
                for number, shape in enumerate(self.shapes)
                for at, row in enumerate(shape.rows[table])
            ]
            yield f"shape_{table}", ("shape", "place", *names), rows

    def of_staff(self) -> Iterable[tuple[str, Sequence[str], Iterable[Row]]]:
        """The same of what staff have made of calls."""
        notes, marks = notes_and_marks(self.calls, Random(9))
        yield "notes", NOTES, notes
        yield "marks", MARKS, marks


def load_sqlite(path: str, load: Load, tell: Tell) -> None:
    """Fill a new SQLite file."""
    upgrade(f"sqlite:///{path}")
    names = columns_of(load.shapes)
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "temp_store = MEMORY"):
        database.execute(f"PRAGMA {pragma}")
    indexes = database.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql != ''")
    put_back = [row for row in indexes.fetchall() if row[1] in {*TABLES, "notes", "marks"}]
    database.execute("BEGIN")
    for name, _, _ in put_back:
        database.execute(f"DROP INDEX {name}")
    database.execute(f"CREATE TEMP TABLE placed ({_PLACED_TYPES})")
    for table in TABLES:
        database.execute(_EMPTY.format(table))
    _put(database, load.plain())
    for table in TABLES:
        database.execute(f"CREATE INDEX temp.of_{table} ON shape_{table} (shape, place)")
        database.execute(spread(table, names[table], load.shapes, "sqlite"))
    for statement in GOING:
        database.execute(statement.format(no="0"))
    _put(database, load.of_staff())
    tell("rows written")
    for _, _, sql in put_back:
        database.execute(sql)
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")
    database.close()


def _put(database: sqlite3.Connection, tables: Iterable[tuple[str, Sequence[str], Iterable[Row]]]) -> None:
    for table, names, rows in tables:
        named, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
        database.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", rows)  # noqa: S608 our own names


def load_postgresql(url: str, load: Load, tell: Tell) -> None:
    """Fill a new PostgreSQL database."""
    upgrade(url)
    names = columns_of(load.shapes)
    address = re.sub(r"^postgresql\+psycopg", "postgresql", url)
    with psycopg.connect(address, autocommit=True, options="-c timezone=UTC -c synchronous_commit=off") as database:
        # Only while it is filled: what is read later is the same.
        for setting in ("fsync = off", "full_page_writes = off", "max_wal_size = '16GB'", "autovacuum = off"):
            database.execute(f"ALTER SYSTEM SET {setting}")
        database.execute("SELECT pg_reload_conf()")
        put_back = _strip(database)
        for setting in ("maintenance_work_mem = '1GB'", "work_mem = '512MB'", "jit = off"):
            database.execute(f"SET {setting}")
        database.execute(f"CREATE TEMP TABLE placed ({_PLACED_TYPES})")
        for table in TABLES:
            database.execute(_EMPTY.format(table))
        _copy(database, load.plain())
        database.execute("ANALYZE")
        # A hash of the shapes, and the calls read in their order: so calls of a time stand together, as they do on a
        # real line.
        database.execute("SET enable_nestloop = off")
        database.execute("SET enable_mergejoin = off")
        for table in TABLES:
            database.execute(spread(table, names[table], load.shapes, "postgresql", _types(database, table)))
        for statement in GOING:
            database.execute(statement.format(no="false"))
        _copy(database, load.of_staff())
        tell("rows written")
        for statement in put_back:
            database.execute(statement)
        database.execute("SELECT setval('paths_id_seq', (SELECT max(id) FROM paths))")
        database.execute("SELECT setval('accounts_id_seq', (SELECT max(id) FROM accounts))")
        tell("indexes built")
        database.execute("VACUUM ANALYZE")
        database.execute("CHECKPOINT")
        database.execute("ALTER SYSTEM RESET ALL")
        database.execute("SELECT pg_reload_conf()")


def _copy(database: psycopg.Connection[Any], tables: Iterable[tuple[str, Sequence[str], Iterable[Row]]]) -> None:
    for table, names, rows in tables:
        named = ", ".join(f'"{name}"' for name in names)
        with database.cursor().copy(f"COPY {table} ({named}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _types(database: psycopg.Connection[Any], table: str) -> Mapping[str, str]:
    query = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
    return dict(database.execute(query, (table,)).fetchall())


def _strip(database: psycopg.Connection[Any]) -> list[str]:
    """Drop all constraints and indexes, and return what puts them back: in bulk that is many times faster."""
    constraints = database.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype::text FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p', 'u')"
    ).fetchall()
    put_back: list[str] = []
    for kind in "fpu":
        for table, name, definition, is_kind in constraints:
            if is_kind == kind and table != "alembic_version":
                database.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE")
                put_back.insert(0, f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    indexes = database.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename != 'alembic_version'"
    ).fetchall()
    for name, definition in indexes:
        database.execute(f"DROP INDEX {name}")
        put_back.insert(0, definition)
    return put_back

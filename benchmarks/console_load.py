"""Loads invented calls in bulk: SQLite in one transaction, PostgreSQL by COPY, and indexes after all else."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from random import Random
from typing import Any

import psycopg
from console_calls import ACCOUNT_COLUMNS, MARKS, NOTES, Rows, Writer, account_rows, paths_rows, place
from console_shapes import TABLES, Shape

from ivr.db.migrate import upgrade

CHUNK = 5_000
PATHS = ("id", "key", "steps")


def _chunks(count: int, shapes: Sequence[Shape], writer: Writer, tell: Callable[[str], None]) -> Iterable[Rows]:
    calls = place(count, shapes, Random(3))
    tell(f"{count:,} calls placed")
    for first in range(0, count, CHUNK):
        yield writer.rows(calls[first : first + CHUNK], first)


def load_sqlite(
    path: str, count: int, shapes: Sequence[Shape], paths: Sequence[str], tell: Callable[[str], None]
) -> None:
    """Fill a new SQLite file."""
    upgrade(f"sqlite:///{path}")
    writer = Writer(shapes, count)
    columns = {**writer.columns, "notes": NOTES, "marks": MARKS}
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -3000000", "foreign_keys = OFF"):
        database.execute(f"PRAGMA {pragma}")
    indexes = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    database.execute("BEGIN")
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")

    def put(table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        named = ", ".join(f'"{name}"' for name in names)
        marks = ", ".join("?" * len(names))
        database.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", rows)  # noqa: S608 our own names

    put("accounts", ACCOUNT_COLUMNS, account_rows())
    put("paths", PATHS, paths_rows(paths))
    for made in _chunks(count, shapes, writer, tell):
        for table, rows in made.items():
            put(table, columns[table], rows)
    tell("rows written")
    for _, sql in indexes:
        database.execute(sql)
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")
    database.close()


def load_postgresql(
    url: str, count: int, shapes: Sequence[Shape], paths: Sequence[str], tell: Callable[[str], None]
) -> None:
    """Fill a new PostgreSQL database, one connection for each table, since each copies all the time."""
    upgrade(url)
    writer = Writer(shapes, count)
    address = re.sub(r"^postgresql\+psycopg", "postgresql", url)
    with psycopg.connect(address, autocommit=True) as database:
        put_back = _strip(database)
        with ExitStack() as stack:
            copies = {
                table: _copy(stack, address, table, names)
                for table, names in {
                    **writer.columns,
                    "notes": NOTES,
                    "marks": MARKS,
                    "paths": PATHS,
                    "accounts": ACCOUNT_COLUMNS,
                }.items()
            }
            _write(copies["paths"], paths_rows(paths))
            _write(copies["accounts"], list(account_rows()))
            for made in _chunks(count, shapes, writer, tell):
                for table, rows in made.items():
                    _write(copies[table], rows)
        tell("rows written")
        database.execute("SET maintenance_work_mem = '1GB'")
        for statement in put_back:
            database.execute(statement)
        tell("indexes built")
        for table in (*TABLES, "notes", "accounts", "paths"):
            if table not in {"calls", "call_facts", "marks"}:
                database.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
                )
        database.execute("VACUUM ANALYZE")


def _copy(stack: ExitStack, address: str, table: str, names: Sequence[str]) -> psycopg.Copy:
    connection = stack.enter_context(psycopg.connect(address, options="-c timezone=UTC -c synchronous_commit=off"))
    named = ", ".join(f'"{name}"' for name in names)
    return stack.enter_context(connection.cursor().copy(f"COPY {table} ({named}) FROM STDIN"))


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _write(copy: psycopg.Copy, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        lines = [
            "\t".join("\\N" if v is None else v.translate(_ESCAPED) if isinstance(v, str) else str(v) for v in row)
            for row in rows
        ]
        copy.write(("\n".join(lines) + "\n").encode())


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

"""Opening the database: SQLite that several processes may write at once, or PostgreSQL."""

import hashlib
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, InternalError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from ivr.config import SettingsError
from ivr.db.gate import OPEN, Gate, GateError
from ivr.services import ServiceError

BUSY_S = 10.0  # the carrier gives up on a webhook after 15 s
LOCK_S, STATEMENT_S = 8.0, 12.0  # PostgreSQL waits for ever unless told
_TOO_LONG = {"55P03", "57014"}  # lock not available; statement cancelled
_WRITE, _GATE = "answerline_write", "answerline_gate"


def open_database(url: str, lock_s: float = LOCK_S, statement_s: float = STATEMENT_S) -> Engine:
    """Open a database by its URL: `sqlite:///FILE`, `postgresql://...` or any other that SQLAlchemy knows.

    lock_s, statement_s: longest wait for a lock, and longest statement, on PostgreSQL; patient writing has no bound.
    Raises: SettingsError where the URL cannot be used.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    on_postgresql = parsed.get_backend_name() == "postgresql"
    arguments: dict[str, Any] = {"connect_timeout": 5} if on_postgresql else {}
    try:
        engine = create_engine(
            parsed, pool_pre_ping=True, pool_timeout=BUSY_S, hide_parameters=True, connect_args=arguments
        )
    except (ImportError, NoSuchModuleError) as error:
        raise SettingsError(f"DATABASE_URL needs a driver that is not installed: {error}") from None
    if on_postgresql:
        event.listen(engine, "connect", _bound_waits(lock_s, statement_s))
    return engine


@contextmanager
def transaction(engine: Engine, *, write: bool = False) -> Generator[Connection]:
    """Run statements as one: all of the block or nothing. Never wait inside.

    write: take SQLite's write lock now, not half-way.
    Raises: ServiceError where the database does not answer, or is busy for ten seconds.
    """
    gate = gate_of(engine).entered() if write else nullcontext()
    with answering(), gate, engine.connect() as connection, connection.execution_options(**{_WRITE: write}).begin():
        yield connection


def gate_of(engine: Engine) -> Gate:
    """Return the gate that all who write to an SQLite file go through; other databases keep it open."""
    gate: Gate = engine.get_execution_options().get(_GATE) or OPEN
    return gate


@contextmanager
def reading(engine: Engine) -> Generator[Session]:
    """Look at the database in one consistent moment, as `transaction` does, through objects."""
    with answering(), Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine, *, patient: bool = False) -> Generator[Session]:
    """Change the database in one transaction, as `transaction` does, through objects.

    patient: no caller waits for this, so PostgreSQL may take as long as it needs.
    """
    with transaction(engine, write=True) as connection, Session(connection, expire_on_commit=False) as session:
        if patient and engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL lock_timeout = 0"))
            session.execute(text("SET LOCAL statement_timeout = 0"))
        yield session
        session.flush()


def lock(within: Session | Connection, *subjects: str) -> None:
    """Make transactions about the same subjects wait for each other, to their end.

    SQLite needs nothing: it has one writer at a time. PostgreSQL takes advisory locks, always in the same order.
    """
    connection = within if isinstance(within, Connection) else within.connection()
    if connection.dialect.name != "postgresql":
        return
    for name in lock_names(*subjects):
        connection.execute(select(func.pg_advisory_xact_lock(name)))


def lock_names(*subjects: str) -> list[int]:
    """Return the numbers of advisory locks, in the order in which they are to be taken."""
    return sorted({int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in subjects})


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError("DATABASE_URL is not a database URL, such as postgresql://user@host/name") from None
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise SettingsError("DATABASE_URL must name a file: sqlite:///path/to/answerline.db; memory forgets calls")
    return parsed


def _bound_waits(lock_s: float, statement_s: float) -> Callable[[Any, object], None]:
    def bound(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {lock_s * 1000:.0f}")
            cursor.execute(f"SET statement_timeout = {statement_s * 1000:.0f}")
            cursor.execute("SET jit = off")  # compiling costs a search of the console more than it saves
        connection.commit()  # or the first rollback would forget them

    return bound


def _open_sqlite(url: URL) -> Engine:
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"DATABASE_URL names a file in {folder}, which cannot be made: {error.strerror}") from None
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=56,  # threads wait for SQLite's lock, not for a connection
        pool_timeout=BUSY_S,
        hide_parameters=True,
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
        execution_options={_GATE: Gate(Path(str(url.database)), BUSY_S)},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    _write_ahead(cursor)
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")  # a change that was confirmed to a caller survives a power cut
    cursor.close()
    connection.create_function("split_part", 3, _split_part, deterministic=True)


def _split_part(text: str, delimiter: str, place: int) -> str:
    """Do what PostgreSQL's function of this name does: return the part at a place, from 1; '' beyond the last."""
    parts = text.split(delimiter, place)
    return parts[place - 1] if place <= len(parts) else ""


def _write_ahead(cursor: Any) -> None:
    # Two processes that open a new file at once: switching does not wait for the busy timeout, so we do.
    import sqlite3  # noqa: PLC0415 not needed on a server

    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(_WRITE) else "BEGIN")


@contextmanager
def answering(engine: Engine | None = None) -> Generator[None]:
    """Turn a database that does not answer into a ServiceError. engine: whose driver is spoken to directly."""
    driver: Any = engine.dialect.loaded_dbapi if engine else None
    errors: type[Exception] | tuple[()] = driver.Error if driver else ()
    try:
        yield
    except PoolTimeoutError as error:
        raise ServiceError("the database does not answer: every connection is in use") from error
    except GateError as error:
        raise ServiceError("the database is busy: somebody else holds what is needed, or is too slow") from error
    except DBAPIError as error:
        if told := _told(error.orig, away=isinstance(error, OperationalError | InterfaceError | InternalError)):
            raise ServiceError(told) from error
        raise
    except errors as error:
        away = isinstance(error, driver.OperationalError | driver.InterfaceError | driver.InternalError)
        if told := _told(error, away=away):
            raise ServiceError(told) from error
        raise


def _told(error: BaseException | None, *, away: bool) -> str:
    """Say what is the matter with the database; '' where the question was wrong."""
    state = getattr(error, "sqlstate", None)
    if state == "42P01" or "no such table" in str(error):
        return "the database has no tables yet, or old ones: run `flask db upgrade`"
    if state in _TOO_LONG:
        return "the database is busy: somebody else holds what is needed, or is too slow"
    return f"the database does not answer: {' '.join(str(error).split())[:200]}" if away else ""


def storable(given: str) -> str:
    """Make text from a carrier fit to be stored: PostgreSQL takes neither NUL nor half a surrogate pair."""
    return given.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()

"""Opening the database: SQLite that several processes may write at once, or PostgreSQL."""

import hashlib
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext, suppress
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, InternalError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from ivr import deadline
from ivr.db.gate import OPEN, Gate, GateError
from ivr.db.postgresql import Waits, open_postgresql
from ivr.service_errors import ServiceError
from ivr.setting_rules import SettingsError

LOG_PAGES_MAX = 20_000  # 80 MB
BUSY_S = 10.0  # the carrier gives up on a webhook after 15 s
PROBE_S = 0.5
LOSSES = 2  # of connections to a server that restarts: one to the old, one to it as it stops
_BUSY = "the database is busy: somebody else holds what is needed, or is too slow"
_TOO_LONG = {"55P03", "57014"}  # lock not available; statement cancelled
_WRITE, _GATE = "answerline_write", "answerline_gate"


P = ParamSpec("P")
T = TypeVar("T")


class ConnectionLostError(ServiceError):
    """The connection broke: what was asked for may have been done, or not."""

    def __init__(self) -> None:
        super().__init__("the database does not answer: the connection broke")


class BusyError(ServiceError):
    """Somebody else holds what is needed, or it takes too long: nothing was done."""


def open_database(url: str, waits: Waits | None = None) -> Engine:
    """Open a database by its URL: `sqlite:///FILE`, `postgresql://...` or any other that SQLAlchemy knows.

    waits: bounds on PostgreSQL; patient transactions have none.
    Raises: SettingsError where the URL cannot be used.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    try:
        if parsed.get_backend_name() == "postgresql":
            return open_postgresql(parsed, waits or Waits())
        return create_engine(parsed, pool_pre_ping=True, pool_timeout=BUSY_S, hide_parameters=True)
    except (ImportError, NoSuchModuleError) as error:
        raise SettingsError(f"DATABASE_URL needs a driver that is not installed: {error}") from None


def again(method: Callable[P, T]) -> Callable[P, T]:
    """Have a method done again where the connection broke under it: only for what changes nothing the second time.

    The connection it had then was there a moment ago, so the server is restarting, and the next one waits for it;
    unless the server that is just stopping still took that one, which breaks, too.
    """

    @wraps(method)
    def until_it_is_done(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(LOSSES):
            with suppress(ConnectionLostError):
                return method(*args, **kwargs)
        return method(*args, **kwargs)

    return until_it_is_done


@contextmanager
def connected(engine: Engine) -> Generator[Connection]:
    """Connect, for who begins and ends transactions of their own. Raises: as `transaction` does."""
    with answering(), engine.connect() as connection:
        yield connection


@contextmanager
def transaction(engine: Engine, *, write: bool = False) -> Generator[Connection]:
    """Run statements as one: all of the block or nothing. Never wait inside.

    write: take SQLite's write lock now, not half-way.
    Raises: ServiceError where the database does not answer, or is busy for too long; ConnectionLostError among them.
    """
    gate = gate_of(engine).entered() if write else nullcontext()
    with (
        answering(engine),
        gate,
        engine.connect() as connection,
        connection.execution_options(**{_WRITE: write}).begin(),
    ):
        yield connection


def probe(engine: Engine) -> None:
    """See whether the database can be written, within half a second. Raises: ServiceError where it cannot."""
    with deadline.within(PROBE_S), transaction(engine, write=True) as connection:
        # No row is changed, and none is held; a server that takes no writes (a replica) refuses it all the same.
        connection.execute(text("UPDATE alembic_version SET version_num = version_num WHERE version_num = ''"))


def gate_of(engine: Engine) -> Gate:
    """Return the gate that all who write to an SQLite file go through; other databases keep it open."""
    gate: Gate = engine.get_execution_options().get(_GATE) or OPEN
    return gate


@contextmanager
def reading(engine: Engine, *, patient: bool = False) -> Generator[Session]:
    """Look at the database in one consistent moment, as `transaction` does, through objects.

    patient: no caller waits for this, so PostgreSQL may take as long as it needs.
    """
    with answering(), Session(engine) as session:
        if patient:
            _take_your_time(session.connection())
        yield session


@contextmanager
def writing(engine: Engine, *, patient: bool = False) -> Generator[Session]:
    """Change the database in one transaction, as `transaction` does, through objects.

    patient: no caller waits for this, so PostgreSQL may take as long as it needs.
    """
    with transaction(engine, write=True) as connection, Session(connection, expire_on_commit=False) as session:
        if patient:
            _take_your_time(connection)
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
    return sorted(map(_lock_id, set(subjects)))


def try_lock(connection: Connection, subject: str) -> bool:
    """Take the lock of a subject on PostgreSQL, to the transaction's end, unless somebody has it."""
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(_lock_id(subject)))))


def _lock_id(subject: str) -> int:
    return int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8], signed=True)


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


def _take_your_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for name in Waits().bounds():
            connection.execute(text(f"SET LOCAL {name} = 0"))


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
    cursor.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES_MAX}")  # where ivr/db/checkpoints.py does not get to it
    cursor.close()
    connection.create_function("split_part", 3, _split_part, deterministic=True)


def _split_part(text: str, delimiter: str, place: int) -> str:
    """Do what PostgreSQL's function of this name does: return the part at a place, from 1; '' beyond the last."""
    parts = text.split(delimiter, place)
    return parts[place - 1] if place <= len(parts) else ""


def _write_ahead(cursor: Any) -> None:
    # Two processes that open a new file at once: switching does not wait for the busy timeout, so we do.
    import sqlite3  # noqa: PLC0415 not needed on a server

    until = time.monotonic() + deadline.shorter(BUSY_S)
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get(_WRITE):
        connection.exec_driver_sql("BEGIN")
        return
    # Programs that do not go through the gate: SQLite itself waits for those.
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(1000 * deadline.shorter(BUSY_S))}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


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
        raise BusyError(_BUSY) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise ConnectionLostError from error
        if told := _told(error.orig, away=isinstance(error, OperationalError | InterfaceError | InternalError)):
            raise told from error
        raise
    except errors as error:
        away = isinstance(error, driver.OperationalError | driver.InterfaceError | driver.InternalError)
        if told := _told(error, away=away):
            raise told from error
        raise


def _told(error: BaseException | None, *, away: bool) -> ServiceError | None:
    """Say what is the matter with the database; nothing where the question was wrong."""
    state = getattr(error, "sqlstate", None)
    if state == "42P01" or "no such table" in str(error):
        return ServiceError("the database has no tables yet, or old ones: run `flask db upgrade`")
    if state in _TOO_LONG:
        return BusyError(_BUSY)
    return ServiceError(f"the database does not answer: {' '.join(str(error).split())[:200]}") if away else None


def storable(given: str) -> str:
    """Make text from a carrier fit to be stored: PostgreSQL takes neither NUL nor half a surrogate pair."""
    return given.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()

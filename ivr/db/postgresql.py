"""Opening PostgreSQL: waits that end before a caller's patience, and restarts of the server that no caller hears of."""

import select
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, replace
from threading import Thread
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError

from ivr import deadline
from ivr.config import Settings

RESTART_S = 2.0  # a server that restarts is back by then; a webhook is answered within three seconds
GLANCE_S = 0.05
POOL_S = 1.0  # a connection of the pool: who waits for longer has other things to wait for, too
VANISHED_MS = 3000  # a server that acknowledges nothing for so long is gone: the network, or its machine
STAFF_MS, STAFF_POOL = 30_000, 4
T = TypeVar("T")


@dataclass(frozen=True)
class Waits:
    """How long PostgreSQL is waited for, and over how many connections. Defaults are for tools; webhooks have less.

    pool: connections a process keeps; it may have as many more for a while. pooler: `pgbouncer`, or nothing.
    """

    lock_ms: int = 8000
    statement_ms: int = 12_000
    idle_ms: int = 10_000  # in a transaction, between two statements: nobody may hold locks and forget them
    connect_s: int = 2
    pool: int = 8
    pooler: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "Waits":
        """Read them from the settings."""
        return cls(
            lock_ms=settings.database_lock_ms,
            statement_ms=settings.database_statement_ms,
            connect_s=settings.database_connect_s,
            pool=settings.database_pool,
            pooler=settings.database_pooler,
        )

    @classmethod
    def of_staff(cls, settings: Settings) -> "Waits":
        """Bound what staff look at: their questions take longer than a webhook may, and fewer ask at once."""
        return replace(cls.of(settings), statement_ms=STAFF_MS, pool=STAFF_POOL)

    def bounds(self) -> dict[str, int]:
        """Return PostgreSQL's own settings, in milliseconds."""
        return {
            "lock_timeout": self.lock_ms,
            "statement_timeout": self.statement_ms,
            "idle_in_transaction_session_timeout": self.idle_ms,
        }


def open_postgresql(url: URL, waits: Waits) -> Engine:
    """Open a server. Nothing is kept in a session that a pooler in transaction mode would lose.

    Without a pooler the bounds go with the connection's first packet, and cost nothing after that. With one, which
    would hand them to somebody else or refuse them, they go with each BEGIN.
    """
    arguments: dict[str, Any] = {
        "connect_timeout": waits.connect_s,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": VANISHED_MS,
    }
    if waits.pooler:
        arguments["prepare_threshold"] = None  # PgBouncer before 1.21 knows no prepared statements
    else:
        # To compile a question costs the console's searches more than it saves.
        bounds = ["-c jit=off", *(f"-c {name}={value}" for name, value in waits.bounds().items())]
        arguments["options"] = " ".join([*bounds, str(url.query.get("options", ""))]).strip()
    engine = create_engine(
        url,
        pool_size=waits.pool,
        max_overflow=waits.pool,
        pool_timeout=min(waits.connect_s, POOL_S),
        use_native_hstore=False,  # or each connection would begin with a question about a type that nobody uses
        pool_use_lifo=True,  # what is idle for long is not used, and a pooler may take it back
        hide_parameters=True,
        connect_args={name: value for name, value in arguments.items() if name == "options" or name not in url.query},
    )
    event.listen(engine, "do_connect", _Restart().connect)
    event.listen(engine, "checkout", _still_there)
    if waits.pooler:
        event.listen(engine, "connect", _begin_ourselves)
        event.listen(engine, "begin", _bounded_begin(waits))
    return engine


class Punctual(psycopg.Connection[Any]):
    """A connection that keeps the deadline of who uses it, whatever the server does.

    A server that is stopped, or a network that swallows everything, says nothing: no bound of its own ends anything.
    """

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait as the library does. A connection in which something still goes on at the deadline is given up."""
        left = deadline.left()
        if left is None:
            return super().wait(gen, interval, timeout)
        if left <= 0:
            self._give_up()
        try:
            return super().wait(gen, interval, left)
        except psycopg.OperationalError:
            if (deadline.left() or 0) <= 0:
                self._give_up()
            raise

    def _give_up(self) -> None:
        if self.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            self.close()
        raise psycopg.OperationalError("it was waited for as long as a webhook may")


def _in_time(connect: Callable[[], T], close: Callable[[T], None]) -> T:
    """Connect within the deadline, in a thread: to look up a name may take longer than any bound of the library's."""
    left = deadline.left()
    if left is None:
        return connect()
    made: Future[T] = Future()
    Thread(target=_make, args=(made, connect), daemon=True).start()
    try:
        return made.result(max(left, 0))
    except LateError:
        made.add_done_callback(lambda late: close(late.result()) if late.exception() is None else None)
        raise psycopg.OperationalError("no connection within the time that a webhook may take") from None


def _make(made: "Future[T]", connect: Callable[[], T]) -> None:
    try:
        made.set_result(connect())
    except BaseException as error:  # noqa: BLE001 it is raised where the connection is waited for
        made.set_exception(error)


class _Restart:
    """Waits for a server that was there a moment ago, and not for one that is away: that is told at once.

    So a restart costs callers a moment, and an outage costs each of them no more than one refused connection.
    """

    def __init__(self) -> None:
        self._was_there = False

    def connect(self, dialect: Any, _record: object, cargs: Any, cparams: Any) -> Any:
        """Connect as the dialect does, again and again for a while."""
        since = time.monotonic()
        while True:
            try:
                connection = _in_time(lambda: Punctual.connect(*cargs, **cparams), Punctual.close)
            except dialect.loaded_dbapi.OperationalError:
                if time.monotonic() - since > RESTART_S or (deadline.left() or 1) <= 0:
                    self._was_there = False
                if not self._was_there:
                    raise
                time.sleep(GLANCE_S)
            else:
                self._was_there = True
                return connection


def is_there(connection: Any) -> bool:
    """See whether the server has closed an idle connection: ask the socket, and the server only if something came.

    A ping would cost each transaction a round trip; a server that is stopped, or dies, closes its sockets.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if not idle.poll(0):
        return True
    try:
        before, connection.autocommit = connection.autocommit, True
        connection.execute("SELECT 1")  # a notice came, or a setting was changed
        connection.autocommit = before
    except Exception:  # noqa: BLE001 whatever it is, the connection is of no use
        return False
    return True


def _still_there(connection: Any, _record: object, _fairy: object) -> None:
    if not is_there(connection):
        raise InvalidatePoolError


def _begin_ourselves(connection: Any, _record: object) -> None:
    connection.autocommit = True


def _bounded_begin(waits: Waits) -> Any:
    bounds = "; ".join(f"SET LOCAL {name} = {value}" for name, value in waits.bounds().items())

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            return  # an index that is built beside writers
        connection.exec_driver_sql(f"BEGIN; {bounds}", execution_options={"no_parameters": True})

    return begin

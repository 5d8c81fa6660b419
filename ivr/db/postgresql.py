"""Opening PostgreSQL: waits that end before a caller's patience, and restarts of the server that no caller hears of."""

import select
import time
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError

from ivr.config import Settings

RESTART_S = 2.0  # a server that restarts is back by then; a webhook is answered within three seconds
GLANCE_S = 0.05
VANISHED_MS = 3000  # a server that acknowledges nothing for so long is gone: the network, or its machine
STAFF_MS, STAFF_POOL = 30_000, 4


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
        pool_timeout=waits.connect_s,
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
                connection = dialect.connect(*cargs, **cparams)
            except dialect.loaded_dbapi.OperationalError:
                if time.monotonic() - since > RESTART_S:
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

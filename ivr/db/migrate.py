"""Bringing the database to the shape that this version of the line needs, while the line answers.

Alembic is loaded when it is needed: most commands never do, and would start a seventh of a second later.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event, text

from ivr.db.database import BusyError, connected, open_database, reading, transaction, try_lock
from ivr.db.postgresql import Waits

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_MS = 500  # webhooks queue behind whoever waits for a table, so a migration does not wait for long
TRIES, PAUSE_S = 60, 1.0
GLANCE_S = 0.1


def upgrade(url: str, revision: str = "head", waits: Waits | None = None) -> None:
    """Bring a database up to date; safe when several processes start at once, and while calls go on.

    Raises: ServiceError where the database does not answer, or is never free.
    """
    _run(url, revision, "upgrade", waits or Waits())


def downgrade(url: str, revision: str, waits: Waits | None = None) -> None:
    """Take a database back to an earlier revision; `base` empties it."""
    _run(url, revision, "downgrade", waits or Waits())


def current(engine: Engine) -> str | None:
    """Say which revision the database has; None for an empty one."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 see above

    with reading(engine) as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def is_behind(engine: Engine) -> bool:
    """Say whether the database is older than this version of the line needs.

    One that is newer is not: a newer version is being brought in, and nothing that this one uses has been taken away.
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415 see above

    found = current(engine)
    known = {one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()}
    return found is None or (found in known and found != head())


@cache
def head() -> str:
    """Say which revision this version of the line needs."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 see above

    return ScriptDirectory.from_config(config()).get_current_head() or ""


def is_known(revision: str) -> bool:
    """Say whether this version of the line knows a revision."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 see above

    return any(step.revision == revision for step in ScriptDirectory.from_config(config()).walk_revisions())


def config() -> "Config":
    """Say where the migrations are, to Alembic."""
    from alembic.config import Config  # noqa: PLC0415 see above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _run(url: str, revision: str, step: str, waits: Waits) -> None:
    # On PostgreSQL each revision is a transaction of its own, which gives up where it would wait for a table, and is
    # tried again: what it waits for, everybody behind it waits for, too.
    engine = open_database(url, replace(waits, lock_ms=LOCK_MS, statement_ms=0, idle_ms=0))
    try:
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _patient)
        with _alone(engine):
            _step(engine, revision, step)
    finally:
        engine.dispose()


def _step(engine: Engine, revision: str, step: str) -> None:
    from alembic import command  # noqa: PLC0415 see above

    all_at_once = engine.dialect.name == "sqlite"  # nobody reads what is half done, and nobody writes meanwhile
    for left in reversed(range(TRIES)):
        try:
            with transaction(engine, write=True) if all_at_once else connected(engine) as connection:
                alembic = config()
                alembic.attributes["connection"] = connection
                getattr(command, step)(alembic, revision)
        except BusyError:
            if not left:
                raise
            time.sleep(PAUSE_S)
        else:
            return


@contextmanager
def _alone(engine: Engine) -> Generator[None]:
    """Wait until nobody else migrates. On SQLite whoever writes is alone.

    Not by a lock that is waited for: an index that is built beside writers waits for every statement that has begun
    before it, and so for whoever waits here.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    while True:
        with transaction(engine) as connection:
            if try_lock(connection, "migrations"):
                # A lock that was asked for last would still hold a snapshot, which the index waits for as well.
                connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
                yield
                return
        time.sleep(GLANCE_S)


def _patient(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 60000")  # another process is migrating
    cursor.execute("PRAGMA foreign_keys = OFF")  # a table may be rebuilt under its references
    cursor.close()

"""Bringing the database to the shape that this version of the line needs.

Alembic is loaded when it is needed: most commands never do, and would start a seventh of a second later.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from ivr.db.database import lock, open_database, reading, writing

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to date; safe when several processes start at once.

    Raises: ServiceError where the database does not answer.
    """
    _run(url, revision, "upgrade")


def downgrade(url: str, revision: str) -> None:
    """Take a database back to an earlier revision; `base` empties it."""
    _run(url, revision, "downgrade")


def current(engine: Engine) -> str | None:
    """Say which revision the database has; None for an empty one."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 see above

    with reading(engine) as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


@cache
def head() -> str:
    """Say which revision this version of the line needs."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 see above

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_known(revision: str) -> bool:
    """Say whether this version of the line knows a revision."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 see above

    return any(step.revision == revision for step in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 see above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _run(url: str, revision: str, step: str) -> None:
    from alembic import command  # noqa: PLC0415 see above

    engine = open_database(url)
    try:
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _patient)
        with writing(engine, patient=True) as session:
            lock(session, "migrations")
            config = _config()
            config.attributes["connection"] = session.connection()
            getattr(command, step)(config, revision)
    finally:
        engine.dispose()


def _patient(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 60000")  # another process is migrating
    cursor.execute("PRAGMA foreign_keys = OFF")  # a table may be rebuilt under its references
    cursor.close()

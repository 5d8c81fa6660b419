"""What tests would otherwise make again and again, made once a process: routes, pages, statements, databases."""

import atexit
import shutil
import tempfile
from functools import cache, partial
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from ivr.audio import shelf
from ivr.bootstrap import build
from ivr.db import database
from ivr.db.console import staff_rows
from ivr.web import create_app
from ivr.web.health import watch_over

prepare_sqlite = database._prepare_sqlite
_shells = {}
_filled = {}


def application(settings, clock):
    """Do what `create_app` does; behind the same routes and compiled pages, the line is put together anew."""
    kind = (
        (settings.secret_key, settings.secret_key_previous),
        settings.public_base_url,
        settings.serve,
        settings.trusted_proxies,
    )  # all that it looks at besides
    if kind not in _shells:
        app = create_app(settings, clock)
        _ = app.jinja_env  # holds the pages, once it is there
        _shells[kind] = app, dict(app.config), dict(app.extensions), dict(vars(app))
    app, config, extensions, made = _shells[kind]
    app.config.clear()
    app.config.update(config)
    vars(app).clear()
    vars(app).update(made, extensions={**extensions, "answerline": build(settings, clock)})
    watch_over(app)
    return app


def filled(name, engine, clock, fill):
    """Have a test's SQLite file filled by `fill`, or take what the first test that asked for this name has filled.

    The clock then stands where filling left it.
    """
    file = Path(engine.url.database)
    if name not in _filled:
        fill()
        kept = Path(_folder()) / f"{name}.db"
        with engine.connect() as connection:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        shutil.copy(file, kept)
        _filled[name] = kept, clock.time
    else:
        engine.dispose()
        kept, clock.time = _filled[name]
        shutil.copy(kept, file)


@cache
def _folder():
    folder = tempfile.mkdtemp(prefix="answerline-")
    atexit.register(shutil.rmtree, folder)
    return folder


def remember_statements():
    """Let SQLAlchemy compile each statement once: every test has an engine of its own, all of them alike."""
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = lambda one, other: type(one) is type(other)
        dialect.__hash__ = lambda one: hash(type(one))
    create, compiled = database.create_engine, LRUCache(2000)

    def remembering(*given, **options):
        engine = create(*given, **options)
        engine.update_execution_options(compiled_cache=compiled)
        return engine

    database.create_engine = remembering


def wait_for_no_disk():
    """Let SQLite leave it to the system when to write: what a test does has to survive its process, not a power cut."""

    def prepare(connection, record):
        prepare_sqlite(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    database._prepare_sqlite = prepare


def believe_in_the_disk():
    """Let a machine that is busy be no disk that hangs; tests of those have their own patience."""
    shelf.WITHIN_S = shelf.STUCK_S = 60.0


def hash_lightly():
    """Let passwords of staff cost nothing: ten of them would take a second."""
    staff_rows.PasswordHasher = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)

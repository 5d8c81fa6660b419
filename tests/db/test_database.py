from datetime import datetime
from threading import Event, Thread

import at_once
import pytest
from databases import TODAY, add_account, empty_url, migrated_url
from forked import together
from once import prepare_sqlite
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from ivr.accounts import Change, ChangeKind
from ivr.config import Settings
from ivr.db import database, migrate
from ivr.db.accounts import SqlAccounts
from ivr.db.calls import SqlCallLog
from ivr.db.database import lock, open_database, reading, writing
from ivr.db.models.accounts import AccountRow
from ivr.db.models.calls import CallRow
from ivr.db.postgresql import Waits
from ivr.service_errors import ServiceError
from ivr.setting_rules import SettingsError


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("nonsense", "not a database URL"),
        ("", "not a database URL"),
        ("nosuch://host/db", "driver"),
    ],
)
def test_a_url_that_cannot_work_is_refused_in_one_line(url, said):
    with pytest.raises(SettingsError, match=said) as caught:
        open_database(url)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_may_be_written_in_each_usual_way(scheme):
    assert open_database(f"{scheme}://me:secret@host/name").url.drivername == "postgresql+psycopg"


def test_sqlite_is_set_to_survive_a_power_cut_and_to_share(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_prepare_sqlite", prepare_sqlite)
    engine = open_database(f"sqlite:///{tmp_path}/new/folder/a.db")
    with reading(engine) as session:
        values = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_a_server_that_is_away_is_a_service_error():
    engine = open_database("postgresql://me:hush-hush@127.0.0.1:9/name")
    with pytest.raises(ServiceError, match="does not answer") as caught:
        SqlCallLog(engine).load("CA1")
    assert "hush" not in str(caught.value)
    engine.dispose()


def test_a_database_without_tables_says_what_to_do(backend, tmp_path):
    engine = open_database(empty_url(backend, tmp_path))
    with pytest.raises(ServiceError, match="flask db upgrade"):
        SqlCallLog(engine).load("CA1")
    engine.dispose()


def test_a_failed_transaction_leaves_nothing_and_hides_its_values(engine):
    def locks_twice():
        with writing(engine) as session:
            for _ in range(2):
                session.execute(text("INSERT INTO pin_locks VALUES (:id, NULL, 0, NULL, 0, 0)"), {"id": "1"})

    with pytest.raises(IntegrityError) as caught:
        locks_twice()
    assert "hidden" in str(caught.value)
    with reading(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM pin_locks")) == 0


def test_times_without_a_zone_are_refused(engine):
    with pytest.raises((StatementError, ValueError), match="time zone"), reading(engine) as session:
        session.execute(select(CallRow).where(CallRow.started_at > datetime(2027, 3, 5)))  # noqa: DTZ001 the point


def test_a_wrong_number_of_seats_is_refused_by_the_database(engine, hasher):
    with pytest.raises(DBAPIError):
        add_account(engine, hasher, seats=0)


def waits(session):
    return [session.scalar(text(f"SHOW {name}")) for name in ("lock_timeout", "statement_timeout")]


def test_postgresql_bounds_what_a_caller_waits_for_and_nothing_else(tmp_path):
    engine = open_database(migrated_url("postgresql", tmp_path), Waits.of(Settings()))
    with reading(engine) as session:
        assert waits(session) == ["1s", "1500ms"]
    with writing(engine, patient=True) as session:
        assert waits(session) == ["0", "0"]
    with writing(engine) as session:
        assert waits(session) == ["1s", "1500ms"], "patience ends with its transaction"
    engine.dispose()


def test_a_row_that_is_locked_elsewhere_is_a_service_error(tmp_path, hasher, clock):
    url = migrated_url("postgresql", tmp_path)
    holder, engine = open_database(url), open_database(url, Waits(lock_ms=50))
    ann, accounts = add_account(holder, hasher), SqlAccounts(engine, hasher, clock)
    with writing(holder) as session:
        session.execute(select(AccountRow).with_for_update())
        with pytest.raises(ServiceError, match="the database is busy"):
            accounts.change(ann, ChangeKind.CANCEL_TRIAL, "CA1", "CA1/1", TODAY)
    assert isinstance(accounts.change(ann, ChangeKind.CANCEL_TRIAL, "CA1", "CA1/1", TODAY), Change)
    holder.dispose()
    engine.dispose()


def test_a_statement_that_takes_too_long_is_a_service_error(tmp_path):
    engine = open_database(migrated_url("postgresql", tmp_path), Waits(statement_ms=50))
    with pytest.raises(ServiceError, match="the database is busy"), reading(engine) as session:
        session.execute(text("SELECT pg_sleep(10)"))
    with writing(engine, patient=True) as session:
        session.execute(text("SELECT pg_sleep(0.1)"))
    engine.dispose()


def test_a_folder_that_cannot_be_made_is_refused_in_one_line():
    with pytest.raises(SettingsError, match=r"^DATABASE_URL names a file in /proc/nope, [^\n]*$"):
        open_database("sqlite:////proc/nope/x.db")


def test_locked_subjects_wait_for_each_other(engine):
    order, locked = [], Event()

    def second():
        locked.wait(5)
        with writing(engine) as session:
            lock(session, "b", "a")
            order.append("second")

    thread = Thread(target=second)
    thread.start()
    with writing(engine) as session:
        lock(session, "a", "b")
        locked.set()
        thread.join(0.15)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_processes_that_write_at_once_are_never_told_locked(url):
    together(at_once.log_calls, 3, url)
    engine = open_database(url)
    with reading(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM turns")) == 3 * 8 * 5
    engine.dispose()


def test_several_processes_may_upgrade_a_new_database_at_once(backend, tmp_path):
    url = empty_url(backend, tmp_path)
    together(at_once.migrate, 3, url)
    engine = open_database(url)
    assert migrate.current(engine) == migrate.head()
    engine.dispose()

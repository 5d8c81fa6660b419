"""SQLite's log is put back into its file beside those who write, and nothing that was committed hangs on it."""

import shutil
import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import insert

from ivr.db import checkpoints
from ivr.db.checkpoints import Checkpoints
from ivr.db.database import gate_of, open_database
from ivr.db.migrate import upgrade
from ivr.db.models.texts import TextStopRow
from ivr.db.prepared import Prepared
from ivr.db.quick import Quick
from ivr.text import StopSource

PASSIVE = "PRAGMA wal_checkpoint(PASSIVE)"


@pytest.fixture
def engine(tmp_path):
    upgrade(f"sqlite:///{tmp_path}/line.db")
    engine = open_database(f"sqlite:///{tmp_path}/line.db")
    yield engine
    engine.dispose()


@pytest.fixture
def write(engine, clock):
    """Commit a row as webhooks do."""
    quick, add = Quick(engine), Prepared(insert(TextStopRow), engine.dialect, ("number", "at", "source"))

    def write(number):
        given = {"number": f"+{number}", "at": clock.now(), "source": StopSource.REPLY}
        quick.write(lambda cursor: add.run(cursor, given))

    return write


@pytest.fixture
def keeper(engine, tmp_path):
    return Checkpoints(lambda: sqlite3.connect(tmp_path / "line.db"), gate_of(engine))


def test_it_waits_for_nobody_and_nobody_for_it(engine, write, keeper, tmp_path):
    """While somebody is in the middle of writing, what was committed before is put back all the same."""
    write(1)
    with gate_of(engine).entered(), closing(sqlite3.connect(tmp_path / "line.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM text_stops")
        _in_a_thread(keeper)
        assert _rows(tmp_path, "line.db") == 1  # the file alone, without its log
        writer.execute("COMMIT")
    assert _rows(tmp_path, "line.db", "line.db-wal") == 0


def test_a_commit_is_one_though_no_thread_is_to_be_had(write, keeper, monkeypatch, tmp_path):
    """Whoever committed is told so, and the next time it is tried again."""

    def refused(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(checkpoints, "COMMITS", 1)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refused)
        write(1)
        keeper.committed()
    started = []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: started.append(thread))  # noqa: PLW0108 a method
    keeper.committed()
    assert len(started) == 1
    assert _rows(tmp_path, "line.db", "line.db-wal") == 1


def test_a_log_that_has_grown_long_begins_anew(engine, write, keeper, monkeypatch):
    monkeypatch.setattr(checkpoints, "PAGES_MAX", 20)
    for number in range(30):
        write(number)
    with engine.connect() as connection:
        before = connection.exec_driver_sql(PASSIVE).one()[1]
        _in_a_thread(keeper)
        write(99)
        after = connection.exec_driver_sql(PASSIVE).one()[1]
    assert before > 20 > after


def test_what_was_acknowledged_is_there_after_a_crash(write, tmp_path, monkeypatch):
    """Whatever has been put back of it: a process that is killed leaves the files as they are."""
    monkeypatch.setattr(checkpoints, "COMMITS", 3)
    for number in range(20):
        write(number)
        if number % 7 == 0:
            assert _rows(tmp_path, "line.db-wal", "line.db") == number + 1


def test_only_one_is_at_it_and_who_fails_is_told_of_in_the_log(engine, monkeypatch, caplog):
    monkeypatch.setattr(checkpoints, "COMMITS", 1)
    asked, goes_on = [], threading.Event()

    def connect():
        asked.append(threading.current_thread())
        goes_on.wait(10)
        raise sqlite3.OperationalError("disk I/O error")

    keeper = Checkpoints(connect, gate_of(engine))
    keeper.committed()
    keeper.committed()
    goes_on.set()
    asked[0].join(10)
    assert len(asked) == 1
    assert "grows until that works" in caplog.text


def _in_a_thread(keeper):
    thread = threading.Thread(target=keeper.put_back_now)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()


def _rows(folder, *files):
    """Count rows as they are in copies of these files: the log is copied first, as it only grows."""
    with_no_log = folder / "copy"
    shutil.rmtree(with_no_log, ignore_errors=True)
    with_no_log.mkdir()
    for name in files:
        shutil.copy(folder / name, with_no_log)
    with closing(sqlite3.connect(with_no_log / "line.db")) as copy:
        return copy.execute("SELECT count(*) FROM text_stops").fetchone()[0]

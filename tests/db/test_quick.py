"""What every webhook writes: together where that saves a wait for the disk, and each all or nothing."""

import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from databases import empty_url
from sqlalchemy import bindparam, insert, select, text

from ivr.db.database import open_database
from ivr.db.gate import Gate, GateError
from ivr.db.group_commit import GroupCommit, Work
from ivr.db.models.texts import TextStopRow
from ivr.db.prepared import Prepared
from ivr.db.quick import Quick
from ivr.service_errors import ServiceError
from ivr.text import StopSource

STOPS = TextStopRow.__table__
ADD = insert(STOPS).returning(STOPS.c.number)
FIND = select(STOPS).where(STOPS.c.number == bindparam("of"))


@pytest.fixture
def quick(engine):
    return Quick(engine)


@pytest.fixture
def stop(engine, quick, clock):
    """Note a number, by the quick way."""
    add = Prepared(ADD, engine.dialect, ("number", "at", "source"))

    def stop(number):
        given = {"number": number, "at": clock.now(), "source": StopSource.REPLY}
        return quick.write(lambda cursor: add.run(cursor, given), in_one_statement=True)

    return stop


def test_types_translate_what_goes_in_and_what_comes_out(engine, quick, stop, clock):
    assert stop("+14155550123") == {"number": "+14155550123"}
    found = quick.read(Prepared(FIND, engine.dialect), {"of": "+14155550123"})
    assert found == {"number": "+14155550123", "at": clock.now(), "source": StopSource.REPLY}
    assert quick.read(Prepared(FIND, engine.dialect), {"of": "+1"}) is None


def test_who_fails_fails_alone(engine, stop):
    """A work that breaks a rule of the database is taken back; those that share its transaction are written."""
    stop("+1")
    threads = [threading.Thread(target=_suppressed, args=(stop, number)) for number in ("+2", "+1", "+3", "+1", "+4")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert sorted(connection.scalars(select(STOPS.c.number))) == ["+1", "+2", "+3", "+4"]
    with pytest.raises(Exception, match=r"(?i)unique"):
        stop("+1")
    stop("+5")


def _suppressed(stop, number):
    with suppress(Exception):  # two of them are meant to fail
        stop(number)


def test_who_shares_a_commit_shares_the_wait_for_a_stranger_who_holds_the_file(tmp_path, monkeypatch):
    """A program that does not know the gate: waited for once, not once for each that would write."""
    monkeypatch.setattr("ivr.db.quick.FOREIGN_MS", 10)
    url = f"sqlite:///{tmp_path}/test.db"
    stranger, quick, begun = sqlite3.connect(tmp_path / "test.db", isolation_level=None), Quick(open_database(url)), []
    quick.write(lambda _cursor: None)
    quick.watchers.append(lambda _seconds, failure: begun.append(failure))
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        quick._commit([Work(lambda _cursor: None) for _ in range(3)])
    assert len(begun) == 1
    stranger.close()


def test_a_work_is_whole_or_not_at_all(engine, quick, stop):
    def half(cursor):
        Prepared(ADD, engine.dialect, ("number", "at", "source"))
        cursor.execute("DELETE FROM text_stops")
        raise RuntimeError("half-way")

    stop("+1")
    with pytest.raises(RuntimeError, match="half-way"):
        quick.write(half)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM text_stops")) == 1


def test_a_database_without_tables_is_said_in_words(backend, tmp_path):
    empty = open_database(empty_url(backend, tmp_path))
    statement = Prepared(FIND, empty.dialect)
    quick = Quick(empty)
    with pytest.raises(ServiceError, match="flask db upgrade"):
        quick.read(statement, {"of": "+1"})
    with pytest.raises(ServiceError, match="flask db upgrade"):
        quick.write(lambda cursor: statement.run(cursor, {"of": "+1"}))
    empty.dispose()


def test_a_connection_that_was_cut_is_replaced(engine, stop):
    """PostgreSQL may have been restarted since the last webhook; nobody notices."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no connections")
    stop("+1")
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    assert stop("+2") == {"number": "+2"}


def test_who_comes_while_others_are_written_shares_the_next_commit():
    commits, first = [], threading.Event()

    def commit(works):
        commits.append(len(works))
        if len(commits) == 1:
            first.wait(10)
        for work in works:
            work.result = work.do(None)

    group = GroupCommit(commit)
    results = []
    threads = [threading.Thread(target=lambda: results.append(group.write(lambda _: 7))) for _ in range(9)]
    threads[0].start()
    _until(lambda: commits)
    for thread in threads[1:]:
        thread.start()
    _until(lambda: len(group._waiting) == 8)
    first.set()
    for thread in threads:
        thread.join(10)
    assert commits == [1, 8]
    assert results == [7] * 9


def test_a_commit_that_fails_is_told_to_everybody_and_the_next_goes_on():
    def commit(works):
        if works[0].do is None:
            raise ServiceError("the disk is full")
        works[0].result = "written"

    group = GroupCommit(commit)
    with pytest.raises(ServiceError, match="full"):
        group.write(None)
    assert group.write(lambda _: None) == "written"


# Whoever tidies up is a thread that comes and goes: 1,024 descriptors would be gone after a day of calls.
def test_a_thread_takes_its_opening_of_the_gate_with_it(tmp_path):
    gate = Gate(tmp_path / "line.db", 0.02)

    def pass_through():
        with gate.entered():
            pass

    def descriptors():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    for _ in range(20):
        passing = threading.Thread(target=pass_through)
        passing.start()
        passing.join()
    assert descriptors() <= before + 1


def test_a_gate_lets_one_in_and_does_not_wait_for_ever(tmp_path):
    gate, other = Gate(tmp_path / "line.db", 0.02), Gate(tmp_path / "line.db", 0.02)
    with gate.entered(), gate.entered(), pytest.raises(GateError), other.entered():  # who is inside may enter again
        pass
    with other.entered():
        pass


def _until(true):
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.001)

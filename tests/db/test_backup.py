"""`flask db backup`: a copy of a database that is being written."""

import sqlite3
import stat
from contextlib import closing
from threading import Event, Thread

import pytest
from databases import add_account, migrated_url
from test_call_log import progress, visit

from ivr.call import Call
from ivr.db.backup import backup
from ivr.db.calls import SqlCallLog
from ivr.db.database import open_database
from ivr.service_errors import ServiceError


@pytest.fixture
def url(tmp_path):
    return migrated_url("sqlite", tmp_path)


def test_a_copy_is_of_one_moment_while_calls_are_written(engine, url, tmp_path):
    log, over, copied = SqlCallLog(engine), Event(), tmp_path / "copy.db"
    log.save(progress(1, call=Call("CA1", "", "")), None)

    def calls():
        turn = 1
        while not over.is_set():
            turn += 1
            log.save(progress(turn, call=log.load("CA1").call), visit(turn - 1))

    writer = Thread(target=calls)
    writer.start()
    try:
        for _ in range(3):
            backup(url, copied)
            with closing(sqlite3.connect(copied)) as copy:
                (turns,), (turn,) = copy.execute("SELECT count(*) FROM turns UNION ALL SELECT turn FROM calls")
                assert turn == turns + 1, "a call and its turns are from one moment"
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        over.set()
        writer.join()
    assert stat.S_IMODE(copied.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*copy*")] == ["copy.db"], "one file, and no draft"


def test_a_copy_can_take_the_place_of_its_database(engine, url, tmp_path, hasher):
    add_account(engine, hasher, number="70000011")
    backup(url, tmp_path / "copy.db")
    again = open_database(f"sqlite:///{tmp_path}/copy.db")
    assert SqlCallLog(again).load("CA1") is None
    with again.connect() as connection:
        assert connection.exec_driver_sql("SELECT account_number FROM accounts").scalar() == "70000011"
    again.dispose()


def test_what_cannot_be_copied_leaves_the_older_copy(url, tmp_path):
    (tmp_path / "copy.db").write_text("an older copy")
    (tmp_path / "test.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(ServiceError, match="cannot be written: file is not a database"):
        backup(url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "an older copy"
    assert not list(tmp_path.glob(".copy*"))


def test_what_makes_no_sense_is_refused(url, tmp_path):
    with pytest.raises(ServiceError, match="is the database itself"):
        backup(url, tmp_path / "test.db")
    with pytest.raises(ServiceError, match="cannot be written: No such file or directory"):
        backup(url, tmp_path / "no" / "folder.db")


def test_for_postgresql_the_command_is_told_without_its_password(tmp_path):
    with pytest.raises(ServiceError, match="pg_dump --format=custom") as caught:
        backup("postgresql+psycopg://me:hush@db.example/line", tmp_path / "x.dump")
    assert "postgresql://me@db.example/line" in str(caught.value)

"""Connections to PostgreSQL that break, and poolers and restarts in between."""

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from databases import migrated_url, postgres
from server import free_port
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from test_call_log import progress, visit

from ivr.call import Call
from ivr.db import migrate, postgresql
from ivr.db.call_statements import call_statements
from ivr.db.calls import SqlCallLog
from ivr.db.database import ConnectionLostError, open_database, reading
from ivr.db.postgresql import Waits
from ivr.db.quick import Quick
from ivr.deadline import within
from ivr.service_errors import ServiceError


@pytest.fixture
def url(tmp_path):
    return migrated_url("postgresql", tmp_path)


@pytest.fixture
def administrator():
    engine = create_engine(make_url(postgres()).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def break_connections(administrator, url):
    """End every connection to a database, as a restart of the server does."""
    ended = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
    )
    administrator.execute(text(ended), {"name": make_url(url).database}).all()


def call(sid, turn=1):
    return progress(turn, call=Call(sid, "", ""))


def test_connections_that_broke_while_idle_are_replaced_and_nobody_hears_of_it(engine, url, administrator):
    log = SqlCallLog(engine)
    log.save(call("CA1"), None)
    break_connections(administrator, url)
    with reading(engine) as session:  # not one that would be done again
        assert session.scalar(text("SELECT count(*) FROM calls")) == 1
    reads = log.quick.read(call_statements(engine.dialect).answer, {"of": "CA1"})
    assert reads == {"answer": progress(1).answer}


# Twice is what a server does that takes one more connection while it stops.
@pytest.mark.parametrize("times", [1, 2])
def test_a_turn_whose_connection_breaks_under_it_is_written_once(engine, url, administrator, monkeypatch, times):
    log = SqlCallLog(engine)
    lend, breaks = log.quick._lend, iter(range(times))
    log.save(call("CA1"), None)

    def broken():
        connection = lend()
        if next(breaks, None) is not None:
            break_connections(administrator, url)
        return connection

    before = log.load("CA1").call
    monkeypatch.setattr(log.quick, "_lend", broken)
    assert log.save(progress(2, call=before), visit(1)) == progress(2).answer
    with reading(engine) as session:
        assert session.execute(text("SELECT call_sid, number FROM turns")).all() == [("CA1", 1)]


def test_where_a_connection_broke_the_other_idle_ones_are_not_trusted_either(engine):
    quick, sessions = Quick(engine), []

    def breaks(cursor):
        sessions.append(cursor.execute("SELECT pg_backend_pid()").fetchone())
        if len(sessions) == 2:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def nested(cursor):  # two connections at once, and both are idle after that
        quick.write(breaks, in_one_statement=True)
        breaks(cursor)

    with pytest.raises(ConnectionLostError):
        quick.write(nested, in_one_statement=True)
    quick.write(breaks, in_one_statement=True)
    assert len(set(sessions)) == 3


def test_what_may_not_be_done_twice_says_that_the_connection_broke(engine, url, administrator):
    def breaks():
        with reading(engine) as session:
            session.execute(text("SELECT 1"))
            break_connections(administrator, url)
            session.execute(text("SELECT 1"))

    with pytest.raises(ConnectionLostError, match="the connection broke"):
        breaks()


def test_a_connection_that_is_overdue_is_given_up_and_the_next_question_has_another(engine):
    def ask(question):
        with reading(engine) as session:
            return session.scalar(text(question))

    before = ask("SELECT pg_backend_pid()")
    with pytest.raises(ServiceError), within(0.05):
        ask("SELECT pg_sleep(1)")
    with pytest.raises(ServiceError), within(0.0):
        ask("SELECT 1")
    assert ask("SELECT pg_backend_pid()") != before


def test_a_setting_of_the_server_that_changes_breaks_nothing(engine, administrator):
    with reading(engine) as session:
        before = session.scalar(text("SELECT pg_backend_pid()"))
    for change in ("SET application_name = 'x'", "ALTER SYSTEM SET datestyle = 'ISO, DMY'", "SELECT pg_reload_conf()"):
        administrator.execute(text(change))
    with reading(engine) as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) == before
    administrator.execute(text("ALTER SYSTEM RESET datestyle"))


def test_behind_a_pooler_the_bounds_come_with_each_transaction_and_nothing_is_prepared(url):
    engine = open_database(url, Waits(pooler="pgbouncer", lock_ms=321))
    for _ in range(8):
        with reading(engine) as session:
            assert session.scalar(text("SHOW lock_timeout")) == "321ms"
            assert session.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
    with engine.connect() as connection:
        assert connection.connection.dbapi_connection.execute("SHOW lock_timeout").fetchone() == ("0",), "no session's"
    engine.dispose()


@contextmanager
def pgbouncer(server_url):
    """Run PgBouncer in transaction mode, with three connections for everybody."""
    if not shutil.which("pgbouncer"):
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    server, port = make_url(server_url), free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        Path(folder, "ini").write_text(
            f"[databases]\n* = host={server.query['host']} user=postgres\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir = {folder}\n"
            "auth_type = any\npool_mode = transaction\ndefault_pool_size = 3\n"
        )
        Path(folder, "ini").chmod(0o644)
        command = ["pgbouncer", f"{folder}/ini"]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=pgserver", "--regid=pgserver", "--clear-groups", *command]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            while "process up" not in (line := process.stderr.readline()):
                assert line, "pgbouncer did not start"
            yield server.set(host="127.0.0.1", port=port, username="postgres", query={}).render_as_string(False)
        finally:
            process.terminate()
            process.communicate(timeout=10)


@pytest.mark.slow
def test_calls_are_logged_and_databases_migrated_through_pgbouncer(url):
    with pgbouncer(url) as pooled:
        migrate.upgrade(pooled, waits=Waits(pooler="pgbouncer"))
        engine = open_database(pooled, Waits(pooler="pgbouncer"))
        log = SqlCallLog(engine)

        def calls(name):
            for number in range(10):
                log.save(call(f"CA{name}{number}"), None)
                for turn in range(2, 8):
                    log.save(progress(turn, call=log.load(f"CA{name}{number}").call), visit(turn - 1))

        threads = [Thread(target=calls, args=(name,)) for name in "abcdef"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with reading(engine) as session:
            assert session.scalar(text("SELECT count(*) FROM turns")) == 6 * 10 * 6
        engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_server_that_restarts_fails_no_webhook(own_server, how, monkeypatch):
    """`immediate` is what a crash is like: nothing is said to anybody, and the log is replayed."""
    monkeypatch.setattr(postgresql, "RESTART_S", 60.0)  # whatever else this machine has to do
    migrate.upgrade(own_server.url)
    engine = open_database(own_server.url)
    log, over, failed, turns = SqlCallLog(engine), Event(), [], Counter()

    def webhooks(name):
        log.save(call(name), None)
        while not over.is_set():
            turn = log.load(name).call.turn + 1
            try:
                log.save(progress(turn, call=log.load(name).call), visit(turn - 1))
            except Exception as error:  # noqa: BLE001 each is a caller who heard an apology
                failed.append(str(error))
            turns[name] += 1

    threads = [Thread(target=webhooks, args=(f"CA{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        while len(turns) < len(threads) or min(turns.values()) < 5:
            over.wait(0.01)
        own_server.restart(how)
        turns.clear()
    over.set()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM turns")) == sum(log.load(name).call.turn - 1 for name in turns)
    engine.dispose()
    assert failed == []

"""Databases that really are stopped, killed, closed, locked and slow: every webhook is answered within three seconds.

The clock is looked at here, which is what these tests are about; so they are for `make proofs`.
"""

import os
import re
import shutil
import signal
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from carrier import Carrier
from postgres_server import OwnServer
from sqlalchemy import create_engine, text

from ivr.db.history import show_call
from ivr.db.migrate import upgrade
from ivr.web import create_app

pytestmark = pytest.mark.slow
WITHIN_S, AT_ONCE_S, BACK_S = 3.0, 1.0, 30.0


class Caller:
    """Follows what the line answers, and looks at the clock."""

    def __init__(self, app, sid):
        self.carrier, self.sid, self.path, self.longest_s = Carrier(app), sid, "/voice", 0.0

    def press(self, digits=""):
        began = time.monotonic()
        answer = self.carrier.post(self.path, self.sid, **({"Digits": digits} if digits else {}))
        self.longest_s = max(self.longest_s, time.monotonic() - began)
        assert answer.status_code == 200
        assert "technical problem" not in answer.text
        self.path = unescape(re.search('action="([^"]*)"', answer.text)[1])
        return answer.text


class Server:
    """PostgreSQL, and what may happen to it."""

    def __init__(self, server):
        self.server = server

    def _processes(self):
        first = int((self.server.folder / "postmaster.pid").read_text().split()[0])
        found = [first]
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(stat.read_text().rpartition(")")[2].split()[1]) == first:
                    found.append(int(stat.parent.name))
            except (OSError, ValueError):
                continue
        return found

    @contextmanager
    def stopped(self):
        """Not a word is said, not even that a connection ends."""
        stopped = self._processes()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def killed(self):
        self.server.stop("immediate")
        try:
            yield
        finally:
            self.server.start()

    @contextmanager
    def refusing(self):
        self.server.stop("fast")
        try:
            yield
        finally:
            self.server.start()

    @contextmanager
    def slow(self):
        """Each write takes twenty seconds."""
        engine = create_engine(self.server.url)
        body = "$$ BEGIN PERFORM pg_sleep(20); RETURN NEW; END $$"
        sleep = (
            f"CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS {body}",
            "CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON calls FOR EACH ROW EXECUTE FUNCTION dawdle()",
        )
        with engine.begin() as connection:
            for statement in sleep:
                connection.execute(text(statement))
        try:
            yield
        finally:
            with engine.begin() as connection:
                connection.execute(text("DROP TRIGGER slow ON calls"))
                connection.execute(text("DROP FUNCTION dawdle"))
            engine.dispose()

    @contextmanager
    def locked(self):
        engine = create_engine(self.server.url)
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE calls IN ACCESS EXCLUSIVE MODE"))
            yield
        engine.dispose()


@pytest.fixture(scope="module")
def server():
    server = OwnServer()
    upgrade(server.url)
    yield Server(server)
    server.stop("immediate")
    shutil.rmtree(server.folder)


def is_back(app):
    until, steady = time.monotonic() + BACK_S, app.extensions["answerline"].steady
    while not (steady.breaker.is_closed and not steady.spool.files()):
        assert time.monotonic() < until, "the line has not noticed that its database is back"
        time.sleep(0.05)


def lives_through(app, fault, sid):
    """Two callers talk on through a fault; then everything is in the log."""
    before, during = Caller(app, sid), Caller(app, f"{sid}b")
    before.press()
    with fault():
        assert "new password" in before.press("5")
        assert before.longest_s < WITHIN_S
        before.longest_s = 0.0
        assert "Thanks for calling" in during.press()
        assert "To try or buy" in before.press("9")
        assert "audio costs" in during.press("2")
    is_back(app)
    assert "audio costs" in before.press("2")
    assert "unlimited audio" in during.press("1")
    is_back(app)
    line = app.extensions["answerline"]
    for caller, steps in (
        (before, ["main.menu", "main.password", "main.menu", "audio.menu"]),
        (during, ["main.menu", "audio.menu", "audio.cost"]),
    ):
        turns = show_call(line.database, caller.sid, line.calls.speak)["turns"]
        assert [f"{turn['flow']}.{turn['node']}" for turn in turns] == steps
    return max(before.longest_s, during.longest_s)


@pytest.mark.parametrize("fault", ["stopped", "killed", "refusing", "slow", "locked"])
def test_postgresql(fault, server, settings, clock, tmp_path):
    app = create_app(replace(settings, database_url=server.server.url, instance_dir=tmp_path), clock)
    longest_s = lives_through(app, getattr(server, fault), f"CA{fault}")
    # A database that reads, and is slow to write, is tried again each time that a probe finds it well.
    assert longest_s < (WITHIN_S if fault in {"slow", "locked"} else AT_ONCE_S)
    app.extensions["answerline"].database.dispose()


def test_sqlite_locked_by_a_program_that_knows_no_gate(app, tmp_path):
    @contextmanager
    def locked():
        stranger = sqlite3.connect(tmp_path / "line.db", isolation_level=None)
        stranger.execute("BEGIN EXCLUSIVE")
        yield
        stranger.execute("ROLLBACK")
        stranger.close()

    assert lives_through(app, locked, "CAlocked") < AT_ONCE_S


def test_sqlite_written_by_one_of_ours_all_the_time(app):
    assert lives_through(app, app.extensions["answerline"].calls.quick._gate.entered, "CAgate") < WITHIN_S

"""kill -9 of PostgreSQL, all of it, at every place of the cancel path; the line itself goes on."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from cancel_path import CancelPath, ToFile, wrong
from postgres_server import OwnServer
from tables import show

from ivr.db import migrate
from ivr.db.claims import LEASE_S
from ivr.service_errors import ServiceError


@pytest.fixture
def own_server():
    server = OwnServer()
    yield server
    server.stop("immediate")


def kill(server):
    """Kill the server and all that it has started, so that nothing is shut down in order."""
    first = int((server.folder / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    for pid in (first, *map(int, children)):
        os.kill(pid, signal.SIGKILL)
    for _ in range(500):
        if not any(_runs(pid) for pid in (first, *map(int, children))):
            break
        time.sleep(0.01)
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):  # where nobody waits for the dead, their pids look alive
        (server.folder / name).unlink(missing_ok=True)


def _until_it_is_asked_again(breaker):
    """Wait until the line has found that its database is back, and has written what had waited on disk."""
    for _ in range(500):
        if breaker.is_closed:
            return
        time.sleep(0.02)
    raise AssertionError("the line does not find that its database is back")


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.attack
def test_every_place(own_server, tmp_path, monkeypatch):
    for owner, name in ((psycopg.Cursor, "execute"), (psycopg.Connection, "commit")):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # put back at the end
    migrate.upgrade(own_server.url)
    path = CancelPath(own_server.url, tmp_path)
    path.points.watch(path.engine)
    path.points.end = lambda: kill(own_server)
    carrier, rows, number = ToFile(tmp_path / "sent", path.points), [], 0
    while True:
        call = path.call()
        path.points.names, path.points.life, path.points.on = [], number, True
        code = path.confirm(call)
        path.points.at("the answer is heard")
        with suppress(ServiceError):
            path.send(carrier)
        died, path.points.on = not path.points.on, False
        if not died:
            break
        name = path.points.names[number]
        path.engine.dispose()
        own_server.start()
        _until_it_is_asked_again(path.line.steady.breaker)
        found = wrong(path.engine, path.line.ledger, call, code)
        again = path.confirm(call)
        found += [] if again == code or not code else [f"asked again, {again} is heard"]
        path.clock.passes(seconds=LEASE_S + 1)
        path.send(carrier)
        found += wrong(path.engine, path.line.ledger, call, again, exactly_once=bool(again))
        rows.append(
            (
                number + 1,
                name,
                "yes" if code else "no",
                "the code" if again else "that nothing was done",
                "; ".join(found) or "-",
            )
        )
        number += 2  # before each statement; after it is before the next
    path.engine.dispose()
    heads = ("", "killed before", "code heard", "heard when asked again", "wrong")
    show("4. PostgreSQL killed (SIGKILL) before each place of the cancel path", heads, rows)
    assert [row for row in rows if row[4] != "-"] == []
    assert len(rows) > 20

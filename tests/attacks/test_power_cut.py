"""The power fails while SQLite writes: what was heard is on the disk, and the rest is whole or not there."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from cancel_path import CancelPath, wrong
from databases import migrated_url
from power import restored, states, traced
from sqlalchemy.exc import DatabaseError
from tables import show

from ivr.db.database import open_database
from ivr.service_errors import ServiceError

FILES = ("test.db", "test.db-wal")
TESTS = Path(__file__).parents[1]


@pytest.fixture
def cut(tmp_path):
    """Cut the power at each write of so many calls; answers a row for each state of the disk that is possible."""
    if shutil.which("strace") is None:
        pytest.skip("there is no strace, which sees what is written and flushed: apt-get install strace")

    def cut(calls, every=1, *, flushes=True):
        url, ledger, ready = prepared(tmp_path, calls)
        before = {name: (tmp_path / name).read_bytes() for name in FILES if (tmp_path / name).exists()}
        kept = tmp_path / "before"
        restored(before, kept)
        program = [sys.executable, str(TESTS / "attacks" / "two_calls.py"), url, str(tmp_path), str(calls)]
        env = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS / 'attacks'}:{TESTS.parent}"}
        steps = traced(program, tmp_path / "strace", env)
        assert any(step.kind == "flush" and step.name == "test.db-wal" for step in steps)
        steps = [step for step in steps if flushes or step.kind != "flush"]
        rows = []
        heard_after = [
            (number, step.data.decode()) for number, step in enumerate(steps, 1) if step.name == "acks" and step.data
        ]
        for number, what, contents in states(steps, kept, FILES):
            if number % every:
                continue
            acks = dict(line.split() for at, lines in heard_after if at <= number for line in lines.splitlines())
            rows.append((number, what, len(acks), _wrong(contents, tmp_path / "after", ledger, ready, acks)))
        return rows

    return cut


def prepared(folder, calls):
    """Have so many calls stand before the confirming key; all that is written so far is in the file itself."""
    url = migrated_url("sqlite", folder)
    path = CancelPath(url, folder)
    ready = [path.call() for _ in range(calls)]
    (folder / "ready").write_text(json.dumps(ready))
    with path.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path.engine.dispose()
    return url, path.line.ledger, ready


def _wrong(contents, to, ledger, ready, acks):
    restored(contents, to)
    engine = open_database(f"sqlite:///{to}/test.db")
    try:
        with engine.connect() as connection:
            (found,) = connection.exec_driver_sql("PRAGMA integrity_check(1)").one()
        faults = [] if found == "ok" else [found]
        return "; ".join(
            faults + [fault for call in ready for fault in wrong(engine, ledger, call, acks.get(call["sid"]))]
        )
    except (ServiceError, DatabaseError, LookupError, ValueError) as error:
        return f"torn: {error}"
    finally:
        engine.dispose()


@pytest.mark.attack
def test_at_every_write_of_five_calls(cut):
    rows = cut(5)
    by = {what: [row for row in rows if row[1] == what] for what in ("nothing", "all", "some", "most")}
    show(
        "4. Power cut after each write to the database file and its log, five calls, SQLite",
        ("of what was not flushed yet came", "states of the disk", "changes lost, doubled or torn"),
        [(what, len(found), sum(bool(row[3]) for row in found)) for what, found in by.items()],
    )
    assert [row for row in rows if row[3]] == []
    assert len(rows) > 100


def test_at_some_writes_of_a_call(cut):
    rows = cut(1, every=6)
    assert {row[2] for row in rows} == {0, 1}, "before it was heard, and after"
    assert [row for row in rows if row[3]] == []


@pytest.mark.attack
def test_a_line_that_does_not_flush_would_be_found(cut):
    rows = cut(2, flushes=False)
    assert [row for row in rows if "lost" in row[3]], "a cut takes away what was heard"
    assert [row for row in rows if "torn" in row[3]], "and leaves halves"

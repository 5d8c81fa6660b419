"""`flask calls digest`: calls of a log that is older than the console get their facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from ivr.call import Call
from ivr.call_log import Progress, Visit
from ivr.cli.calls import calls as calls_group
from ivr.db.calls import SqlCallLog
from ivr.db.console.backlog import digest_backlog
from ivr.db.console.facts import FACTS
from ivr.db.database import transaction

AT = datetime(2027, 3, 5, 17, tzinfo=UTC)
CALLER = "+14155550123"


@pytest.fixture
def log(engine):
    return SqlCallLog(engine, version="abcd1234")


def place(log, number, *, ends=True, **fields):
    """A call of two turns: a silence at the menu, then the caller hangs up."""
    call = Call(f"CA{number}", CALLER, "+18005550100", **fields)
    at = AT + timedelta(hours=number)
    visit = Visit(at, "main", "menu", "menu", ("main.menu.1",), {})
    log.save(Progress(replace(call, turn=1), visit, "<Response/>"), None)
    again = replace(visit, at=at + timedelta(seconds=9))
    log.save(Progress(replace(call, turn=2), again, "<Response/>"), replace(visit, outcome="no-input 1", ms=4))
    if ends:
        log.ended(call, "completed", 20, at + timedelta(seconds=20))
    return call


def facts(engine):
    with engine.connect() as connection:
        return [row._asdict() for row in connection.execute(select(FACTS).order_by(FACTS.c.sid))]


def forget(engine):
    """What a database looks like that was upgraded from before the console."""
    with transaction(engine, write=True) as connection:
        connection.execute(delete(FACTS))


def test_an_old_call_gets_the_facts_it_would_have_had_but_for_the_version_of_the_flows(engine, log):
    for number in range(3):
        place(log, number)
    known = facts(engine)
    assert [row["since_last_s"] for row in known] == [None, 3600, 3600]
    forget(engine)
    assert list(digest_backlog(engine, batch=2)) == [2, 3]
    assert facts(engine) == [{**row, "version": ""} for row in known]


def test_a_second_time_changes_nothing(engine, log):
    place(log, 0)
    known = facts(engine)
    assert list(digest_backlog(engine)) == [0]
    assert facts(engine) == known


def test_where_there_is_no_call_nothing_happens(engine):
    assert list(digest_backlog(engine)) == []


def test_a_call_that_goes_on_is_begun_and_finished_by_its_own_end(engine, log):
    call = place(log, 0, ends=False)
    forget(engine)
    assert list(digest_backlog(engine)) == [1]
    (begun,) = facts(engine)
    assert (begun["sid"], begun["ended"], begun["turns"]) == ("CA0", False, 0)
    log.ended(call, "completed", 20, AT + timedelta(seconds=20))
    (over,) = facts(engine)
    assert (over["ended"], over["turns"], over["silences"], over["left_at"]) == (True, 2, 1, "main.menu")


def test_facts_that_missed_the_end_of_their_call_are_finished(engine, log):
    place(log, 0)
    known = facts(engine)
    with transaction(engine, write=True) as connection:
        connection.execute(update(FACTS).values(ended=False, turns=0))
    assert list(digest_backlog(engine)) == [1]
    assert facts(engine) == known


def test_a_call_to_somebody_whom_the_line_rings_has_no_facts(engine, log):
    place(log, 0, leg="agent")
    assert list(digest_backlog(engine)) == [0]
    assert facts(engine) == []


def test_a_simulated_call_stays_one(engine, log):
    place(log, 0, simulated=True)
    forget(engine)
    assert list(digest_backlog(engine)) == [1]
    assert [row["simulated"] for row in facts(engine)] == [True]


def test_the_command_says_how_many(engine, log, monkeypatch):
    place(log, 0)
    forget(engine)
    monkeypatch.setattr("ivr.cli.calls.answerline", lambda: type("Line", (), {"database": engine}))
    run = lambda: CliRunner().invoke(calls_group, ["digest"]).stdout  # noqa: E731
    assert run() == "1 call digested.\n"
    assert run() == "Nothing to do: the console knows every call.\n"

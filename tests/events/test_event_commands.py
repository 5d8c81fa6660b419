"""`flask events`, the process that does all that goes on beside the server, and the work list of failed events."""

import json
import os
import signal
import threading
import time
from dataclasses import replace

import pytest
from desks import Desk, colleagues
from told import HERE, happens, rows

from ivr.cli.go_on import Loop, go_on
from ivr.cli.helpers import wanted
from ivr.db.console.audit import entries
from ivr.db.console.purge import Purge
from ivr.db.database import writing
from ivr.db.models.events import EventRow
from ivr.events import EventState


@pytest.fixture
def flask(app):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["events", *words])


@pytest.fixture
def failed(demo, clock):
    key = happens(demo.database, clock)
    with writing(demo.database) as session:
        row = session.query(EventRow).filter_by(key=key).one()
        row.state, row.next_try_at, row.error, row.attempts = EventState.DEAD, None, "it answered 500", 10
    return row


def test_events_are_listed_and_sent_again(flask, demo, failed):
    (listed,) = json.loads(flask("list", "--json").stdout)
    assert (listed["id"], listed["state"], listed["account_id"]) == (failed.event_id, "dead", "1")
    assert "it answered 500" in flask("list", "--state", "dead").output
    assert flask("list", "--account", "2").output == "No events.\n"
    assert flask("replay").exit_code == 2
    assert flask("replay", "--since", "yesterday").exit_code == 2
    assert flask("replay", "--dead").output == "1 event waits to be sent again.\n"
    assert rows(demo.database)[0].state is EventState.WAITING
    assert flask("send").output == "1 event tried.\n"  # nobody is there
    assert rows(demo.database)[0].error == "it does not answer: ConnectError"


def test_a_failed_event_is_in_the_work_lists_and_sent_again_by_a_lead(app, demo, clock, failed):
    colleagues(demo.database, clock)
    lea = Desk(app, "lead")
    shown = lea.sees("/console/work/events")
    assert all(words in shown for words in ("account.unlocked", HERE, "it answered 500", "10 tried"))
    lea.post(f"/console/work/events/{failed.id}/retry")
    assert rows(demo.database)[0].state is EventState.WAITING
    lea.post(f"/console/work/events/{failed.id}/retry")
    assert "It was not given up" in lea.sees("/console/work/events")
    assert [each.act for each in entries(demo.database)[:1]] == ["event sent again"]
    with writing(demo.database) as session:
        session.get(EventRow, failed.id).state = EventState.DEAD
    lea.post(f"/console/work/events/{failed.id}/done")
    assert "taken every event" in lea.sees("/console/work/events")


def test_events_that_wait_for_nobody_go_after_their_days(demo, clock, failed):
    happens(demo.database, clock)
    clock.passes(days=32)
    purge = Purge.of(demo.settings, demo.database, clock)
    assert purge.due()["events"] == 1
    purge.run("tests")
    assert [row.state for row in rows(demo.database)] == [EventState.WAITING]
    assert failed.id not in {row.id for row in rows(demo.database)}


def test_one_process_does_what_the_settings_have_use_for(settings):
    names = [opens.__name__ for opens in wanted(settings)]
    assert names == ["waiting_loops", "text_loops", "event_loops", "_night"]
    assert [opens.__name__ for opens in wanted(replace(settings, events_url=""))][-1] == "_night"


def test_loops_go_on_beside_each_other_whatever_becomes_of_one(caplog, monkeypatch):
    """One hangs, one fails, and one whose thread dies is begun again."""
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    passes = {"fails": 0, "dies": 0}

    def hangs():
        time.sleep(30)

    def fails():
        passes["fails"] += 1
        raise RuntimeError("bug")

    def dies():
        passes["dies"] += 1
        if passes["dies"] == 1:
            raise SystemExit
        if passes["dies"] == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    go_on(*(Loop(work.__name__, work, 0.01, 0.01, gently=False) for work in (hangs, fails, dies)))
    assert passes["fails"] > 1
    assert passes["dies"] > 1
    assert "dies: its thread has died, and is begun again" in caplog.text

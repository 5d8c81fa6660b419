"""Calls whose end the carrier never tells are closed in time, and no others."""

import pytest
from sqlalchemy import select

from ivr.cli.waiting import _with_sweeps
from ivr.db.console.sweep import SILENT, sweep
from ivr.db.console.tables import CallFactsRow
from ivr.db.database import reading
from ivr.db.history import show_call
from ivr.db.models.places import PlaceRow


@pytest.fixture
def swept(demo, clock):
    return lambda: sweep(demo.database, demo.calls, demo.waiting, clock.now())


def facts(demo, sid):
    with reading(demo.database) as session:
        return session.get(CallFactsRow, sid)


def test_a_call_that_is_not_heard_of_for_four_hours_is_lost(carrier, demo, clock, swept):
    """It ends when it was last heard of; nobody knows how long it went on, so it has no length."""
    carrier.post("/voice", "CA1")
    heard_of = clock.now()
    clock.time += SILENT
    assert swept() == 0
    clock.passes(seconds=1)
    assert swept() == 1
    call = show_call(demo.database, "CA1")
    assert (call["status"], call["duration_s"], call["disposition"]) == ("lost", None, "abandoned")
    assert call["ended_at"] == heard_of.isoformat().replace("+00:00", "Z")
    assert facts(demo, "CA1").ended
    assert swept() == 0


def test_a_call_that_goes_on_is_let_alone_however_long_it_lasts(carrier, demo, clock, swept):
    carrier.post("/voice", "CA1")
    clock.time += SILENT
    carrier.post("/voice/main/menu?turn=1", "CA1", Digits="2")
    clock.passes(seconds=1)
    assert swept() == 0
    assert show_call(demo.database, "CA1")["status"] == "in-progress"


def test_what_the_carrier_tells_after_all_changes_nothing(carrier, demo, clock, swept):
    carrier.post("/voice", "CA1")
    clock.passes(hours=5)
    swept()
    carrier.post("/voice/status", "CA1", CallStatus="completed", CallDuration="90")
    assert show_call(demo.database, "CA1")["status"] == "lost"


def test_a_lost_call_gives_up_its_place_in_line(phone, demo, clock, swept):
    phone.dial(people={"*": "busy"}).press("0")
    clock.passes(hours=5)
    swept()
    with reading(demo.database) as session:
        assert session.scalar(select(PlaceRow.state)) == "left"


def test_somebody_whom_we_rang_is_closed_as_well(carrier, demo, clock, swept):
    carrier.post("/voice/leg/agent?offer=gone", "CA2")
    clock.passes(hours=5)
    assert swept() == 1
    assert facts(demo, "CA2") is None


def test_the_command_says_what_it_did(app, carrier, clock):
    carrier.post("/voice", "CA1")
    clock.passes(hours=5)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["calls", "sweep"]).output.endswith("1 call closed as lost.\n")
    assert runner.invoke(args=["calls", "sweep"]).output == "0 calls closed as lost.\n"


def test_the_process_that_rings_people_closes_lost_calls_now_and_again(carrier, demo, clock):
    passes = []
    work = _with_sweeps(demo, lambda: passes.append(1))
    carrier.post("/voice", "CA1")
    clock.passes(hours=5)
    work()
    carrier.post("/voice", "CA2")
    clock.passes(hours=5)
    work()  # at once: it has just swept
    assert len(passes) == 2
    assert [show_call(demo.database, sid)["status"] for sid in ("CA1", "CA2")] == ["lost", "in-progress"]

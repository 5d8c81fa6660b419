"""What is kept: rules, holds, erasing a caller; as admins do it at the console, and operators with commands."""

import json
from dataclasses import replace

import pytest

from ivr.call import Call
from ivr.cli.data import Night
from ivr.db.console.audit import entries
from ivr.db.console.erase import receipts
from ivr.db.history import list_calls
from ivr.web import server

KIM = "+14155550123"


@pytest.fixture
def kim(staffed, clock):
    """A caller of yesterday."""
    staffed.calls.ended(Call("CAkim", KIM, "+18005550100"), "completed", 9, clock.now())
    clock.passes(days=1)


@pytest.fixture
def ada(desk, kim):  # noqa: ARG001 she called before
    return desk("admin")


def sids(line):
    return [call["call_sid"] for call in list_calls(line.database)]


def test_an_admin_erases_a_caller_and_gets_a_receipt(ada, staffed):
    answer = ada.post("/console/data/erase", number="(415) 555-0123", again=KIM)
    assert answer.status_code == 302
    (receipt,) = receipts(staffed.database)
    assert f"Erased. The receipt is {receipt.code}." in (page := ada.sees("/console/data"))
    assert "caller erased 1 call" in page
    assert sids(staffed) == []
    assert entries(staffed.database)[0].who == "ada"


@pytest.mark.parametrize(
    ("number", "again", "told"),
    [
        (KIM, "+14155550124", (400, "differ")),
        ("", "", (400, "no telephone number")),
        ("drop table\0", "x", (400, "no telephone number")),
        ("9" * 5000, "9" * 5000, (400, "no telephone number")),
        ("+18886460014", "+18886460014", (409, "the line itself")),
    ],
)
def test_what_cannot_be_erased_is_told(ada, staffed, number, again, told):
    answer = ada.post("/console/data/erase", number=number, again=again)
    assert answer.status_code == told[0]
    assert told[1] in answer.text
    assert sids(staffed) == ["CAkim"]


def test_a_hold_is_placed_keeps_and_is_released(ada, staffed):
    ada.post("/console/data/holds", kind="caller", value="415 555 0123", reason="a court asked")
    assert "a court asked" in ada.sees("/console/data")
    assert ada.post("/console/data/erase", number=KIM, again=KIM).status_code == 409
    assert sids(staffed) == ["CAkim"]
    assert ada.post("/console/data/holds", kind="caller", value=KIM, reason="again").status_code == 400
    assert ada.post("/console/data/holds/1/release", reason="").status_code == 400
    assert ada.post("/console/data/holds/1/release", reason="settled").status_code == 302
    assert ada.post("/console/data/holds/1/release", reason="settled").status_code == 409
    assert ada.post(f"/console/data/holds/{1 << 63}/release", reason="settled").status_code == 404
    assert ada.post("/console/data/erase", number=KIM, again=KIM).status_code == 302


@pytest.mark.parametrize(
    "form", [{}, {"kind": "dog", "value": "x", "reason": "x"}, {"kind": "account", "value": "7", "reason": "x"}]
)
def test_a_hold_on_nothing_is_refused(ada, form):
    assert ada.post("/console/data/holds", **form).status_code == 400


# The commands: a purge only says what would go, until it is told to do it.
def test_purge_by_command(app, staffed, clock, kim):  # noqa: ARG001 she called
    run = app.test_cli_runner().invoke
    assert run(args=["calls", "purge"]).output == "Nothing is due.\n"
    clock.passes(days=400)
    assert run(args=["calls", "purge"]).output == "1 call, 9 PIN tries would go; --yes removes them.\n"
    assert sids(staffed) == ["CAkim"]
    assert "1 call, 9" in run(args=["calls", "purge", "--yes"]).output
    assert run(args=["calls", "purge", "--yes"]).output == "Nothing was due.\n"
    assert sids(staffed) == []


def test_erase_by_command(app, staffed, kim):  # noqa: ARG001 she called
    run = app.test_cli_runner().invoke
    assert run(args=["calls", "erase", "7", "--yes"]).exit_code == 1
    assert run(args=["calls", "erase", KIM], input="n\n").exit_code == 1
    assert sids(staffed) == ["CAkim"]
    told = json.loads(run(args=["calls", "erase", KIM, "--yes", "--json"]).output)
    assert (told["counts"]["calls"], told["pending"]) == (1, 0)


# The nightly job: at three o'clock of the company's, once a night.
def test_what_is_due_goes_at_night(staffed, clock, kim):  # noqa: ARG001 she called
    clock.passes(days=400)
    clock.time = clock.now().replace(hour=9)  # one or two o'clock in California
    night = Night(staffed)
    night.work()
    assert sids(staffed) == ["CAkim"]
    clock.passes(hours=3)
    night.work()
    assert sids(staffed) == []


def test_the_nightly_job_runs_beside_every_line(monkeypatch, settings):
    started = []
    monkeypatch.setattr(server.Settings, "from_env", lambda: replace(settings, caller_id=""))
    monkeypatch.setattr(server.subprocess, "Popen", lambda command, **_: started.append(command[3]))
    monkeypatch.setattr(server, "_helpers", [])
    server.when_ready(None)
    assert "helpers" in started

"""Every edge of every flow, through the real webhooks, POSTs sent twice; and a caller who hangs up, at every wait.

What is walked is also noted for the table of flow edges: see `flow_coverage.py`.
"""

from xml.etree import ElementTree as ET

import flow_coverage
import pytest
from puppets import puppet_line
from walker import Script, Walker, calls_that_walk_every_edge

from ivr.call import Call, DialEnded, Recorded, Waited, WaitEnd
from ivr.db.history import show_call


def action(twiml: str) -> str | None:
    """Where the carrier posts next."""
    root = ET.fromstring(twiml)  # noqa: S314 our own TwiML
    return next((verb.get("action") for verb in root if verb.get("action")), None)


def form(heard):
    if isinstance(heard, DialEnded):
        return {"DialCallStatus": heard.status.value}
    if isinstance(heard, Waited):
        return {"QueueResult": {WaitEnd.SERVED: "bridged", WaitEnd.FAILED: "queue-full"}.get(heard.end, "leave")}
    if isinstance(heard, Recorded):
        return {
            "RecordingUrl": f"https://api.twilio.com/Recordings/{heard.sid}",
            "RecordingDuration": f"{heard.seconds}",
        }
    return {"Digits": heard.digits}


@pytest.fixture
def script():
    return Script()


@pytest.fixture
def parts(app, script):
    """The line with actions that do as the script says, and departments with one number, as the walker knows them."""
    file = app.extensions["answerline"].settings.departments_file
    file.write_text(file.read_text().replace(', "SUPPORT_DIRECT_NUMBER"', ""))
    flow_coverage.note(app, "walk", puppet_line(script.choose))
    return app.extensions["answerline"]


def entry(move):
    return f"/voice/leg/{move.leg}?offer=abc" if move.leg else "/voice"


def presses_on_hold(parts, sid, heard):
    """Take a place in line and leave it by a key, as the queue's webhook does: its end does not tell which."""
    if isinstance(heard, Waited) and heard.end in {WaitEnd.KEY, WaitEnd.EXPIRED}:
        parts.waiting.wait(Call(sid, "+14155550123", "+18005550100", department="sales"))
        parts.waiting.leave(sid, heard.key)


def hangs_up(carrier, sid):
    carrier.post("/voice/status", sid, CallStatus="completed", CallDuration="60")


# Every so many calls are calls whose POSTs are all sent twice: what a repeated one meets is the same for all flows.
@pytest.mark.parametrize("repeated", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_every_edge_is_walked_and_a_repeated_webhook_changes_nothing(parts, carrier, script, repeated):
    expected = {flow_coverage.edge_name(step.at, step.label) for step in Walker().left}
    walked = parts.conversation.engine.walked
    walked.clear()
    for number, moves in enumerate(calls_that_walk_every_edge()):
        sid, path = f"CA{number:032x}", entry(moves[0])
        for move in moves:
            presses_on_hold(parts, sid, move.heard)
            script.picks, script.asked = list(move.picks), []
            answer = carrier.post(path, sid, **(form(move.heard) if move.heard else {}))
            assert answer.status_code == 200
            if number % repeated == 0:
                before, asked = carrier.log(sid), list(script.asked)
                again = carrier.post(path, sid, **(form(move.heard) if move.heard else {}))
                assert again.data == answer.data
                assert carrier.log(sid) == before
                assert script.asked == asked, "a repeated webhook ran an action again"
            path = action(answer.text)
        hangs_up(carrier, sid)
        assert show_call(parts.database, sid)["disposition"] is not None
    missing = sorted(expected - walked)
    assert not missing, f"{len(missing)} of {len(expected)} edges not walked: {', '.join(missing)}"


def test_a_caller_may_hang_up_at_every_wait(parts, carrier, script):
    waits = {name for name, kind in flow_coverage.kinds(parts.line).items() if kind == flow_coverage.HANGUP}
    for number, moves in enumerate(Walker().ways_to_every_wait()):
        sid, path = f"CA{number:032x}", entry(moves[0])
        for move in moves:
            presses_on_hold(parts, sid, move.heard)
            script.picks, script.asked = list(move.picks), []
            path = action(carrier.post(path, sid, **(form(move.heard) if move.heard else {})).text)
        hangs_up(carrier, sid)
        row = show_call(parts.database, sid)
        assert row["disposition"] is not None
        assert row["ended_at"] is not None
    assert waits <= parts.conversation.engine.walked

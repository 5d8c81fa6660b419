"""What the call log keeps of people whom the line rings: what they heard and did, but they are no callers."""

import pytest

from ivr.db.history import list_calls, show_call

AGENT = "CA" + "a" * 32


@pytest.fixture
def parts(app):
    return app.extensions["answerline"]


def test_somebody_who_answered_is_in_the_log_and_not_among_the_callers(carrier, parts):
    carrier.post("/voice", "CA" + "c" * 32)
    carrier.post("/voice/leg/agent?offer=gone", AGENT)
    carrier.post("/voice/status?offer=gone", AGENT, CallStatus="completed", CallDuration="9")
    [turn] = show_call(parts.database, AGENT)["turns"]
    assert turn["flow"] == "agent"
    assert [call["call_sid"] for call in list_calls(parts.database)] == ["CA" + "c" * 32]


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_somebody_who_did_not_answer_has_had_no_call(carrier, parts, status):
    carrier.post("/voice/status?offer=gone", AGENT, CallStatus=status)
    assert show_call(parts.database, AGENT) is None


def test_there_are_no_other_legs_than_the_line_has(carrier):
    assert carrier.post("/voice/leg/main?offer=x", AGENT).status_code == 404

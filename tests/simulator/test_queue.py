"""Enqueue, Leave and Dial Queue. Source: https://www.twilio.com/docs/voice/twiml/enqueue, .../queue."""

import pytest
from twiml_app import Reply, codes, events, wav

from ivr.simulator.plans import Queue

MUSIC = {"/w": "<Play>/music</Play>", "/music": Reply(wav(10), content_type="audio/wav")}
WAITING = {"/voice": "<Enqueue action='/e' waitUrl='/w'>q</Enqueue><Say>B</Say>", "/e": "<Say>E</Say>"} | MUSIC


@pytest.mark.row(67)
def test_the_waiting_document_is_asked_for_again_each_time_it_ends(line):
    """It is told place, size and waiting time, and runs again until the caller leaves the queue."""
    phone = line(WAITING)
    call = phone.dials(queues={"q": Queue(ahead=2, average_s=30)}).wait().wait()
    forms = [s.form for s in phone.app.seen if s.path == "/w"]
    assert [f["QueueTime"] for f in forms] == ["0", "10", "20"]
    assert {(f["QueuePosition"], f["CurrentQueueSize"], f["MaxQueueSize"], f["AvgQueueTime"]) for f in forms} == {
        ("3", "3", "1000", "30")
    }
    assert forms[0]["QueueSid"].startswith("QU")
    assert (call.time_s, call.listening.kind) == (30, "queue")


@pytest.mark.row(68)
def test_leave_goes_on_after_the_queue(line):
    """Without an action the verb after the Enqueue runs."""
    pages = {"/voice": "<Enqueue waitUrl='/w'>q</Enqueue><Say>B</Say>", "/w": "<Pause/><Leave/><Say>Never</Say>"}
    call = line(pages).dials()
    assert (call.heard, events(call, "queue")[0]["result"]) == (["B"], "leave")


@pytest.mark.row(69)
def test_hanging_up_in_a_queue_is_told_to_the_action(line):
    """QueueResult is hangup; the answer is not run."""
    phone = line(WAITING)
    call = phone.dials(queues={"q": Queue()}).hang_up()
    form = phone.app.last("/e").form
    assert (form["QueueResult"], form["QueueTime"], form["CallStatus"]) == ("hangup", "10", "completed")
    assert (call.heard, call.ended.by) == ([], "caller")


@pytest.mark.row(70)
@pytest.mark.parametrize(
    ("attribute", "plan"), [("", Queue(ahead=5, max_size=5)), ("maxQueueSize='2'", Queue(ahead=2))]
)
def test_a_full_queue_turns_callers_away(line, attribute, plan):
    """The action is told queue-full at once; the alert is 14207."""
    phone = line({"/voice": f"<Enqueue action='/e' {attribute}>q</Enqueue>", "/e": "<Say>E</Say>"})
    call = phone.dials(queues={"q": plan})
    assert (phone.app.last("/e").form["QueueResult"], codes(call), call.heard) == ("queue-full", [14207], ["E"])


@pytest.mark.row(71)
@pytest.mark.parametrize(("arrives", "status", "at"), [(12, "completed", 42), (None, "no-answer", 20)])
def test_who_dials_an_empty_queue_waits_for_a_member(line, arrives, status, at):
    """Until one arrives, or as long as the Dial rings."""
    phone = line({"/voice": "<Dial action='/d' timeout='20'><Queue>q</Queue></Dial>", "/d": ""})
    call = phone.dials(queues={"q": Queue(arrives_after_s=arrives, talks_s=30)})
    if arrives is None:
        assert call.listening.kind == "queue"
        call.wait()
    assert phone.app.last("/d").form["DialCallStatus"] == status
    assert events(call, "request")[-1]["at"] == at


def test_a_queue_that_does_not_exist_cannot_be_dialled(line):
    """The action is told so at once."""
    phone = line({"/voice": "<Dial action='/d'><Queue>none</Queue></Dial>", "/d": ""})
    assert phone.dials().time_s == 0
    assert phone.app.last("/d").form["DialCallStatus"] == "failed"


def test_an_agent_takes_the_caller_after_a_settable_time(line):
    """The music stops in its middle; the action follows the talk, and is told the time in the queue."""
    phone = line(WAITING | {"/told": "<Say>Calls are recorded</Say>"})
    call = phone.dials(queues={"q": Queue(taken_after_s=25, talks_s=60, whisper="/told")})
    form = phone.app.last("/e").form
    assert (form["QueueResult"], form["QueueTime"]) == ("bridged", "25")
    assert events(call, "request")[-1]["at"] == pytest.approx(86.125)
    assert call.all_heard[-2:] == ["Calls are recorded", "E"]
    assert phone.app.last("/told").form["QueueTime"] == "25"


def test_without_a_plan_an_agent_comes_after_a_minute(line):
    """So that a call from the command line meets somebody; silence is an empty waitUrl."""
    call = line("<Enqueue waitUrl=''>q</Enqueue>").dials()
    assert events(call, "queue")[0] == {"at": 90, "event": "queue", "name": "q", "result": "bridged", "seconds": 60}


def test_one_call_takes_another_out_of_the_queue(line):
    """Both are real calls of the same phone, each in its own time; who waits longest comes first."""
    agent = "<Dial action='/d'><Queue url='/told'>q</Queue></Dial>"
    phone = line(WAITING | {"/agent": agent, "/told": "<Say>Now</Say>", "/d": "<Hangup/>"})
    plan = {"q": Queue(talks_s=40)}
    first = phone.dials(queues=plan)
    second = phone.dials(queues=plan)
    agent = phone.dials("/agent", queues=plan)
    assert phone.app.last("/d").form["DialCallSid"] == first.call_sid
    assert phone.app.last("/told").form["DequeingCallSid"] == agent.call_sid
    assert (first.all_heard[-2:], first.ended.by) == (["Now", "E"], "application")
    assert second.ended is None


def test_an_agent_who_waits_gets_the_next_caller(line):
    """An empty queue is left by both as soon as somebody joins."""
    phone = line(WAITING | {"/agent": "<Dial action='/d'><Queue>q</Queue></Dial>", "/d": "<Hangup/>"})
    plan = {"q": Queue(talks_s=40)}
    agent = phone.dials("/agent", queues=plan)
    customer = phone.dials(queues=plan)
    assert (agent.ended.status, customer.ended.status) == ("completed", "completed")
    assert phone.app.last("/d").form["DialCallSid"] == customer.call_sid
    assert phone.app.last("/e").form["QueueResult"] == "bridged"


def test_waiting_music_that_cannot_be_had_ends_the_wait(line):
    """The action is told system-error."""
    phone = line(WAITING | {"/w": Reply(status=500)})
    assert phone.dials().heard == ["E"]
    assert phone.app.last("/e").form["QueueResult"] == "system-error"


def test_a_waiting_document_that_takes_no_time_cannot_spin(line):
    """A second of call time passes before it is asked for again."""
    phone = line(WAITING | {"/w": ""})
    phone.dials(queues={"q": Queue(taken_after_s=3)})
    assert phone.app.paths().count("/w") == 3


def test_keys_in_the_waiting_document(line):
    """A Gather there steers what the waiting caller hears, and a Leave gives up the place."""
    pages = WAITING | {"/w": "<Gather numDigits='1' action='/k'><Say>Press 1 to leave</Say></Gather>", "/k": "<Leave/>"}
    assert line(pages).dials(queues={"q": Queue()}).press("1").heard == ["E"]


def test_a_leave_outside_a_queue_is_skipped(line):
    """It means nothing there."""
    call = line("<Leave/><Say>A</Say>").dials()
    assert (codes(call), call.heard) == ([0], ["A"])


def test_no_call_is_longer_than_four_hours(line):
    """The carrier ends it, even in a silent queue."""
    call = line("<Enqueue waitUrl=''>q</Enqueue>").dials(queues={"q": Queue()}).wait()
    assert (call.time_s, call.ended.status) == (14400, "completed")

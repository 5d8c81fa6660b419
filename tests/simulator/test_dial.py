"""Dial and Number. Source: https://www.twilio.com/docs/voice/twiml/dial, .../number."""

import pytest
from twiml_app import Reply, codes, events

from ivr.simulator.acts import Keys, Silence
from ivr.simulator.facts import Person

SUPPORT = "+18002636317"
NEXT = f"<Dial>{SUPPORT}</Dial><Say>B</Say>"
ACTION = {"/voice": f"<Dial action='/d'>{SUPPORT}</Dial><Say>B</Say>", "/d": "<Hangup/>"}


@pytest.mark.row(55)
def test_nobody_answering_goes_on_after_the_timeout_and_five_seconds(line):
    """The ring timeout, 30 s by default, has a buffer of 5 s; without an action the next verb runs."""
    call = line(NEXT).dials(people={"*": "no-answer"})
    assert events(call, "say")[0]["at"] == 35
    assert call.dialled == [(SUPPORT, "no-answer")]


@pytest.mark.row(56)
def test_the_next_verb_runs_when_the_other_side_hangs_up(line):
    """The caller stays in the call."""
    call = line(NEXT).dials(people={SUPPORT: Person("completed", rings_s=2, talks_s=10)})
    assert events(call, "say")[0]["at"] == 12
    assert call.dialled == [(SUPPORT, "completed")]


@pytest.mark.row(57)
@pytest.mark.parametrize(("moment", "status"), [("ringing", "canceled"), ("talking", "completed")])
def test_the_caller_hanging_up_ends_the_document(line, moment, status):
    """Neither the action nor the next verb follows; callbacks do."""
    phone = line(ACTION | {"/s": ""})
    call = phone.dials(hang_up_during=moment, status_callback="/s")
    assert (phone.app.paths(), call.heard) == (["/voice", "/s"], [])
    assert (call.ended.by, call.dialled) == ("caller", [(SUPPORT, status)])


@pytest.mark.row(58)
def test_the_action_learns_that_nobody_answered(line):
    """With an action the verbs after the Dial never run."""
    phone = line(ACTION)
    assert phone.dials(people={"*": "no-answer"}).heard == []
    form = phone.app.last("/d").form
    assert (form["DialCallStatus"], form["DialBridged"], "DialCallDuration" in form) == ("no-answer", "false", False)


@pytest.mark.row(59)
@pytest.mark.parametrize("status", ["busy", "failed", "canceled"])
def test_the_action_learns_why_there_was_no_call(line, status):
    """Busy, failed and canceled are told as they are."""
    phone = line(ACTION)
    phone.dials(people={SUPPORT: status})
    assert phone.app.last("/d").form["DialCallStatus"] == status


@pytest.mark.row(59)
def test_a_bad_number_fails(line):
    """Something that is not a number cannot be dialled; the mistake is a warning."""
    phone = line({"/voice": "<Dial action='/d'>hello</Dial>", "/d": ""})
    assert codes(phone.dials()) == [13223]
    assert phone.app.last("/d").form["DialCallStatus"] == "failed"


@pytest.mark.row(60)
def test_the_action_learns_how_long_they_talked(line):
    """Completed comes with the child's CallSid, the duration and whether they were bridged."""
    phone = line(ACTION)
    call = phone.dials()
    form = phone.app.last("/d").form
    assert (form["DialCallStatus"], form["DialCallDuration"], form["DialBridged"]) == ("completed", "30", "true")
    assert form["DialCallSid"].startswith("CA")
    assert form["DialCallSid"] != call.call_sid


@pytest.mark.row(61)
def test_star_drops_the_other_side_when_asked(line):
    """HangupOnStar lets the caller come back to the document."""

    class Star:
        def act(self, listening):
            return Keys("*", after_s=3) if listening.kind == "talking" else Silence()

    pages = {"/voice": f"<Dial action='/d' hangupOnStar='true'>{SUPPORT}</Dial>", "/d": ""}
    phone = line(pages)
    phone.dials(caller=Star())
    form = phone.app.last("/d").form
    assert (form["DialCallStatus"], form["DialCallDuration"]) == ("completed", "3")


@pytest.mark.row(62)
def test_the_time_limit_ends_the_talk(line):
    """TimeLimit is the longest talk, in seconds."""
    pages = {"/voice": f"<Dial action='/d' timeLimit='120'>{SUPPORT}</Dial>", "/d": ""}
    phone = line(pages)
    phone.dials(people={"*": Person(talks_s=1000)})
    assert phone.app.last("/d").form["DialCallDuration"] == "120"


@pytest.mark.row(63)
def test_answer_on_bridge_keeps_the_caller_ringing(line):
    """The call is answered when the other side answers, and so is as long as the talk."""
    call = line(f"<Dial answerOnBridge='true'>{SUPPORT}</Dial>").dials(people={"*": Person(rings_s=9, talks_s=5)})
    assert call.ended.duration_s == 5
    assert line(f"<Dial>{SUPPORT}</Dial>").dials(people={"*": Person(rings_s=9, talks_s=5)}).ended.duration_s == 14


@pytest.mark.row(64)
def test_several_numbers_ring_together_and_the_first_answer_wins(line):
    """The others are cancelled."""
    verbs = "<Dial><Number>+1555001</Number><Number>+1555002</Number><Number>+1555003</Number></Dial>"
    people = {"+1555001": Person(rings_s=9), "+1555002": Person(rings_s=2), "+1555003": Person("no-answer")}
    call = line(verbs).dials(people=people)
    assert sorted(call.dialled) == [("+1555001", "canceled"), ("+1555002", "completed"), ("+1555003", "canceled")]


def test_numbers_can_ring_one_by_one(line):
    """Sequential dials the next only when the one before did not answer."""
    verbs = "<Dial sequential='true'><Number>+1555001</Number><Number>+1555002</Number></Dial>"
    call = line(verbs).dials(people={"+1555001": "busy"})
    assert call.dialled == [("+1555001", "busy"), ("+1555002", "completed")]


@pytest.mark.row(66)
def test_a_number_reports_its_progress_in_order(line):
    """The four events are numbered from 0 and name the child and the parent call."""
    events = "initiated ringing answered completed"
    noun = f"<Number statusCallback='http://localhost/p' statusCallbackEvent='{events}'>+1555001</Number>"
    phone = line({"/voice": f"<Dial>{noun}</Dial>", "/p": Reply(status=204, content_type=None)})
    call = phone.dials()
    forms = [s.form for s in phone.app.seen if s.path == "/p"]
    assert [f["CallStatus"] for f in forms] == ["initiated", "ringing", "in-progress", "completed"]
    assert [f["SequenceNumber"] for f in forms] == ["0", "1", "2", "3"]
    assert {f["CallbackSource"] for f in forms} == {"call-progress-events"}
    assert {f["ParentCallSid"] for f in forms} == {call.call_sid}
    assert len({f["CallSid"] for f in forms} - {call.call_sid}) == 1
    assert forms[-1]["CallDuration"] == "30"


@pytest.mark.parametrize(
    ("noun", "address"),
    [
        ("<Sip>sip:a@example.com</Sip>", "sip:a@example.com"),
        ("<Client>alice</Client>", "client:alice"),
        ("<Client><Identity>bob</Identity><Parameter name='a' value='b'/></Client>", "client:bob"),
        ("<Sim>DE0</Sim>", "sim:DE0"),
        ("<WhatsApp>+15550001</WhatsApp>", "whatsapp:+15550001"),
        ("<Application><ApplicationSid>AP0</ApplicationSid></Application>", "application:AP0"),
    ],
)
def test_other_nouns_ring_as_numbers_do(line, noun, address):
    """Who answers is settled by the address with its kind before it."""
    call = line(f"<Dial>{noun}</Dial><Say>B</Say>").dials(people={address: "busy"})
    assert (codes(call), call.heard, call.dialled) == ([], ["B"], [(address, "busy")])


def test_people_react_in_known_ways_only(line):
    """A misspelt status is the test's mistake."""
    with pytest.raises(ValueError, match="engaged"):
        line(NEXT).dials(people={"*": "engaged"})


@pytest.mark.parametrize("address", ["/p", "p", "//example.com/p", "https://some_host.example.com/p"])
def test_a_number_takes_no_callback_without_a_whole_address(line, address):
    """The `url` of a Number may be relative; a relative statusCallback is refused with 21609, and never requested."""
    noun = f"<Number url='/w' statusCallback='{address}'>+1555001</Number>"
    phone = line({"/voice": f"<Dial>{noun}</Dial>", "/w": "<Say>For you.</Say>", "/p": ""})
    call = phone.dials()
    assert codes(call) == [21609]
    assert phone.app.paths() == ["/voice", "/w"]
    assert call.dialled == [("+1555001", "completed")]

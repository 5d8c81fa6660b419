"""What the dialled side hears before it is put through. Source: https://www.twilio.com/docs/voice/twiml/number."""

import pytest
from twiml_app import AGENT, SCREEN, codes, events

from ivr.simulator.facts import Person


def person(script, **more):
    return {AGENT: Person(rings_s=2, talks_s=10, script=script, **more)}


@pytest.mark.row(65)
@pytest.mark.parametrize(("script", "bridged", "at"), [("1", "true", 13.25), ("wait", "false", 7.75)])
def test_the_dialled_side_can_accept_or_decline(line, script, bridged, at):
    """The whisper runs on their side only, after the answer; a Hangup in it declines, and nobody is put through."""
    phone = line(SCREEN)
    call = phone.dials(people=person(script))
    form = phone.app.last("/d").form
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", bridged)
    assert events(call, "request")[-1]["at"] == pytest.approx(at, abs=0.3)
    assert [e["text"] for e in events(call, "whisper")] == ["Press 1"]
    assert call.all_heard == ["D"]
    whispered = phone.app.last("/w").form
    assert (whispered["ParentCallSid"], whispered["Direction"], whispered["To"]) == (
        call.call_sid, "outbound-dial", AGENT
    )  # fmt: skip
    assert whispered["CallSid"] == form["DialCallSid"]


def test_hanging_up_in_the_whisper_declines_as_well(line):
    """The dialled person puts the receiver down."""
    phone = line(SCREEN)
    phone.dials(people=person("hangup"))
    assert phone.app.last("/d").form["DialBridged"] == "false"


def test_the_caller_hears_ringing_and_may_give_up(line):
    """The other side is dropped, and nothing more is requested."""
    phone = line(SCREEN)
    call = phone.dials(people=person("wait"), hang_up_during="ringing")
    assert (call.ended.by, "/d" in phone.app.paths()) == ("caller", False)


def test_a_whisper_cannot_dial(line):
    """Error 13201; the other side is dropped."""
    phone = line(SCREEN | {"/w": f"<Dial>{AGENT}</Dial>"})
    assert codes(phone.dials(people=person("")), "error") == [13201]
    assert phone.app.last("/d").form["DialBridged"] == "false"


def test_answer_on_bridge_keeps_ringing_through_the_whisper(line):
    """The call is as long as the talk."""
    pages = SCREEN | {"/voice": f"<Dial answerOnBridge='true'><Number url='/w'>{AGENT}</Number></Dial>"}
    assert line(pages).dials(people=person("1")).ended.duration_s == 10


@pytest.mark.parametrize(("attribute", "channels"), [("record-from-answer", "1"), ("record-from-ringing-dual", "2")])
def test_a_recorded_dial_is_reported(line, attribute, channels):
    """In progress as it begins; completed after the action, since the sound is written meanwhile."""
    events_ = "recordingStatusCallback='/c' recordingStatusCallbackEvent='in-progress completed'"
    phone = line({"/voice": f"<Dial action='/d' record='{attribute}' {events_}>{AGENT}</Dial>", "/d": "", "/c": ""})
    phone.dials(people=person(""))
    assert phone.app.paths() == ["/voice", "/c", "/d", "/c"]
    first, last = (s.form for s in phone.app.seen if s.path == "/c")
    assert (first["RecordingStatus"], last["RecordingStatus"]) == ("in-progress", "completed")
    assert (last["RecordingChannels"], last["RecordingSource"]) == (channels, "DialVerb")
    assert last["RecordingDuration"] == ("10" if channels == "1" else "12")
    assert phone.app.last("/d").form["RecordingUrl"] == last["RecordingUrl"]


def test_a_foreign_caller_id_is_a_warning(line):
    """CallerId is a number of this call or of the account; else the caller's own is shown."""
    verb = f"<Dial callerId='+15559999'><Number statusCallback='http://localhost/p'>{AGENT}</Number></Dial>"
    phone = line({"/voice": verb, "/p": ""}, own_numbers=["+15558888"])
    assert codes(phone.dials(from_="+15557777")) == [13214]
    assert phone.app.last("/p").form["From"] == "+15557777"
    assert codes(line(verb, own_numbers=["+15559999"]).dials()) == [15003]


def test_refer_is_for_sip_callers(line):
    """Anybody else is 13801; a SIP caller's equipment calls the other address."""
    pages = {"/voice": "<Refer action='/r'><Sip>sip:b@example.com</Sip></Refer><Say>B</Say>", "/r": "<Say>R</Say>"}
    assert codes(line(pages).dials()) == [13801]
    phone = line(pages)
    assert phone.dials(from_="sip:a@example.com").heard == ["R"]
    assert phone.app.last("/r").form["ReferCallStatus"] == "completed"


def test_a_text_is_sent_in_a_call(line):
    """To the caller, from the number called, unless it says otherwise."""
    phone = line({"/voice": "<Sms statusCallback='/p'>Hello</Sms><Say>B</Say>", "/p": ""})
    call = phone.dials(from_="+15550002", to="+15550003")
    assert events(call, "message")[0] == {
        "at": 0, "event": "message", "to": "+15550002", "from_": "+15550003", "body": "Hello"
    }  # fmt: skip
    assert (call.heard, phone.app.last("/p").form["SmsStatus"]) == (["B"], "sent")
    followed = line({"/voice": "<Sms action='/a' to='+15550004'>Hi</Sms><Say>B</Say>", "/a": "<Say>A</Say>"})
    assert followed.dials().heard == ["A"]

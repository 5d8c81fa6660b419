"""Record. Source: https://www.twilio.com/docs/voice/twiml/record."""

import pytest
from twiml_app import codes, events

from ivr.simulator.switches import Switches


def page(attributes="", after="", action="action='/r'"):
    return {"/voice": f"<Record {action} {attributes}/>{after}", "/r": "<Say>Thanks</Say>", "/c": ""}


@pytest.mark.row(45)
def test_silence_ends_a_recording(line):
    """Five seconds of silence end it; trimmed, it is as long as the speech."""
    phone = line(page())
    call = phone.dials().speak("my message", seconds=4).wait()
    form = phone.app.last("/r").form
    assert form["RecordingDuration"] == "4"
    assert form["RecordingUrl"].startswith("https://")
    assert events(call, "record")[0]["at"] == pytest.approx(9.5)
    assert events(call, "record")[0]["beep"] is True


@pytest.mark.row(46)
def test_any_key_ends_it_by_default(line):
    """The key is told as Digits."""
    phone = line(page())
    phone.dials().speak("hello", seconds=1).press("1")
    assert phone.app.last("/r").form["Digits"] == "1"


@pytest.mark.row(47)
def test_only_the_finishing_keys_end_it(line):
    """Other keys are part of the recording."""
    phone = line(page("finishOnKey='*'"))
    call = phone.dials().press("1")
    assert call.ended is None
    call.press("*")
    assert phone.app.last("/r").form["Digits"] == "*"


@pytest.mark.row(48)
def test_hanging_up_is_told_to_the_action_whose_answer_is_not_run(line):
    """Digits is the word hangup."""
    phone = line(page())
    call = phone.dials().speak("hello", seconds=1).hang_up()
    assert phone.app.last("/r").form["Digits"] == "hangup"
    assert (call.heard, call.ended.by, call.ended.status) == ([], "caller", "completed")


@pytest.mark.row(49)
def test_the_longest_recording_ends_by_itself(line):
    """MaxLength is counted in recorded seconds."""
    phone = line(page("maxLength='20' trim='do-not-trim'"))
    call = phone.dials().speak("on and on", seconds=60).wait()
    assert phone.app.last("/r").form["RecordingDuration"] == "20"
    assert events(call, "record")[0]["ended_by"] == "max-length"


@pytest.mark.row(50)
def test_the_beep_can_be_left_out(line):
    """PlayBeep false is a recording without a tone before it."""
    call = line(page("playBeep='false'")).dials().wait()
    assert events(call, "record")[0]["beep"] is False


@pytest.mark.row(51)
@pytest.mark.parametrize(("falls", "heard"), [(False, ["Thanks"]), (True, ["B"])])
def test_what_follows_a_silent_recording_is_a_switch(line, falls, heard):
    """Current wording: the action; older wording: the next verb."""
    phone = line(page(after="<Say>B</Say>"), switches=Switches(silent_record_falls_through=falls))
    assert phone.dials().wait().heard == heard


@pytest.mark.row(52)
def test_without_an_action_the_document_is_fetched_again(line):
    """Which records for ever unless the application minds."""
    phone = line(page(action=""))
    call = phone.dials().press("1")
    assert phone.app.paths() == ["/voice", "/voice"]
    assert call.listening.kind == "record"


@pytest.mark.row(53)
def test_timeout_zero_leaves_only_the_length(line):
    """Silence never ends such a recording."""
    call = line(page("timeout='0' maxLength='30'")).dials().wait()
    assert events(call, "record")[0]["at"] == 30


@pytest.mark.row(54)
def test_the_recording_is_reported(line):
    """The callback names status, channels and source."""
    phone = line(page("recordingStatusCallback='/c'"))
    phone.dials().speak("hello", seconds=2).wait()
    form = phone.app.last("/c").form
    assert (form["RecordingStatus"], form["RecordingChannels"], form["RecordingSource"]) == (
        "completed", "1", "RecordVerb"
    )  # fmt: skip


def test_nothing_nests_in_a_recording(line):
    """A nested verb is a schema warning."""
    assert codes(line("<Record><Say>A</Say></Record>").dials()) == [12200]

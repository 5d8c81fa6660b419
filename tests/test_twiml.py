"""Turn to TwiML, webhook to Heard, and the signature check."""

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from ivr.call import Call, DialEnded, DialStatus, Keys, Position, Recorded
from ivr.prompts import Prompt
from ivr.turn import Dial, End, Gather, Recording, Tries, Turn
from ivr.twiml import Voice, heard, signed

VOICE = Voice("Polly.Joanna-Neural", "en-US", "https://line.example.com")
CALL = Call("CA1", "+14155550123", "+18005550100", turn=3)
AT = Position("main", "menu")
MEDIA, RECORDING = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings", "RE" + "a" * 32
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
SAY = '<Say language="en-US" voice="Polly.Joanna-Neural">'


def write(wait, *prompts, voice=VOICE, values=()):
    return voice.twiml(Turn(CALL, prompts, wait, ()), dict(values)).removeprefix(HEAD)


def test_a_menu_is_a_gather_that_hears_every_key_and_reports_silence_too():
    xml = write(Gather(AT, Tries(), (Prompt("x", "Press 1."),), digits=1, finish="", timeout_s=5))
    action = "/voice/main/menu?turn=3"
    assert xml == (
        f'<Response><Gather action="{action}" actionOnEmptyResult="true" finishOnKey="" method="POST" numDigits="1" '
        f'timeout="5">{SAY}Press 1.</Say></Gather><Redirect method="POST">{action}</Redirect></Response>'
    )


def test_what_no_key_may_cut_is_said_before_the_gather():
    xml = write(Gather(AT, Tries(), (), 1, "", 5), Prompt("x", "Listen."))
    assert xml.index("Listen.") < xml.index("<Gather")


def test_tries_travel_in_the_address():
    xml = write(Gather(AT, Tries(silent=1, wrong=2), (), 1, "", 5))
    assert 'action="/voice/main/menu?turn=3&amp;silent=1&amp;wrong=2"' in xml


def test_a_transfer_dials_one_number_and_reports_how_it_ended():
    xml = write(Dial(AT, "+18886460014", 25), Prompt("x", "Hold."))
    assert xml == (
        f"<Response>{SAY}Hold.</Say>"
        '<Dial action="/voice/main/menu?turn=3" method="POST" timeLimit="7200" timeout="25">'
        '<Number statusCallback="https://line.example.com/voice/status" statusCallbackEvent="answered">'
        "+18886460014</Number></Dial></Response>"
    )


def test_a_recording_has_a_tone_an_end_and_two_ways_to_be_told_of():
    """A carrier may go on to the next verb after silence: a Redirect to the same action stands there."""
    xml = write(Recording(AT, Tries(silent=1), limit_s=120, silence_s=5, finish="#"), Prompt("x", "After the tone."))
    action = "/voice/main/menu?turn=3&amp;silent=1"
    assert xml == (
        f'<Response>{SAY}After the tone.</Say><Record action="{action}" finishOnKey="#" maxLength="120" method="POST" '
        'playBeep="true" recordingStatusCallback="https://line.example.com/voice/recording" '
        'recordingStatusCallbackEvent="completed absent" recordingStatusCallbackMethod="POST" timeout="5" '
        f'trim="trim-silence" /><Redirect method="POST">{action}</Redirect></Response>'
    )


def test_the_end_hangs_up():
    assert write(End(AT), Prompt("x", "Goodbye.")) == f"<Response>{SAY}Goodbye.</Say><Hangup /></Response>"


def test_what_is_spoken_cannot_break_the_document():
    xml = write(End(AT), Prompt("x", "Hello {who}."), values={"who": '<Hangup/>&"'}.items())
    assert "Hello &lt;Hangup/&gt;&amp;" in xml


def test_a_public_address_with_a_path_is_kept_in_every_address():
    voice = Voice("v", "en-US", "https://line.example.com/ivr/")
    assert 'action="/ivr/voice/main/menu?turn=3"' in write(Gather(AT, Tries(), (), 1, "", 5), voice=voice)
    assert 'statusCallback="https://line.example.com/ivr/voice/status"' in write(
        Dial(AT, "+18886460014", 25), voice=voice
    )


@pytest.mark.parametrize(
    ("form", "what"),
    [
        ({}, Keys("")),
        ({"Digits": ""}, Keys("")),
        ({"Digits": "12#*"}, Keys("12#*")),
        ({"Digits": "1 a<2"}, Keys("12")),
        ({"Digits": "", "FinishedOnKey": "#"}, Keys("#")),
        ({"Digits": "12", "FinishedOnKey": "#"}, Keys("12")),
        ({"Digits": "9" * 10_000}, Keys("9" * 64)),
        ({"RecordingUrl": f"{MEDIA}/{RECORDING}", "RecordingDuration": "7", "Digits": "#"}, Recorded(RECORDING, 7)),
        ({"RecordingUrl": f"{MEDIA}/{RECORDING}.wav?x=1", "RecordingDuration": "7"}, Recorded(RECORDING, 7)),
        ({"RecordingSid": RECORDING, "RecordingUrl": "", "Digits": "hangup"}, Recorded(RECORDING, 0)),
        ({"RecordingUrl": f"{MEDIA}/..%2F..%2Fetc", "RecordingDuration": "7"}, Recorded("", 7)),
        ({"RecordingUrl": f"{MEDIA}/", "RecordingDuration": "½"}, Recorded()),
        ({"RecordingSid": "x" * 65, "RecordingDuration": "9" * 30}, Recorded()),
        ({"RecordingSid": RECORDING, "RecordingDuration": "99999"}, Recorded(RECORDING, 86_400)),
        ({"DialCallStatus": "no-answer"}, DialEnded(DialStatus.NO_ANSWER)),
        ({"DialCallStatus": "answered"}, DialEnded(DialStatus.COMPLETED)),
        ({"DialCallStatus": "exploded"}, DialEnded(DialStatus.FAILED)),
    ],
)
def test_a_form_says_what_the_caller_did(form, what):
    assert heard(form) == what


def test_digits_are_not_shown_when_what_was_heard_is_printed():
    assert "204816" not in repr(heard({"Digits": "204816"}))


# The carrier's own documented example: address, then every field in order of its name, keyed with the token.
FORM = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675310", "Digits": "1234", "From": "+14158675310"}
FORM["To"] = "+18005551212"
SIGNATURE = "L/OH5YylLD5NRKLltdqwSvS0BnU="
URL = "https://example.com/myapp.php?foo=1&bar=2"


def test_the_documented_example_is_signed():
    assert signed("12345", URL, FORM, SIGNATURE)


# Compared with the carrier's own library, which signs what it checks.
@pytest.mark.parametrize(
    ("known_as", "called"),
    [
        (URL, URL),
        ("https://example.com:443/voice", "https://example.com/voice"),
        ("https://example.com/voice", "https://example.com:443/voice"),
        ("http://example.com:8080/voice?turn=1", "http://example.com:8080/voice?turn=1"),
        ("http://example.com:8080/voice", "http://example.com/voice"),
    ],
)
@pytest.mark.parametrize("form", [FORM, {}, MultiDict([("A", "2"), ("A", "1"), ("A", "2"), ("B", "é"), ("C", "")])])
def test_it_is_signed_where_the_carriers_library_says_so(known_as, called, form):
    signature = RequestValidator("12345").compute_signature(called, form)
    assert signed("12345", known_as, form, signature)


@pytest.mark.parametrize(
    ("token", "url", "form", "signature"),
    [
        ("12346", URL, FORM, SIGNATURE),
        ("12345", URL.replace("https", "http"), FORM, SIGNATURE),
        ("12345", URL + "&x=1", FORM, SIGNATURE),
        ("12345", URL, {**FORM, "Digits": "1235"}, SIGNATURE),
        ("12345", URL, {**FORM, "ForwardedFrom": ""}, SIGNATURE),
        ("12345", URL, FORM, ""),
        ("12345", URL, FORM, "☃"),
    ],
)
def test_whatever_is_changed_is_not_signed(token, url, form, signature):
    assert not signed(token, url, form, signature)

"""Webhook to Heard, and the signature check."""

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from ivr.call import DialEnded, DialStatus, Keys, Recorded
from ivr.webhook import heard, signed

MEDIA, RECORDING = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings", "RE" + "a" * 32


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

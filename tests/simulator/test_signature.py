"""X-Twilio-Signature. Source: https://www.twilio.com/docs/usage/security."""

import pytest
from twiml_app import TOKEN

from ivr.simulator.signature import sign, signed_url

FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "From": "+14158675310",
    "Digits": "1234",
    "To": "+18005551212",
}
PAGE = "https://example.com/myapp.php?foo=1&bar=2"
HASH = "5ccde7145dfb8f56479710896586cb9d5911809d83afbe34627818790db0aec9"


def test_the_documented_form_example():
    assert sign(PAGE, FORM, TOKEN) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_the_same_with_sha256():
    assert sign(PAGE, FORM, TOKEN, "sha256") == "qMztBq0IANMH/q0K9sCfKQJLylezvRdRzRS647SAVow="


def test_a_get_request_is_signed_by_its_address_alone():
    url = "https://example.com/voice?CallSid=CA1234567890ABCDE&From=%2B14158675310"
    assert sign(url, {}, TOKEN) == "+nW/YDAVr0R3uQZ88WKv10ldhcY="


def test_a_json_body_is_signed_by_the_hash_in_its_address():
    assert sign(f"https://example.com/myapp?bodySHA256={HASH}", {}, TOKEN) == "hPXmLwIy3Fgqv1i9KPmH/HhQ6zo="


def test_the_port_is_dropped_over_https_and_kept_over_http():
    assert signed_url("https://u:p@example.com:8443/a?b=1#rc=2") == "https://example.com/a?b=1"
    assert signed_url("http://u:p@example.com:5000/a") == "http://example.com:5000/a"


@pytest.mark.row(2)
def test_a_get_webhook_keeps_its_query_and_signs_the_whole_address(line):
    """The parameters are appended to the query that is there; the signature covers the address only."""
    phone = line("<Hangup/>")
    phone.dials("/voice?a=1", method="GET")
    seen = phone.app.seen[0]
    assert (seen.method, seen.query["a"], seen.query["CallStatus"], seen.form) == ("GET", "1", "ringing", {})
    assert seen.headers["x-twilio-signature"] == sign(seen.url, {}, TOKEN)


def test_a_post_webhook_is_signed_with_its_form_blank_fields_included(line):
    """Every field counts, the blank ones as well."""
    phone = line("<Hangup/>")
    phone.dials()
    seen = phone.app.seen[0]
    assert seen.form["FromCity"] == ""
    assert seen.headers["x-twilio-signature"] == sign(seen.url, seen.form, TOKEN)

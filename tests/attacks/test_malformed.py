"""Requests that are malformed in one way each: what a fuzzer found, and tricks with addresses, hosts and lengths."""

import json
from dataclasses import replace
from io import RawIOBase

import pytest
from carrier import BASE, TOKEN
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st
from simple_websocket import ConnectionClosed
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import create_environ, run_wsgi_app

from ivr.db.carrier_errors import carrier_errors
from ivr.web import WEBHOOK_BYTES_MAX, create_app
from ivr.web import simulator as phones
from ivr.webhook import heard, recorded, signed

CALL = [("CallSid", "CA1"), ("From", "+14155550123"), ("To", "+18005550100")]
ODD_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)


# It may be written without a moment of its own, in no time zone or in one that leads out of the calendar.
@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "then", ""])
def test_whenever_an_error_of_the_carrier_is_said_to_have_been_it_is_kept(carrier, demo, clock, at):
    assert carrier.post("/voice/debugger", Sid="NO1", Timestamp=at, Payload="{}").status_code == 204
    (error,) = carrier_errors(demo.database, 9)
    assert error.at == clock.now()


@pytest.mark.parametrize("address", ["http://[", "//[x", "http://\N{SNOWMAN}:x/RE1"])
def test_a_recording_at_a_malformed_address_has_no_name(address):
    assert recorded({"RecordingUrl": address}).sid in {"", "RE1"}


@pytest.mark.parametrize("origin", ["http://[", "//[x", "null", "https://evil.example"])
def test_the_telephone_is_shown_to_no_other_page(settings, origin):
    app = create_app(replace(settings, public_base_url="http://127.0.0.1:5000"))
    answer = app.test_client().get("/simulator", headers={"Host": "127.0.0.1:5000", "Origin": origin})
    assert answer.status_code == 403


# A signature is good for one address and one form, however they are bent.
@pytest.mark.parametrize(
    ("path", "form", "more"),
    [
        ("/voice/main/menu?turn=1&turn=2", [*CALL, ("Digits", "1")], {}),
        ("/voice/main/menu?turn=1", [*CALL, ("Digits", "1"), ("Digits", "2")], {}),
        ("/voice/main/menu?turn=1&Digits=1", CALL, {}),
        ("/voice/main//menu?turn=1", [*CALL, ("Digits", "1")], {}),
        ("/voice/main/menu/../menu?turn=1", [*CALL, ("Digits", "1")], {}),
        ("/voice/main/menu;x?turn=1", [*CALL, ("Digits", "1")], {}),
        ("/voice/main/menu?turn=1&bodySHA256=0", [*CALL, ("Digits", "1")], {}),
        ("/voice/main/menu?turn=1", [*CALL, ("Digit", "1s")], {}),
        ("/voice/main/menu?turn=1", [*CALL, ("Digits", "1")], {"X-Forwarded-Prefix": "/x"}),
        ("/voice/main/menu?turn=1", [*CALL, ("Digits", "1")], {"Host": "evil.example"}),
        ("/voice/main/menu?turn=1", [*CALL, ("Digits", "1")], {"X-Original-URL": "/voice"}),
    ],
)
def test_what_was_signed_for_one_address_and_form_opens_no_other(app, path, form, more):
    wanted = MultiDict([*CALL, ("Digits", "1")])
    signature = RequestValidator(TOKEN).compute_signature(f"{BASE}/voice/main/menu?turn=1", wanted)
    headers = {"X-Twilio-Signature": signature, **more}
    answer = app.test_client().post(path, data=MultiDict(form), headers=headers, base_url="http://inner:5000")
    same = (path, form) == ("/voice/main/menu?turn=1", [*CALL, ("Digits", "1")])
    assert answer.status_code in ({200} if same else {308, 403, 404})


@trying(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["DialCallStatus", "QueueResult", "RecordingUrl", "Digits", "FinishedOnKey"]), ODD_TEXT
    )
)
def test_whatever_a_form_holds_it_is_understood_as_something_a_caller_can_do(form):
    keys = heard(form)
    assert not set(getattr(keys, "digits", "")) - set("0123456789*#")


@trying(max_examples=60, deadline=None)
@given(
    ODD_TEXT.map(lambda text: text.encode(errors="replace").decode()), st.dictionaries(ODD_TEXT, ODD_TEXT, max_size=3)
)
def test_no_signature_is_right_by_chance_and_none_breaks_the_check(signature, form):
    plain = {name.encode(errors="replace").decode(): v.encode(errors="replace").decode() for name, v in form.items()}
    assert signed(TOKEN, f"{BASE}/voice", MultiDict(plain), signature) is False


class Endless(RawIOBase):
    """A body without an end, that counts what is read of it."""

    taken = 0

    def readable(self):
        return True

    def readinto(self, into):
        self.taken += len(into)
        into[:] = b"a" * len(into)
        return len(into)


# Before anything is read where its length is told; and no more than its bound where it is not.
@pytest.mark.parametrize("path", ["/voice", "/voice/text", "/voice/debugger", "/console/sign-in", "/simulator/rest/x"])
@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
def test_a_body_that_is_too_large_is_refused_and_not_read(app, path, told):
    body = Endless()
    environ = create_environ(path, method="POST", content_type="application/x-www-form-urlencoded")
    environ |= {"CONTENT_LENGTH": str(10**9)} if told else {"wsgi.input_terminated": True}
    _, status, _ = run_wsgi_app(app, {**environ, "wsgi.input": body})
    assert status[:3] in ({"413", "404"} if told else {"413", "404", "403", "400"})
    assert body.taken <= (0 if told else 2 * WEBHOOK_BYTES_MAX)


@pytest.mark.parametrize(
    "path", ["../answerline.db", "..%2fanswerline.db", "/etc/passwd", "%2e%2e/x.wav", "a\0.wav", ".lock"]
)
def test_no_file_but_a_clip_is_sent(app, path):
    assert app.test_client().get(f"/prompts/{path}").status_code in {308, 404}


class Page:
    """A page that says odd things, and is gone."""

    def __init__(self, *said):
        self.said, self.told = list(said), []

    def send(self, data):
        self.told.append(json.loads(data))

    def receive(self, timeout=None):  # noqa: ARG002 nobody waits
        if not self.said:
            raise ConnectionClosed
        return self.said.pop(0)


DIAL = {"do": "dial", "from": "+14155550123", "to": "+18005550100", "pace": "fast"}


@pytest.mark.parametrize(
    "said",
    [
        {**DIAL, "people": 5},
        {**DIAL, "people": [1]},
        {**DIAL, "people": {"*": 5}},
        {**DIAL, "people": {"*": None}},
        {**DIAL, "people": {"*": "busy until ٣"}},
        {**DIAL, "people": {"*": "busy until " + "9" * 400}},
        {**DIAL, "pace": []},
        {**DIAL, "fault": {"a": 1}},
        {**DIAL, "from": ["x"]},
        {**DIAL, "do": {}},
        [],
        None,
    ],
)
def test_a_page_that_says_odd_things_is_told_so(app, demo, said):
    page = Page(json.dumps(said))
    with app.test_request_context("/simulator/call"):
        phones._Call(demo, page).run()
    assert page.told or said in ([], None), "it is told what is wrong, or makes its call"

"""When the application fails: codes, fallback, redirects, cookies, callbacks.

Source: https://www.twilio.com/docs/usage/security/availability-reliability, https://www.twilio.com/docs/api/errors
"""

import pytest
from twiml_app import Reply, codes, events

from ivr.simulator.overrides import overrides
from ivr.simulator.switches import Switches

BIG = "<Say>" + "x" * 70_000 + "</Say>"


def rule(number, words):
    return pytest.mark.row(number, rule=words)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        pytest.param(
            Reply("oops", status=500),
            11200,
            marks=rule(72, "A server error is not tried again; the fallback gets ErrorCode and ErrorUrl."),
        ),
        pytest.param("<Say>A", 12100, marks=rule(76, "XML that cannot be read is 12100, and the fallback is asked.")),
        pytest.param(
            Reply("<Reponse/>", whole=True),
            12102,
            marks=rule(77, "A root that is not Response is 12102, and the fallback is asked."),
        ),
        pytest.param(BIG, 11750, marks=rule(79, "A document over 64 kB is 11750, and the fallback is asked.")),
        pytest.param(
            Reply("{}", content_type="application/json", whole=True),
            12300,
            marks=rule(80, "A content type that is neither TwiML, text nor sound is 12300, and the fallback is asked."),
        ),
        (Reply("gone", status=404), 11200),
        (Reply("<Say>A</Say>", content_type=None), 12300),
        (Reply("", whole=True), 11770),
        (Reply(" <?xml version='1.0'?><Response/>", whole=True), 12100),
        (Reply("<!DOCTYPE r [<!ENTITY a 'b'>]><Response>&a;</Response>", whole=True), 12100),
        (Reply(status=302), 11216),
    ],
    ids=lambda _: "",
)
def test_a_bad_answer_leads_to_the_fallback(line, reply, code):
    """The fallback gets the usual parameters, ErrorCode and ErrorUrl, and its document goes on with the call."""
    phone = line({"/voice": reply, "/f": "<Say>Sorry</Say>"})
    call = phone.dials(fallback="/f")
    form = phone.app.last("/f").form
    assert (form["ErrorCode"], form["ErrorUrl"]) == (str(code), "http://localhost/voice")
    assert form["CallSid"] == call.call_sid
    assert (codes(call, "error"), call.heard, call.ended.status) == ([code], ["Sorry"], "completed")
    assert phone.app.paths() == ["/voice", "/f"]


@pytest.mark.row(84)
@pytest.mark.parametrize("fallback", ["", "/f"])
def test_without_a_working_fallback_the_call_fails(line, fallback):
    """Twilio plays an error message and hangs up; here the call ends as failed."""
    call = line({"/voice": Reply(status=500)}).dials(fallback=fallback)
    assert (call.ended.status, call.ended.by) == ("failed", "error")


@pytest.mark.row(85)
def test_an_action_that_fails_in_mid_call_leads_to_the_fallback(line):
    """Any failure during the call does."""
    phone = line({"/voice": "<Gather action='/m'/>", "/m": Reply(status=500), "/f": "<Say>Sorry</Say>"})
    assert phone.dials(fallback="/f").press("1#").heard == ["Sorry"]
    form = phone.app.last("/f").form
    assert (form["ErrorUrl"], form["Digits"], form["CallStatus"]) == ("http://localhost/m", "1", "in-progress")


def test_the_alert_for_a_server_error_is_a_switch(line):
    """11200 and 11217 are both described."""
    phone = line({"/voice": Reply(status=500)}, switches=Switches(http_error_code=11217))
    assert codes(phone.dials(), "error") == [11217]


def test_an_error_in_the_twiml_says_where(line):
    """Line and column count from 1."""
    call = line({"/voice": Reply("<Response>\n <Say>A</Sey>\n</Response>", whole=True)}).dials()
    assert [(e["line"], e["column"]) for e in events(call, "error")] == [(2, 10)]


@pytest.mark.row(78)
def test_a_verb_in_the_wrong_case_is_a_warning_and_is_not_run(line):
    """Names are case-sensitive; whether the document goes on is undocumented, so a switch."""
    call = line("<say>A</say><Say>B</Say>").dials()
    assert (codes(call), call.heard) == ([12200], ["B"])
    strict = line("<say>A</say><Say>B</Say>", switches=Switches(unknown_verb_fails=True)).dials()
    assert (codes(strict, "error"), strict.heard) == ([12200], [])


@pytest.mark.row(81)
@pytest.mark.parametrize("body", ["Hello", "Hello <b> & all"])
def test_plain_text_is_read_aloud(line, body):
    """Text that is not TwiML is spoken, and the call ends."""
    call = line(Reply(body, content_type="text/plain", whole=True)).dials()
    assert (call.heard, call.ended.status) == ([body], "completed")


@pytest.mark.row(81)
def test_plain_text_that_is_twiml_is_run(line):
    """Valid TwiML runs even as text/plain."""
    assert line(Reply("<Say>A</Say>", content_type="text/plain; charset=utf-8")).dials().heard == ["A"]


@pytest.mark.row(82)
def test_a_sound_is_played(line):
    """An audio answer is played, and the call ends."""
    call = line(Reply(b"...", content_type="audio/mpeg")).dials()
    assert (call.heard, call.ended.status) == (["http://localhost/voice"], "completed")


@pytest.mark.row(83)
@pytest.mark.parametrize(("hops", "heard", "error"), [(10, ["Here"], []), (11, ["Sorry"], [11215])])
def test_ten_redirects_are_followed_and_no_more(line, hops, heard, error):
    """The eleventh is error 11215."""
    pages = {f"/{n}": Reply(status=302, headers=(("Location", f"/{n + 1}"),)) for n in range(hops)}
    call = line(pages | {f"/{hops}": "<Say>Here</Say>", "/f": "<Say>Sorry</Say>"}).dials("/0", fallback="/f")
    assert (call.heard, codes(call, "error")) == (heard, error)


def test_a_307_keeps_method_and_form(line):
    """As in a browser, only the older codes turn a POST into a GET."""
    phone = line({"/voice": Reply(status=307, headers=(("Location", "/n"),)), "/n": "<Hangup/>"})
    phone.dials()
    assert (phone.app.last("/n").method, phone.app.last("/n").form["CallStatus"]) == ("POST", "ringing")


@pytest.mark.parametrize(("after", "base"), [(True, "/x/n"), (False, "/n")])
def test_the_base_of_relative_addresses_after_a_redirect_is_a_switch(line, after, base):
    """Undocumented: the address that answered, or the one first asked."""
    pages = {
        "/voice": Reply(status=302, headers=(("Location", "/x/doc"),)),
        "/x/doc": "<Redirect>n</Redirect>",
        base: "<Say>A</Say>",
    }
    assert line(pages, switches=Switches(base_after_redirect=after)).dials().heard == ["A"]


@pytest.mark.row(86)
def test_cookies_come_back(line):
    """A cookie set by one answer is sent with the next request."""
    first = Reply("<Redirect>/b</Redirect>", headers=(("Set-Cookie", "seat=12; Path=/"),))
    phone = line({"/voice": first, "/b": "<Hangup/>"})
    phone.dials()
    assert "cookie" not in phone.app.seen[0].headers
    assert phone.app.last("/b").headers["cookie"] == "seat=12"


@pytest.mark.row(73)
def test_retries_are_asked_for_in_the_fragment(line):
    """The attempts share an idempotency token, and the fragment is never sent."""
    phone = line([Reply(status=500), Reply(status=500), "<Say>A</Say>"])
    assert phone.dials("/voice#rc=2&rp=5xx").heard == ["A"]
    assert len({s.headers["i-twilio-idempotency-token"] for s in phone.app.seen}) == 1
    assert {s.url for s in phone.app.seen} == {"http://localhost/voice"}


def test_connection_settings_out_of_range_are_ignored_with_a_warning(line):
    """Each has its range."""
    settings = overrides("http://h/p#rc=9&ct=1000&rt=50&rp=sometimes")
    assert (settings.retries, settings.connect_s, settings.read_s, settings.policy) == (1, 1.0, 15.0, {"ct"})
    assert codes(line("<Hangup/>").dials("/voice#rc=9")) == [11243]


def test_the_status_callback_has_the_final_facts(line):
    """It comes once, at the end, with the length in seconds and in minutes begun."""
    phone = line({"/voice": "<Pause/><Say>A</Say><Pause length='61'/>", "/s": Reply(status=204, content_type=None)})
    call = phone.dials(status_callback="/s")
    form = phone.app.last("/s").form
    assert (form["CallStatus"], form["CallDuration"], form["Duration"]) == ("completed", "62", "2")
    assert (form["CallbackSource"], form["SequenceNumber"]) == ("call-progress-events", "0")
    assert form["Timestamp"].endswith("+0000")
    assert codes(call) == []


@pytest.mark.row(91)
@pytest.mark.parametrize("reply", [Reply(status=500), Reply("<html/>", content_type="text/html")])
def test_a_badly_answered_status_callback_is_a_warning(line, reply):
    """15003; the call is not affected."""
    call = line({"/voice": "<Hangup/>", "/s": reply}).dials(status_callback="/s")
    assert (codes(call), codes(call, "error"), call.ended.status) == ([15003], [], "completed")
    assert call.events[-1].event == "ended"


@pytest.mark.parametrize(
    ("action", "code"), [("http://my_host/x", 11210), ("ftp://host/x", 11100), ("http://h:x/", 11100)]
)
def test_an_address_that_cannot_be_asked_is_an_error(line, action, code):
    """Addresses need http or https and a valid host name, in which Twilio allows no underscore."""
    assert codes(line(f"<Redirect>{action}</Redirect>").dials(), "error") == [code]

"""The first webhook, Say, Play, Pause, Redirect, Hangup, Reject. Source: https://www.twilio.com/docs/voice/twiml."""

import pytest
from twiml_app import ACCOUNT, Reply, codes, events, wav

from ivr.simulator import Phone
from ivr.simulator.acts import HangUp

STANDARD = {
    "AccountSid", "ApiVersion", "CallSid", "CallStatus", "CallToken", "Called", "CalledCity", "CalledCountry",
    "CalledState", "CalledZip", "Caller", "CallerCity", "CallerCountry", "CallerState", "CallerZip", "Direction",
    "From", "FromCity", "FromCountry", "FromState", "FromZip", "StirVerstat", "To", "ToCity", "ToCountry", "ToState",
    "ToZip",
}  # fmt: skip


@pytest.mark.row(1)
def test_the_first_webhook_is_a_post_about_a_ringing_call(line):
    """The voice URL is posted to by default, with the standard parameters."""
    phone = line("<Hangup/>")
    call = phone.dials(from_="+14155550199", to="+18005550111")
    seen = phone.app.seen[0]
    assert (seen.method, set(seen.form)) == ("POST", STANDARD)
    assert (seen.form["CallStatus"], seen.form["Direction"]) == ("ringing", "inbound")
    assert (seen.form["From"], seen.form["To"], seen.form["AccountSid"]) == ("+14155550199", "+18005550111", ACCOUNT)
    assert seen.form["CallSid"] == call.call_sid
    assert (len(call.call_sid), call.call_sid[:2]) == (34, "CA")


def test_requests_carry_the_headers_of_the_carrier(line):
    """Signature, idempotency token and user agent come with every webhook."""
    phone = line("<Hangup/>")
    phone.dials()
    headers = phone.app.seen[0].headers
    assert headers["user-agent"] == "TwilioProxy/1.1"
    assert headers["accept"] == "*/*"
    assert headers["i-twilio-idempotency-token"]


def test_the_call_sid_can_be_chosen_and_stays(line):
    """All webhooks of a call have the same CallSid; later ones are about a call in progress."""
    phone = line({"/voice": "<Redirect>/b</Redirect>", "/b": "<Hangup/>"})
    phone.dials(call_sid="CA" + "1" * 32)
    assert {s.form["CallSid"] for s in phone.app.seen} == {"CA" + "1" * 32}
    assert [s.form["CallStatus"] for s in phone.app.seen] == ["ringing", "in-progress"]


@pytest.mark.row(3)
def test_a_sentence_is_spoken_and_the_call_is_completed(line):
    """Running out of verbs hangs up."""
    call = line("<Say>A</Say>").dials()
    assert (call.heard, call.ended.status, call.ended.by) == (["A"], "completed", "application")
    assert call.events[-1] is call.ended


@pytest.mark.row(4)
def test_an_empty_response_answers_and_hangs_up(line):
    """No verbs at all is a completed call of no length."""
    assert line("").dials().ended.to_json() == {
        "at": 0, "event": "ended", "status": "completed", "duration_s": 0, "by": "application"
    }  # fmt: skip


@pytest.mark.row(5)
def test_hangup_first_still_answers(line):
    """Hangup ends the call at once, completed; verbs after it never run."""
    call = line("<Hangup/><Say>A</Say>").dials()
    assert (call.ended.status, call.heard) == ("completed", [])


@pytest.mark.row(6)
def test_reject_first_declines_the_call(line):
    """The call is never answered, and its final status is no-answer."""
    call = line("<Reject/>").dials()
    assert (call.ended.status, call.ended.duration_s) == ("no-answer", 0)


@pytest.mark.row(7)
def test_the_reason_of_a_reject_decides_the_final_status(line):
    """A busy Reject ends as busy; the reason rejected, which is the default, as no-answer."""
    assert line("<Reject reason='busy'/>").dials().ended.status == "busy"
    assert line("<Reject reason='rejected'/>").dials().ended.status == "no-answer"


@pytest.mark.row(8)
def test_verbs_after_a_reject_never_run(line):
    """Reject ends the document."""
    assert line("<Reject/><Say>A</Say>").dials().heard == []


def test_reject_in_an_answered_call_ends_it(line):
    """What Twilio does is not documented; here the call is completed."""
    assert line("<Say>A</Say><Reject/>").dials().ended.status == "completed"


@pytest.mark.row(9)
def test_pause_first_lets_the_phone_ring_on(line):
    """The call is answered only after the pause, so the pause is not part of its length."""
    call = line("<Pause length='5'/><Say>A</Say>").dials()
    assert events(call, "say")[0]["at"] == 5
    assert call.ended.duration_s == pytest.approx(0.375)


@pytest.mark.row(10)
def test_a_pause_is_one_second_by_default(line):
    """Pause without a length is one second of silence."""
    call = line("<Say>A</Say><Pause/><Say>B</Say>").dials()
    assert [e["at"] for e in events(call, "say")] == [0, pytest.approx(1.375)]


@pytest.mark.row(11)
def test_a_loop_says_it_again(line):
    """The loop attribute is how often a text is spoken."""
    assert line("<Say loop='3'>A</Say>").dials().heard == ["A"] * 3


@pytest.mark.row(12)
def test_loop_zero_repeats_a_thousand_times(line):
    """Zero is as long as the caller stays, at most 1,000 times; then the next verb runs."""
    call = line({"/voice": "<Say loop='0'>A</Say><Play>/b</Play>", "/b": Reply(wav(2), content_type="audio/wav")})
    heard = call.dials().heard
    assert heard == [*["A"] * 1000, "http://localhost/b"]


@pytest.mark.row(13)
def test_an_endless_file_ends_when_the_caller_hangs_up(line):
    """The hang-up stops the file; the call is completed and its length told to the status callback."""
    phone = line({"/voice": "<Play loop='0'>/a</Play>", "/a": Reply(wav(2), content_type="audio/wav"), "/s": ""})

    class Bored:
        def act(self, _listening):
            return HangUp(after_s=1.5)

    call = phone.dials(status_callback="/s", caller=Bored())
    assert (call.ended.status, call.ended.by, call.time_s) == ("completed", "caller", 1.5)
    assert phone.app.last("/s").form["CallDuration"] == "2"


@pytest.mark.row(14)
def test_tones_are_played_with_their_gaps(line):
    """A w among the digits is half a second."""
    call = line("<Play digits='1w2'/><Say>A</Say>").dials()
    assert events(call, "play")[0]["digits"] == "1w2"
    assert events(call, "say")[0]["at"] == pytest.approx(0.7)


def test_a_file_lasts_as_long_as_its_header_says(line):
    """Call time passes for the length of the WAV file."""
    call = line({"/voice": "<Play>a.wav</Play>", "/a.wav": Reply(wav(3), content_type="audio/x-wav")}).dials()
    assert events(call, "play")[0]["seconds"] == 3
    assert call.time_s == 3


def test_files_are_fetched_without_the_call_parameters(line):
    """A request for media is a plain GET."""
    phone = line({"/voice": "<Play>/a</Play>", "/a": Reply(wav(1), content_type="audio/wav")})
    phone.dials()
    assert (phone.app.last("/a").method, phone.app.last("/a").params) == ("GET", {})


@pytest.mark.row(15)
def test_a_redirect_posts_to_its_address_and_ends_this_document(line):
    """Verbs after a Redirect never run."""
    phone = line({"/voice": "<Redirect>/b</Redirect><Say>A</Say>", "/b": "<Say>B</Say>"})
    assert phone.dials().heard == ["B"]
    assert [(s.method, s.path) for s in phone.app.seen] == [("POST", "/voice"), ("POST", "/b")]


@pytest.mark.row(16)
def test_a_relative_address_starts_from_the_document(line):
    """Dots climb as in a browser, and the method can be GET."""
    phone = line({"/x/y/doc": "<Redirect method='GET'>../n</Redirect>", "/x/n": "<Hangup/>"})
    phone.dials("/x/y/doc")
    assert [(s.method, s.path) for s in phone.app.seen] == [("POST", "/x/y/doc"), ("GET", "/x/n")]


def test_going_in_circles_ends_as_an_error(line):
    """Our safety cap: an application that redirects for ever is stopped."""
    call = line("<Redirect/>", most_requests=20).dials()
    assert (len(call.requests), codes(call, "error"), call.ended.status) == (20, [0], "failed")


@pytest.mark.row(87)
def test_a_missing_file_or_a_wrong_type_is_logged_and_the_call_goes_on(line):
    """A 404 is 11200, something that is not sound 13420; whether the call goes on is undocumented."""
    call = line({"/voice": "<Play>/gone</Play><Play>/page</Play><Say>A</Say>", "/page": "x"}).dials()
    assert (codes(call), call.heard) == ([11200, 13420], ["A"])


def test_a_request_can_be_posted_again_as_it_was(line):
    """Every exchange keeps method, address, form, headers and answer."""
    phone = line("<Say>A</Say>")
    sent = phone.dials().requests[0]
    assert (sent.method, sent.url, sent.form, sent.headers["X-Twilio-Signature"], sent.answer.status) == (
        "POST", "http://localhost/voice", phone.app.seen[0].form, phone.app.seen[0].headers["x-twilio-signature"], 200
    )  # fmt: skip


def test_acting_after_the_end_says_what_happened(line):
    """A test that goes on too long sees the call in its failure."""
    call = line("<Say>Goodbye</Say>").dials()
    with pytest.raises(RuntimeError, match="Goodbye"):
        call.press("1")


def test_a_crash_of_an_in_process_application_is_seen_by_the_test():
    """Hiding the traceback would hide the cause."""

    def app(_environ, _start_response):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Phone(app, auth_token="x").dial("/voice")

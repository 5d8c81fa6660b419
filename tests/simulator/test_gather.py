"""Gather: one rule a test. Source: https://www.twilio.com/docs/voice/twiml/gather."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twiml_app import Reply, codes, events, wav

from ivr.simulator import Phone
from ivr.simulator.acts import Keys, Silence, Speech
from ivr.simulator.switches import Switches

TWENTY_SECONDS = " ".join(["word"] * 53)  # at 160 words a minute


def menu(attributes="", inside="<Say>P</Say>", after="<Say>B</Say>"):
    return {
        "/voice": f"<Gather action='/m' {attributes}>{inside}</Gather>{after}",
        "/m": "<Say>Chosen</Say>",
    }


@pytest.mark.row(17)
def test_an_empty_gather_alone_waits_five_seconds_and_the_call_ends(line):
    """Nothing entered means no request; running out of verbs hangs up."""
    phone = line("<Gather/>")
    call = phone.dials()
    assert call.listening.seconds == 5
    call.wait()
    assert (call.time_s, call.ended.status, phone.app.paths()) == (5, "completed", ["/voice"])


@pytest.mark.row(18)
def test_silence_falls_through_to_the_next_verb(line):
    """With nothing entered the verb after the Gather runs, and the action is not requested."""
    phone = line(menu())
    call = phone.dials()
    assert call.heard == ["P"]
    call.wait()
    assert call.heard == ["B"]
    assert phone.app.paths() == ["/voice"]
    assert call.ended


@pytest.mark.row(19)
def test_a_key_stops_the_prompt_and_more_keys_are_awaited(line):
    """The first key cuts the prompts off; prompts after it are not played."""
    phone = line(menu(inside=f"<Say>{TWENTY_SECONDS}</Say><Say>Second</Say>"))
    call = phone.dials(interrupts=True)
    call.press("1", after_s=2)
    assert call.time_s == 2
    assert call.ended is None
    call.wait()
    assert call.time_s == pytest.approx(7.375)  # 5 s after the key, then "Chosen"
    assert "Second" not in call.all_heard
    assert phone.app.last("/m").form["Digits"] == "1"


@pytest.mark.row(20)
def test_the_last_of_num_digits_requests_the_action_at_once(line):
    """NumDigits reached ends the Gather without waiting."""
    phone = line(menu("numDigits='1'"))
    phone.dials().press("2")
    assert phone.app.last("/m").form["Digits"] == "2"
    assert events(phone.call, "request")[-1]["at"] == events(phone.call, "digits")[-1]["at"]


@pytest.mark.row(21)
def test_five_digits_are_sent_on_the_fifth(line):
    """Digits collect until numDigits, without the timeout passing."""
    phone = line(menu("numDigits='5'"))
    call = phone.dials().press("12").press("345")
    assert phone.app.last("/m").form["Digits"] == "12345"
    assert call.time_s < 5


@pytest.mark.row(22)
def test_the_finishing_key_is_not_among_the_digits(line):
    """Hash ends an entry by default, is left out of Digits, and is told as FinishedOnKey."""
    phone = line(menu())
    phone.dials().press("1234#")
    form = phone.app.last("/m").form
    assert (form["Digits"], form["FinishedOnKey"], form["msg"]) == ("1234", "#", "Gather End")


@pytest.mark.row(23)
def test_silence_after_digits_sends_them(line):
    """The timeout after at least one digit sends what there is; no key finished it."""
    phone = line(menu())
    phone.dials().press("12").wait()
    form = phone.app.last("/m").form
    assert (form["Digits"], form["FinishedOnKey"]) == ("12", "")


@pytest.mark.row(24)
def test_the_timer_starts_again_at_each_key(line):
    """The timeout is the longest wait for the next key."""
    phone = line(menu("timeout='3'", inside=""))
    call = phone.dials().press("1", after_s=0).press("2", after_s=2.9)
    assert call.ended is None
    call.wait()
    assert events(call, "request")[-1]["at"] == pytest.approx(5.9)
    assert phone.app.last("/m").form["Digits"] == "12"


@pytest.mark.row(25)
def test_the_timer_starts_when_the_prompts_end(line):
    """A prompt of twenty seconds and a timeout of five make twenty-five."""
    phone = line(menu("timeout='5'", inside=f"<Say>{TWENTY_SECONDS}</Say>", after=""))
    call = phone.dials().wait()
    assert call.time_s == pytest.approx(24.875)


@pytest.mark.row(26)
def test_the_finishing_key_first_falls_through(line):
    """The finishing key before any digit counts as nothing entered."""
    phone = line(menu())
    call = phone.dials().press("#")
    assert call.heard == ["B"]
    assert phone.app.paths() == ["/voice"]


@pytest.mark.row(27)
def test_a_lone_hash_is_no_choice_under_the_default_finishing_key(line):
    """With numDigits=1 the default finishing key still swallows a hash."""
    assert line(menu("numDigits='1'")).dials().press("#").heard == ["B"]


@pytest.mark.row(28)
def test_without_a_finishing_key_a_hash_is_a_digit(line):
    """An empty finishOnKey leaves every key to Digits."""
    phone = line(menu("numDigits='1' finishOnKey=''"))
    phone.dials().press("#")
    assert phone.app.last("/m").form["Digits"] == "#"


@pytest.mark.row(29)
def test_without_a_finishing_key_only_the_timeout_ends_an_entry(line):
    """An empty finishOnKey and no numDigits send everything at the timeout."""
    phone = line(menu("finishOnKey=''"))
    phone.dials().press("12#3").wait()
    assert phone.app.last("/m").form["Digits"] == "12#3"


@pytest.mark.row(30)
def test_another_finishing_key_makes_a_hash_a_digit(line):
    """Only the key named by finishOnKey finishes."""
    phone = line(menu("finishOnKey='*'"))
    phone.dials().press("1#*")
    assert phone.app.last("/m").form["Digits"] == "1#"


@pytest.mark.row(31)
@pytest.mark.parametrize(("blank", "digits"), [(True, ""), (False, None)])
def test_silence_can_be_an_answer(line, blank, digits):
    """ActionOnEmptyResult requests the action without digits; whether Digits is blank or absent is a switch."""
    phone = line(menu("actionOnEmptyResult='true'"), switches=Switches(sends_blank_digits=blank))
    phone.dials().wait()
    assert phone.app.last("/m").form.get("Digits") == digits


@pytest.mark.row(32)
def test_silence_without_an_action_goes_to_the_same_document(line):
    """The action defaults to the address of the document."""
    phone = line(["<Gather actionOnEmptyResult='true'/>", "<Hangup/>"])
    phone.dials("/voice?a=1").wait()
    assert [(s.path, s.query) for s in phone.app.seen] == [("/voice", {"a": "1"})] * 2


@pytest.mark.row(33)
def test_digits_without_an_action_go_to_the_same_document(line):
    """The action defaults to the address of the document, so it loops."""
    phone = line("<Gather/>")
    call = phone.dials().press("1#").press("2#")
    assert [s.form.get("Digits") for s in phone.app.seen] == [None, "1", "2"]
    assert call.ended is None


@pytest.mark.row(34)
def test_verbs_after_an_answered_gather_never_run(line):
    """Digits hand control to the action's document."""
    assert line(menu()).dials().press("1#").all_heard == ["P", "Chosen"]


@pytest.mark.row(35)
def test_a_redirect_after_a_gather_is_the_silence_branch(line):
    """Nothing entered runs the Redirect, its query included."""
    phone = line(menu(after="<Redirect>/m?Digits=TIMEOUT</Redirect>"))
    phone.dials().wait()
    assert phone.app.last("/m").params["Digits"] == "TIMEOUT"


@pytest.mark.row(36)
def test_a_get_action_has_its_digits_in_the_query(line):
    """With method GET the parameters are appended to the address."""
    phone = line(menu("method='GET'"))
    phone.dials().press("1#")
    assert (phone.app.last("/m").method, phone.app.last("/m").query["Digits"]) == ("GET", "1")
    assert phone.app.last("/m").form == {}


@pytest.mark.row(37)
def test_digits_are_lost_in_an_http_redirect(line):
    """A redirect is followed as a browser does, without Digits."""
    pages = menu() | {"/m": Reply("moved", status=302, headers=(("Location", "/n"),)), "/n": "<Say>N</Say>"}
    phone = line(pages)
    assert phone.dials().press("1#").heard == ["N"]
    assert phone.app.last("/n").method == "GET"
    assert "Digits" not in phone.app.last("/n").params


@pytest.mark.row(38)
def test_speech_is_sent_after_the_silence_that_follows_it(line):
    """SpeechTimeout defaults to timeout; the result comes with a confidence."""
    phone = line(menu("input='speech'", inside=""))
    call = phone.dials().speak("cancel it", seconds=2)
    form = phone.app.last("/m").form
    assert (form["SpeechResult"], "Confidence" in form) == ("cancel it", True)
    assert events(call, "request")[-1]["at"] == pytest.approx(7.5)


@pytest.mark.row(39)
def test_after_speech_has_begun_keys_do_not_count(line):
    """The first kind of input detected decides; the finishing key is then ignored."""

    class Both:
        acts = (Speech("cancel", after_s=0, seconds=1), Keys("#", after_s=1))

        def act(self, listening):
            if listening.kind != "gather" or not self.acts:
                return Silence()
            act, *self.acts = self.acts
            return act

    phone = line(menu("input='dtmf speech'", inside=""))
    phone.dials(caller=Both())
    form = phone.app.last("/m").form
    assert (form["SpeechResult"], "Digits" in form) == ("cancel", False)


@pytest.mark.row(40)
def test_a_key_first_wins_over_speech(line):
    """With both kinds of input the first one detected decides."""
    phone = line(menu("input='dtmf speech' numDigits='1'"))
    phone.dials().press("1")
    assert "SpeechResult" not in phone.app.last("/m").form


@pytest.mark.row(41)
def test_a_redirect_nested_in_a_gather_is_skipped_with_a_warning(line):
    """Only Say, Play and Pause may be nested."""
    call = line(menu(inside="<Redirect>/x</Redirect>")).dials()
    assert codes(call) == [13320]
    assert call.wait().heard == ["B"]


@pytest.mark.row(42)
def test_tones_nested_in_a_gather_are_skipped_with_a_warning(line):
    """Play digits is not allowed inside a Gather."""
    call = line(menu(inside="<Play digits='1'/>")).dials()
    assert (codes(call), call.heard) == ([13320], [])


@pytest.mark.row(43)
def test_nested_files_are_all_fetched_before_the_first_is_played(line):
    """Every file of a Gather is downloaded first."""
    sound = Reply(wav(2), content_type="audio/wav")
    phone = line(menu(inside="<Play>/a.wav</Play><Play>/b.wav</Play>") | {"/a.wav": sound, "/b.wav": sound})
    call = phone.dials(interrupts=True)
    assert phone.app.paths() == ["/voice", "/a.wav", "/b.wav"]
    assert call.heard == ["http://localhost/a.wav"]


@pytest.mark.row(44)
def test_hanging_up_in_an_entry_requests_nothing_more(line):
    """The caller's hang-up ends the document; only the status callback follows."""
    phone = line(menu() | {"/status": Reply(status=204, content_type=None)})
    phone.dials(status_callback="/status").press("12").hang_up()
    assert phone.app.paths() == ["/voice", "/status"]
    assert phone.app.last("/status").form["CallStatus"] == "completed"


def test_keys_beyond_a_gather_are_kept_for_the_next_whose_prompt_they_cut(line):
    """Undocumented, so a switch; kept by default."""
    pages = menu("numDigits='1'") | {"/m": "<Gather numDigits='1' action='/n'><Say>Q</Say></Gather>", "/n": "<Hangup/>"}
    phone = line(pages)
    call = phone.dials().press("12")
    assert phone.app.last("/n").form["Digits"] == "2"
    assert "Q" not in call.all_heard


def test_keys_beyond_a_gather_are_dropped_when_told_so(line):
    """The other side of the switch."""
    pages = menu("numDigits='1'") | {"/m": "<Gather numDigits='1' action='/n'><Say>Q</Say></Gather>"}
    call = line(pages, switches=Switches(keeps_type_ahead=False)).dials().press("12")
    assert (call.heard, call.ended) == (["Q"], None)


def test_keys_pressed_during_a_sentence_reach_the_next_gather(line):
    """A Say outside a Gather is not cut off, and the key is kept."""

    class Hasty:
        pressed = False

        def act(self, listening):
            if listening.kind != "say" or self.pressed:
                return Silence()
            self.pressed = True
            return Keys("7", after_s=0)

    phone = line({"/voice": "<Say>Welcome to us all</Say><Gather numDigits='1' action='/m'/>", "/m": "<Hangup/>"})
    phone.dials(caller=Hasty())
    assert phone.app.last("/m").form["Digits"] == "7"


def gathered(keys, num_digits, finish):
    """Independent model: what Gather delivers for keys pressed in one go, then silence; None is no request."""
    taken = ""
    for key in keys:
        if finish and key == finish:
            return taken or None
        taken += key
        if num_digits and len(taken) == num_digits:
            return taken
    return taken or None


@given(
    keys=st.text("0123456789*#", min_size=1, max_size=8),
    num_digits=st.integers(0, 5),
    finish=st.sampled_from(["", "#", "*", "5"]),
)
def test_digits_agree_with_the_model(keys, num_digits, finish):
    """For any keys and any end rule the action gets what the model says."""
    got = []

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/xml")])
        if environ["PATH_INFO"] == "/m":
            got.append(environ["QUERY_STRING"])
            return [b"<Response><Hangup/></Response>"]
        limit = f"numDigits='{num_digits}'" if num_digits else ""
        verb = f"<Gather method='GET' action='/m' finishOnKey='{finish}' {limit}/>"
        return [f"<Response>{verb}<Hangup/></Response>".encode()]

    call = Phone(app, auth_token="12345").dial("/voice").press(keys)
    if not call.ended:
        call.wait()
    sent = [e.params["Digits"] for e in call.requests if "/m" in e.url]
    expected = gathered(keys, num_digits, finish)
    assert sent == ([] if expected is None else [expected])

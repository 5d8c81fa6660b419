"""Strict reading of TwiML: every mistake has its code and place, and nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.simulator.media import wav_seconds
from ivr.simulator.verbs import NOT_SIMULATED, parse

MISTAKES = [
    ("<Say loop='x'>A</Say>", 13510),
    ("<Say voice='nobody'>A</Say>", 13511),
    ("<Say language='english!'>A</Say>", 13512),
    ("<Say></Say>", 13520),
    (f"<Say>{'x' * 4097}</Say>", 13521),
    ("<Say>A<Play/></Say>", 12200),
    ("<Say colour='red'>A</Say>", 12200),
    ("<Play loop='-1'>a</Play>", 13410),
    ("<Play digits='1p2'>a</Play>", 13430),
    ("<Play/>", 12200),
    ("<Pause length='0'/>", 13910),
    ("<Gather finishOnKey='##'/>", 13310),
    ("<Gather method='PUT'/>", 13312),
    ("<Gather timeout='0'/>", 13313),
    ("<Gather numDigits='many'/>", 13314),
    ("<Gather><Dial/></Gather>", 13320),
    ("<Gather><Say voice='x'>A</Say></Gather>", 13321),
    ("<Gather><Say loop='x'>A</Say></Gather>", 13322),
    ("<Gather input='smell'/>", 13326),
    ("<Gather speechTimeout='-1'/>", 13327),
    ("<Gather profanityFilter='maybe'/>", 13333),
    ("<Gather speechTimeout='auto' speechModel='phone_call'/>", 13335),
    ("<Gather actionOnEmptyResult='yes'/>", 13338),
    ("<Gather numdigits='1'/>", 12200),
    ("<Gather>words</Gather>", 12200),
    ("<Redirect method='post'>/a</Redirect>", 13710),
    ("<Reject reason='mood'/>", 13810),
    ("<Hangup now='true'/>", 12200),
    ("<Record method='x'/>", 13610),
    ("<Record timeout='x'/>", 13611),
    ("<Record maxLength='1'/>", 13612),
    ("<Record finishOnKey='a'/>", 13613),
    ("<Record playBeep='x'/>", 13616),
    ("<Record recordingStatusCallbackEvent='never'/>", 13256),
    ("<Dial method='x'>+1555001</Dial>", 13210),
    ("<Dial timeout='4'>+1555001</Dial>", 13212),
    ("<Dial hangupOnStar='x'>+1555001</Dial>", 13213),
    ("<Dial><Say>A</Say></Dial>", 13215),
    ("<Dial timeLimit='x'>+1555001</Dial>", 13216),
    ("<Dial record='x'>+1555001</Dial>", 13217),
    ("<Dial sequential='x'>+1555001</Dial>", 13218),
    ("<Dial answerOnBridge='x'>+1555001</Dial>", 13219),
    ("<Dial><Number method='x'>+1555001</Number></Dial>", 13221),
    ("<Dial><Number sendDigits='x'>+1555001</Number></Dial>", 13222),
    ("<Dial>nobody</Dial>", 13223),
]


@pytest.mark.parametrize(("verb", "code"), MISTAKES)
def test_each_mistake_has_its_code_and_place(verb, code):
    """A bad value leaves the default in force and is named; only an error keeps the document from running."""
    document = parse(f"<Response>\n  {verb}</Response>".encode())
    assert [p.code for p in document.problems] == [code]
    assert document.problems[0].line == 2
    assert bool(document.verbs) is (code != 13338)


@pytest.mark.parametrize("name", sorted(NOT_SIMULATED))
def test_verbs_that_are_not_simulated_say_so(name):
    """They are skipped with a remark, code 0."""
    document = parse(f"<Response><{name}/><Say>A</Say></Response>".encode())
    assert ([p.code for p in document.problems], len(document.verbs)) == ([0], 1)


def test_comments_markup_and_white_space_do_not_change_what_is_said():
    """Comments are ignored, SSML is spoken, an alias replaces its text."""
    say = "<Say>Pay <!-- not much --><emphasis>now</emphasis>,\n <sub alias='by card'>BC</sub><break/>please</Say>"
    assert parse(f"<Response>{say}</Response>".encode()).verbs[0].text == "Pay now, by card please"


def test_deep_nesting_is_refused():
    """A document that nests without end is not TwiML."""
    assert parse(b"<Response>" + b"<a>" * 5000).fatal.code == 12100


def test_other_encodings_are_read():
    """From the header's charset or the XML declaration; an unknown one is a parse failure."""
    assert parse("<Response><Say>é</Say></Response>".encode("latin-1"), "iso-8859-1").verbs[0].text == "é"
    declared = "<?xml version='1.0' encoding='iso-8859-1'?><Response><Say>é</Say></Response>"
    assert parse(declared.encode("latin-1")).verbs[0].text == "é"
    assert parse(b"<Response/>", "klingon").fatal.code == 12100


@given(st.binary(max_size=200) | st.text("<>/&;!\"'= \nResponsSayGth", max_size=200).map(str.encode))
def test_no_text_makes_the_parser_stumble(body):
    """Whatever comes, the answer is a document or a problem."""
    document = parse(body)
    assert document.fatal is None or document.verbs == ()


@given(st.binary(max_size=60))
def test_no_bytes_make_the_sound_reader_stumble(data):
    """A broken header is a length that is not known."""
    assert wav_seconds(b"RIFF\0\0\0\0WAVE" + data) is None or data

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
    ("<Gather maxSpeechTime='0'/>", 13328),
    ("<Gather partialResultCallbackMethod='PUT'/>", 13329),
    (f"<Gather hints='{'x' * 101}'/>", 13330),
    ("<Gather language='english!'/>", 13331),
    ("<Gather bargeIn='maybe'/>", 13332),
    ("<Gather speechModel='parrot'/>", 13334),
    ("<Dial callerId='two words'>+1555001</Dial>", 13214),
    ("<Dial ringTone='moon'>+1555001</Dial>", 13220),
    ("<Dial recordingTrack='both sides'>+1555001</Dial>", 12200),
    (f"<Dial callReason='{'x' * 51}'>+1555001</Dial>", 12200),
    ("<Dial>+1555001<Queue>q</Queue></Dial>", 13215),
    (f"<Dial>{'<Number>+1555001</Number>' * 11}</Dial>", 13215),
    ("<Dial><Number>+1555001<Say>A</Say></Number></Dial>", 13215),
    ("<Dial><Sip method='x'>sip:a@example.com</Sip></Dial>", 13241),
    ("<Dial><Sip sendDigits='x'>sip:a@example.com</Sip></Dial>", 13242),
    ("<Dial><Sip>sip:</Sip></Dial>", 13243),
    ("<Dial><Client><Say>A</Say>bob</Client></Dial>", 13215),
    ("<Dial><Client/></Dial>", 12200),
    ("<Dial><Queue/></Dial>", 12200),
    ("<Dial><Queue method='x'>q</Queue></Dial>", 12200),
    ("<Dial><Conference muted='x'>r</Conference></Dial>", 13230),
    ("<Dial><Conference endConferenceOnExit='x'>r</Conference></Dial>", 13231),
    ("<Dial><Conference startConferenceOnEnter='x'>r</Conference></Dial>", 13232),
    ("<Dial><Conference waitMethod='x'>r</Conference></Dial>", 13234),
    ("<Dial><Conference beep='loud'>r</Conference></Dial>", 13235),
    ("<Dial><Conference/></Dial>", 13237),
    ("<Dial><Conference maxParticipants='251'>r</Conference></Dial>", 12200),
    (f"<Dial><Conference participantLabel='{'x' * 129}'>r</Conference></Dial>", 12200),
    ("<Enqueue method='x'>q</Enqueue>", 14201),
    ("<Enqueue/>", 14204),
    (f"<Enqueue>{'q' * 65}</Enqueue>", 14205),
    ("<Enqueue waitUrlMethod='x'>q</Enqueue>", 14206),
    ("<Enqueue maxQueueSize='5001'>q</Enqueue>", 12200),
    ("<Enqueue>q<Say>A</Say></Enqueue>", 12200),
    ("<Enqueue workflowSid='WW0'><Task>{}</Task></Enqueue>", 0),
    ("<Enqueue waitUrl='ftp://h/w'>q</Enqueue>", 14202),
    ("<Enqueue action='/e e'>q</Enqueue>", 14203),
    ("<Dial><Conference waitUrl='mailto:me'>r</Conference></Dial>", 13233),
    ("<Dial><Conference record='record-from-start'>r</Conference></Dial>", 0),
    ("<Dial><Number machineDetection='Enable'>+1555001</Number></Dial>", 0),
    ("<Record transcribe='true'/>", 0),
    ("<Leave now='true'/>", 12200),
    ("<Sms/>", 12200),
    (f"<Sms>{'x' * 1601}</Sms>", 12200),
    ("<Message><Body>Hi</Body></Message>", 12200),
    ("<Refer/>", 12200),
    ("<Refer><Number>+1555001</Number></Refer>", 12200),
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


@pytest.mark.parametrize(
    ("verb", "codes"),
    [
        ("<Start><Stream url='wss://h'/></Start>", [0]),
        ("<Connect><ConversationRelay/></Connect>", [0]),
        ("<Connect><Dial/></Connect>", [0, 12200]),
        ("<Start volume='11'/>", [0, 12200]),
        ("<Pay><Prompt/><Say/></Pay>", [0, 12200]),
    ],
)
def test_even_what_is_not_simulated_is_checked(verb, codes):
    """Its nesting and, where they are few, its attributes."""
    assert [p.code for p in parse(f"<Response>{verb}</Response>".encode()).problems] == codes


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

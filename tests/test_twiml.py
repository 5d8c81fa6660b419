"""Turn to TwiML."""

from ivr.call import Call, Position
from ivr.prompts import Prompt
from ivr.turn import Dial, End, Gather, Recording, Tries, Turn
from ivr.twiml import Voice

VOICE = Voice("Polly.Joanna-Neural", "en-US", "https://line.example.com")
CALL = Call("CA1", "+14155550123", "+18005550100", turn=3)
AT = Position("main", "menu")
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

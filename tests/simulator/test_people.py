"""People who are called, given by a word. Source: https://www.twilio.com/docs/voice/twiml/number#attributes-url."""

import pytest
from twiml_app import AGENT, SCREEN, events

from ivr.simulator.plans import Person, people_of


@pytest.mark.parametrize(
    ("word", "status", "bridged"),
    [
        ("completed", "completed", "true"),
        ("declines", "completed", "false"),
        ("mailbox", "completed", "false"),
        ("busy", "busy", "false"),
        ("no-answer", "no-answer", "false"),
        ("failed", "failed", "false"),
        ("busy until 3", "busy", "false"),
        ("busy until 0", "completed", "true"),
    ],
)
def test_a_word_says_how_somebody_reacts_to_a_whisper(line, word, status, bridged):
    """Who answers presses 1 at the first Gather on their side; who declines, or is a machine, is not put through."""
    phone = line(SCREEN)
    phone.dials(people={AGENT: word})
    form = phone.app.last("/d").form
    assert (form["DialCallStatus"], form["DialBridged"]) == (status, bridged)


def test_who_declines_hangs_up_while_they_hear_it(line):
    """Two seconds after the answer, however long the whisper is."""
    phone = line(SCREEN | {"/w": f"<Say>{'word ' * 100}</Say>"})
    phone.dials(people={AGENT: "declines"})
    assert phone.app.last("/d").form["DialCallDuration"] == "2"
    assert "/ok" not in phone.app.paths()


def test_a_machine_records_until_it_is_full(line):
    """Without a whisper it is put through, and hangs up after three minutes."""
    phone = line({"/voice": f"<Dial action='/d'>{AGENT}</Dial>", "/d": ""})
    phone.dials(people={AGENT: "mailbox"})
    assert phone.app.last("/d").form["DialCallDuration"] == "180"


def test_somebody_becomes_free_at_a_time(line):
    """Until then they are busy; the time counts from when the call, or the phone, was told of them."""
    page = f"<Dial>{AGENT}</Dial><Pause length='60'/><Dial>{AGENT}</Dial>"
    call = line(page).dials(people={AGENT: "busy until 60"})
    assert [status for _, status in call.dialled] == ["busy", "completed"]
    phone = line(page, people={AGENT: Person(free_after_s=30)})
    assert [status for _, status in phone.dials().dialled] == ["busy", "completed"]
    assert [status for _, status in phone.dials().dialled] == ["completed", "completed"]


def test_a_call_can_meet_others_than_its_phone(line):
    """What a call is given counts for the call; who is not named there is as the phone knows them."""
    phone = line({"/voice": f"<Dial>{AGENT}</Dial><Dial>+15550002</Dial>"}, people={AGENT: "busy", "*": "failed"})
    assert [status for _, status in phone.dials(people={AGENT: "no-answer"}).dialled] == ["no-answer", "failed"]
    phone.phone.know({"*": "busy"})
    assert [status for _, status in phone.dials().dialled] == ["busy", "busy"]


def test_a_person_keeps_the_script_they_are_given(line):
    """A word's script is not for them."""
    phone = line(SCREEN)
    phone.dials(people={AGENT: Person(script="2")})
    assert phone.app.last("/ok").form["Digits"] == "2"


@pytest.mark.parametrize("word", ["", "late", "busy until", "busy until noon", "busy until -1"])
def test_an_unknown_word_is_refused(word):
    """The message names those that there are."""
    with pytest.raises(ValueError, match="declines, mailbox or busy until SECONDS"):
        people_of({"*": word})


def test_a_text_reaches_the_phone(line):
    """What an <Sms> sends is kept; a number that has texted STOP gets no more, which is warning 21610."""
    phone = line("<Sms>Hello</Sms><Sms>Again</Sms>")
    assert events(phone.dials(from_="+15550002"), "message")
    assert [(m.to, m.body) for m in phone.phone.messages] == [("+15550002", "Hello"), ("+15550002", "Again")]
    phone.phone.text_back("+15550002", "+18005550100", "Stop")
    call = phone.dials(from_="+15550002")
    assert [w["code"] for w in events(call, "warning")] == [21610, 21610]
    assert len(phone.phone.messages) == 2

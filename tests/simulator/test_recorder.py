"""Calls written down as `.call` files: what is written, and that it passes when it is played again."""

import random

import pytest
from twiml_app import TOKEN, App

from ivr.simulator import Phone
from ivr.simulator.acts import FAULTS, Break, HangUp, Keys, Listening, Silence, Speech
from ivr.simulator.callfile import ACTS, parse, play
from ivr.simulator.checks import Application, CheckedPhone
from ivr.simulator.events import Dialled, DigitsPressed, PlayHeard, Request, SayHeard
from ivr.simulator.faults import Faults
from ivr.simulator.recorder import RecordedCaller, Recorder

MENU = Listening("gather", 5, waits=True, takes_keys=True, takes_speech=True)
HEARING = Listening("gather", 5, takes_speech=True)
PROMPT = Listening("say", 3, takes_keys=True)
WORDS = Listening("say", 3)
RINGING, TALKING = Listening("ringing", 4), Listening("talking", 30, takes_keys=True)
ACTION = Request(0, "POST", "https://x.test/", {}, "", "", "action")


def lines(*steps):
    """Record steps: (act, moment), or events."""
    recorder = Recorder()
    for step in steps:
        recorder.act(*step) if isinstance(step, tuple) else recorder.hear(step)
    head, *rest = recorder.text().splitlines()
    assert (head, rest.pop()) == ("caller", "ends")
    return rest


def says(text):
    return SayHeard(0, text, 1)


def test_it_begins_with_who_calls_whom_and_who_does_not_answer():
    recorder = Recorder("+14155550111", "+18005550142", {"+1": "completed", "+2": "busy"}, Break("down"))
    assert recorder.text("resolved", "Mind this.").splitlines() == [
        "# Mind this.",
        "people   +2=busy",
        "called   +18005550142",
        "fault    down",
        "caller   +14155550111",
        "ends     resolved",
    ]


def test_who_answers_is_written_where_nobody_else_does():
    people = {"+1": "completed", "+2": "busy", "*": "busy"}
    assert Recorder("", "", people).text().splitlines()[:-2] == ["people   busy", "people   +1=completed"]


def test_keys_pressed_one_by_one_are_one_act():
    pressed = DigitsPressed(0, "2")
    assert lines((Keys("2"), PROMPT), pressed, (Keys("0"), MENU), ACTION, says("Thank you."), (Keys("1"), MENU)) == [
        "presses  20",
        "hears    Thank you.",
        "presses  1",
    ]


def test_keys_with_a_webhook_between_them_are_two_acts():
    assert lines((Keys("2"), MENU), ACTION, (Keys("0"), MENU)) == ["presses  2", "presses  0"]


def test_what_is_done_while_the_line_does_not_wait_names_the_moment():
    assert lines((Keys("1"), WORDS), (Keys("2"), WORDS), says("More."), (Keys("*"), TALKING), (HangUp(), RINGING)) == [
        "presses  12 while say",
        "hears    More.",
        "presses  * while talking",
        "hangs up while ringing",
    ]
    assert lines((HangUp(), PROMPT)) == lines((HangUp(), MENU)) == ["hangs up"]


def test_files_that_make_up_a_sentence_are_one_line_and_steady():
    said = [
        "It ends on",
        "Friday,",
        "March fifth,",
        "2027.",
        "Your code is",
        "4",
        "8",
        "2,",
        "9",
        "1",
        "3.",
        "Thank you.",
    ]
    assert lines(*(PlayHeard(0, f"/{n}.wav", 1, text=text) for n, text in enumerate(said))) == [
        "hears    It ends on ....",
        "hears    Your code is ....",
        "hears    Thank you.",
    ]


def test_a_sentence_that_is_cut_off_is_written_as_far_as_it_was_heard():
    heard = [PlayHeard(0, "/1.wav", 1, text="Your code is"), PlayHeard(0, "/2.wav", 1, text="4")]
    assert lines(*heard, (Keys("1"), MENU), says("Bye.")) == ["hears    Your code is 4", "presses  1", "hears    Bye."]


def test_what_a_tester_breaks_is_written_where_it_was_broken():
    assert lines((Break("error"), MENU), (Break("slow", lasting=True), WORDS), (Break(""), PROMPT)) == [
        "fault    error",
        "fault    slow always while say",
        "fault    none",
    ]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Until Saturday, March thirteenth, 2027. Then it ends.", "Until .... Then it ends."),
        ("Your code is 4 8 2, 9 1 3. Once more: 4 8 2, 9 1 3.", "Your code is .... Once more: ...."),
        ("The direct number is 1, 8 0 5, 6 1 7, 7 0 0 0.", "The direct number is 1, 8 0 5, 6 1 7, 7 0 0 0."),
        ("Press #  now,\n please.", "Press # now, please."),
    ],
)
def test_words_that_change_from_call_to_call_are_left_open(said, kept):
    assert lines(says(said)) == [f"hears    {kept}"]


def test_silence_counts_where_the_line_waits():
    assert lines((Silence(), PROMPT), (Silence(), MENU)) == ["waits"]


def test_speech_is_written_as_far_as_the_line_hears_it():
    assert lines(
        (Speech("my  bill"), MENU), (Keys("#"), HEARING), (Speech("please"), HEARING), (Speech("!"), WORDS)
    ) == [
        "says     my bill please",
        "presses  # while gather",
        "# says   '!', which nobody hears",
    ]


def test_tones_files_and_people():
    assert lines(
        PlayHeard(0, "https://x.test/a.wav?b=1", 1),
        PlayHeard(0, "", 1, "12"),
        Dialled(0, "+2", "busy", 0),
        Dialled(0, "+3", "canceled", 0),
        Dialled(0, "+4", "completed", 9),
    ) == ["hears    /a.wav", "rings    +2", "rings    +3", "reaches  +4"]


# A small line that waits for keys, for speech and for both, records, rings, queues, and goes in circles.
PAGES = {
    "/voice": """
        <Say>Welcome to the small line. It is Friday, March 5, 2027.</Say><Pause length='2'/>
        <Gather action='/menu' numDigits='1'><Say>For words, press 1.</Say><Say loop='2'>For a person, 2.</Say></Gather>
        <Say>Nothing was pressed.</Say>
        <Gather action='/menu' input='dtmf speech'><Say>Say or press something, please.</Say></Gather>
        <Redirect>/last</Redirect>""",
    "/menu": [
        "<Say>One.</Say><Gather input='speech' action='/said'><Say>Tell me more about it.</Say></Gather>",
        "<Dial action='/after' hangupOnStar='true'><Number>+15005550006</Number><Number>+15005550007</Number></Dial>",
        "<Gather action='/menu' finishOnKey='' timeout='2'/><Dial>+15005550008</Dial><Redirect>/voice</Redirect>",
        "<Say>Leave a message.</Say><Record action='/after' timeout='3'/>",
    ],
    "/said": "<Say>Your code is 4 8 2, 9 1 3.</Say><Redirect>/last</Redirect>",
    "/after": "<Say>That is over now.</Say><Enqueue waitUrl='/wait'>support</Enqueue><Redirect>/last</Redirect>",
    "/wait": "<Say>You are waiting.</Say><Gather action='/leave' numDigits='1' timeout='1'/>",
    "/leave": "<Leave/>",
    "/sorry": ["<Say>We are sorry.</Say><Redirect>/last</Redirect>", "<Say>Sorry again.</Say>"],
    "/last": "<Gather numDigits='2' action='/menu'><Say>One last question.</Say></Gather><Say>Goodbye, then.</Say>",
}


class Fidgety:
    """A caller who does anything at any moment, and gives up after a while."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.left = 30

    def act(self, listening):
        self.left -= 1
        after_s = self.random.uniform(0, min(listening.seconds, 5.0))
        keys = "".join(self.random.choices("12*#", k=self.random.choice([1, 1, 2])))
        broken = Break(self.random.choice(["", *FAULTS]), lasting=self.random.random() < 0.2)
        deeds = [Silence(), Keys(keys, after_s), Speech("my bill", after_s), HangUp(after_s), broken]
        return HangUp() if self.left < 0 else self.random.choices(deeds, [15, 10 if listening.waits else 3, 3, 1, 1])[0]


def application():
    # Its pages take turns, so each call gets an application of its own.
    return App({path: list(page) if isinstance(page, list) else page for path, page in PAGES.items()})


def recorded(seed):
    """Let somebody fidget through a call, and return what was written down."""
    people = {"*": ("completed", "busy", "no-answer")[seed % 3]}
    fault = None if seed % 10 else Break("down", lasting=not seed % 20)
    recorder = Recorder("+14155550111", "+18005550142", people, fault)
    call = Phone(application(), auth_token=TOKEN).dial(
        "/voice",
        from_="+14155550111",
        to="+18005550142",
        people=people,
        fallback="/sorry",
        on_event=recorder.hear,
        caller=RecordedCaller(Fidgety(seed), recorder),
        faults=Faults(fault),
    )
    return recorder.text(call.ended.status)


@pytest.mark.parametrize("seed", range(150))
def test_a_recorded_call_passes_when_it_is_played_again(tmp_path, seed):
    path = tmp_path / "recorded.call"
    path.write_text(recorded(seed))
    with CheckedPhone(lambda: Application(application(), "/voice", "/sorry")) as phone:
        play(path, phone)


def test_everything_that_a_file_can_say_is_written_by_some_call():
    written = {line.verb for seed in range(150) for line in parse(recorded(seed))}
    assert written == set(ACTS) - {"lacks", "is", "at", "text"}, "the rest is for a person to write"

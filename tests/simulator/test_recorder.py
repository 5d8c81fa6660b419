"""Calls written down as `.call` files."""

import pytest

from ivr.simulator.acts import HangUp, Keys, Listening, Silence, Speech
from ivr.simulator.events import Dialled, PlayHeard, Request, SayHeard
from ivr.simulator.recorder import Recorder

MENU = Listening("gather", 5, waits=True, takes_keys=True)
PROMPT = Listening("say", 3, takes_keys=True)
WORDS = Listening("say", 3)
ACTION = Request(0, "POST", "https://x.test/", {}, "", "", "action")


def lines(*steps, people=None, **kwargs):
    recorder = Recorder("+14155550199", people or {})
    for step in steps:
        recorder.act(*step) if isinstance(step, tuple) else recorder.hear(step)
    return recorder.text("", **kwargs).splitlines()[1:]


def says(text):
    return SayHeard(0, text, 1)


def test_it_begins_with_who_calls_and_who_does_not_answer():
    recorder = Recorder("+14155550111", {"+1": "completed", "+2": "busy"})
    assert recorder.text("resolved", "Mind this.").splitlines() == [
        "# Mind this.",
        "people   +2=busy",
        "caller   +14155550111",
        "ends     resolved",
    ]


def test_keys_pressed_one_by_one_are_one_act():
    assert lines((Keys("2"), PROMPT), (Keys("0"), MENU), ACTION, says("Thank you."), (Keys("1"), MENU)) == [
        "presses  20",
        "hears    Thank you",
        "presses  1",
    ]


def test_keys_that_nobody_waits_for_belong_to_the_next_wait():
    assert lines((Keys("1"), WORDS), says("And more."), ACTION) == ["hears    And more", "presses  1"]
    assert lines((Keys("1"), WORDS)) == ["presses  1"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Until Saturday, March thirteenth, 2027. Then it ends.", ["Until", "Then it ends"]),
        ("Your code is 4 8 2, 9 1 3. Once more: 4 8 2, 9 1 3.", ["Your code is", "Once more"]),
        ("The direct number is 1, 8 0 5, 6 1 7, 7 0 0 0.", ["The direct number is 1, 8 0 5, 6 1 7, 7 0 0 0"]),
        ("Press #  now, please.", ["now, please"]),
    ],
)
def test_words_that_change_from_call_to_call_are_left_out(said, kept):
    assert lines(says(said)) == [f"hears    {piece}" for piece in kept if " " in piece]


def test_silence_counts_where_the_line_waits():
    assert lines((Silence(), PROMPT), (Silence(), MENU)) == ["waits"]


def test_speech_tones_files_and_people():
    assert lines(
        (Speech("my bill"), MENU),
        PlayHeard(0, "https://x.test/a.wav", 1),
        PlayHeard(0, "", 1, "12"),
        Dialled(0, "+2", "busy", 0),
        Dialled(0, "+3", "canceled", 0),
    ) == ["says     my bill", "# hears [https://x.test/a.wav]", "rings    +2"]


@pytest.mark.parametrize(
    ("kind", "line"), [("gather", "hangs up"), ("ringing", "hangs up while ringing"), ("say", "hangs up")]
)
def test_where_the_caller_hung_up(kind, line):
    assert lines((Keys("9"), Listening("talking", 9)), (HangUp(), Listening(kind, 1))) == [line]

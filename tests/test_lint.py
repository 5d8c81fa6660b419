"""An author's mistakes are found before a caller finds them; each test makes one in a line that is otherwise sound."""

from enum import Enum, auto

import pytest
from puppets import DIRECTORY, WORDS

from ivr import flows
from ivr.flow import Do, Flow, Menu, Option, Record, Say, Transfer, answer
from ivr.line import Line
from ivr.lint import lint


class Weather(Enum):
    FAIR = auto()
    FOUL = auto()


def act(call, _services):
    return Weather.FAIR, call


def problems(main: Flow, **more: Flow) -> list[str]:
    small = {"main": main, "verify": Flow("v", say=Say("Hello.", to="support")), "support": SUPPORT, **more}
    return [str(issue) for issue in lint(Line(small, start="main"), list(DIRECTORY), list(WORDS))]


SUPPORT = Flow("s", menu=Menu("Nobody is here.", Option("1", "to try again", to="menu"), place=False))


def tape(**changed) -> Record:
    return Record(**{"text": "Speak.", "to": "support", "full": "support", "give_up": "support", **changed})


SOUND = answer("All is well.")


def test_the_flows_of_this_line_have_no_problems():
    assert lint(flows.line(), list(DIRECTORY), list(WORDS)) == []


def test_a_sound_line_has_no_problems():
    assert problems(Flow("m", menu=Menu("", Option("1", "to hear it", to="it")), it=SOUND)) == []


@pytest.mark.parametrize(
    ("nodes", "problem"),
    [
        ({"menu": Menu("", Option("1", "to hear it", to="itt")), "it": SOUND}, 'main.menu: no node or flow "itt"; did'),
        ({"menu": Menu("", Option("1", "to hear it", to="qqqq"))}, 'main.menu: no node or flow "qqqq"'),
        ({"menu": SOUND, "island": SOUND}, "main.island: no path leads here"),
        (
            {"menu": Menu("", Option("1", "a", to="it"), Option("1", "b", to="it")), "it": SOUND},
            "two options on one key",
        ),
        ({"menu": Menu("", Option("2", "a", to="it"), Option("1", "b", to="it")), "it": SOUND}, "rising order"),
        ({"menu": Menu("", Option("0", "a", to="it")), "it": SOUND}, "key 0 means the same everywhere"),
        ({"menu": Menu("", Option("7", "a", to="it")), "it": SOUND}, "key 7 is not one of 12345"),
        ({"menu": Menu("", Option("1", "press 1 to win", to="it")), "it": SOUND}, "names a key"),
        ({"do": Do(act, on={Weather.FAIR: "it"}), "it": SOUND}, "main.do: outcome Weather.FOUL has no target"),
        ({"do": Do(act, on={}), "it": SOUND}, "main.do: outcomes of 0 kinds"),
        ({"a": Say("One.", to="b"), "b": Say("Two.", to="a")}, "main.a: goes in a circle"),
        ({"menu": answer("The {colour} one.")}, "main.menu: nothing ever fills {colour}"),
        ({"menu": Menu("", Option("1", "to hear {bogus}", to="it")), "it": SOUND}, "nothing ever fills {bogus}"),
        ({"menu": Menu("", Option("1", "a", to="it"), announce=("#",)), "it": SOUND}, "announces key #"),
        ({"menu": answer("On {ends_on:dat}.")}, "no field {ends_on:dat}"),
        ({"menu": answer("word " * 90)}, "main.menu: the text takes about 34 s"),
        ({"menu": Menu("", *(Option(k, "word " * 12, to="it") for k in "12345")), "it": SOUND}, "the options take"),
        (
            {"ring": Transfer(text="Hold.", number="moon", ended="it", unanswered="it", failed="it"), "it": SOUND},
            'main.ring: no number named "moon"',
        ),
        ({"say": tape(finish="")}, "main.say: finish '' is not one key"),
        ({"say": tape(finish="12")}, "main.say: finish '12' is not one key"),
        ({"say": tape(limit_s=3600)}, "main.say: a recording is 2 to 600 s long at most, not 3600 s"),
        ({"say": tape(silence_s=0)}, "main.say: only silence tells that a caller who presses nothing is done"),
        ({"say": tape(full="ful")}, 'main.say: no node or flow "ful"'),
        (
            {"menu": Menu("", Option("1", "to hear it", to="support")), "support": SOUND},
            "named like the flow 'support'",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(nodes, problem):
    assert any(problem in found for found in problems(Flow("m", **nodes)))


def test_a_third_level_of_menus_is_one_too_many():
    below = {
        "one": Flow("1", menu=Menu("", Option("1", "to go down", to="two"))),
        "two": Flow("2", menu=Menu("", Option("1", "to hear it", to="it")), it=SOUND),
    }
    main = Flow("m", menu=Menu("", Option("1", "to go down", to="one")))
    assert problems(main, **below) == ["two.menu: a menu below 2 levels of menus"]


def test_the_flows_that_every_call_may_need_must_exist():
    issues = lint(Line({"main": Flow("m", menu=SOUND)}, start="main"), [], [])
    assert "verify: no flow of this name, and every call may need it" in [str(issue) for issue in issues]

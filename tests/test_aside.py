"""A short excursion from a menu and back to its choices: what an aside promises, whichever way it goes."""

import pytest
from puppets import DIRECTORY, puppet_line

from ivr.call import Call, Keys, Position, Proof
from ivr.engine import Engine
from ivr.flow import AGAIN, BACK, Flow, Menu, Option, Say, answer
from ivr.line import Line
from ivr.lint import lint
from ivr.services import Services
from ivr.turn import Tries

CALL = Call("CA1", "+14155550123", "+18005550100", proof=Proof.PIN)
ANSWERS = [at for at, node in puppet_line(lambda _, o: o[0]).nodes() if isinstance(node, Menu) and node.written]


def line(outcome=0):
    return Engine(puppet_line(lambda _, outcomes: outcomes[outcome]), Services(None, None, None, DIRECTORY))


def hear(engine, turn, *keys):
    for key in keys:
        turn = engine.answer(turn.call, turn.wait.at, turn.wait.tries, Keys(key))
    return turn


def ask_at(engine, at):
    """Ask for a text where an answer has been given."""
    return engine.answer(CALL, at, Tries(), Keys("3"))


def said(turn):
    return [prompt.id for prompt in turn.spoken]


@pytest.mark.parametrize("at", ANSWERS, ids=str)
@pytest.mark.parametrize("key", ["1", "*"])
def test_sending_or_not_leads_back_to_the_choices_of_that_very_answer(at, key):
    engine = line()
    asked = ask_at(engine, at)
    assert asked.wait.at == Position("text", "confirm")
    turn = hear(engine, asked, key)
    assert turn.wait.at == at
    assert f"{at}.1" in said(turn)
    assert str(at) not in said(turn), "the answer itself has been heard"
    assert ("text.sent" in said(turn)) is (key == "1")
    assert turn.call.trail == asked.call.trail, "what star means there is as before"


@pytest.mark.parametrize("why", range(1, 7))
def test_a_refusal_leads_back_too(why):
    engine = line(outcome=why)
    turn = ask_at(engine, Position("main", "password"))
    assert turn.wait.at == Position("main", "password")
    assert said(turn)[0].startswith("text.")
    assert said(turn)[1] == "main.password.1"


def test_when_it_is_over_it_is_forgotten():
    """Coming to the same answer in another way says all of it."""
    engine = line()
    asked = ask_at(engine, Position("main", "password"))
    for keys in (["9", "5"], ["*", "1"], ["*", "#"], ["1", "9", "5"]):
        turn = hear(engine, asked, *keys)
        assert "main.password" in said(turn)
        assert turn.call.aside is None


def test_a_mistake_in_between_is_helped_and_the_way_back_kept():
    engine = line()
    turn = hear(engine, ask_at(engine, Position("main", "password")), "", "8", "#", "*")
    assert turn.wait.at == Position("main", "password")


def test_without_a_menu_to_go_back_to_it_is_the_topic_menu():
    """A deploy may have removed the answer, or a call may have begun before there were asides."""
    engine = line()
    for aside in (None, Position("main", "gone"), Position("welcome", "greeting")):
        call = Call("CA1", "+14155550123", "", trail=(Position("main", "menu"),), aside=aside)
        turn = engine.answer(call, Position("text", "confirm"), Tries(), Keys("*"))
        assert turn.wait.at == Position("main", "menu")


def test_a_sentence_may_lead_back_and_the_lint_follows():
    """Said first thing in an aside, from an answer and from a menu."""
    main = Flow("m", menu=Menu("Which?", Option("1", "to hear it", to="it"), Option("2", "to be told", to="told")),
                it=answer("This.", Option("2", "to be told", to="told")))  # fmt: skip
    told = Flow("t", aside=True, say=Say("So be it.", to=BACK))
    person = Flow("p", menu=Menu("Nobody.", Option("1", "to try again", to=AGAIN), place=False))
    small = Line({"main": main, "told": told, "verify": told, "support": person}, start="main")
    assert lint(small, [], []) == []
    engine = Engine(small, Services(None, None, None, {}))
    turn = hear(engine, engine.start(CALL), "2")
    assert said(turn)[:2] == ["told.say", "main.menu.1"]
    turn = hear(engine, turn, "1", "2")
    assert said(turn)[:2] == ["told.say", "main.it.1"]

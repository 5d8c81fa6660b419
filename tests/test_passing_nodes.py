"""Nodes that are passed without a wait, and how the wait is reached: what is said, in which order, and what is kept."""

from dataclasses import replace
from enum import Enum, auto

import pytest
from puppets import DIRECTORY
from small_line import AT, CALL, engine_of, heard, said, walked

from ivr.advance import STEPS_MAX
from ivr.call import Disposition, Position, Proof
from ivr.engine import Engine
from ivr.flow import AGAIN, BACK, Ask, Do, Flow, FlowError, Menu, Option, Resume, Say, Transfer
from ivr.line import Line
from ivr.service_errors import ServiceError
from ivr.services import Services
from ivr.turn import Gather, Tries

THERE, OTHER = Position("main", "there"), Position("main", "other")
GO_ON = Option("1", "to go on", to="next")


class Looked(Enum):
    FOUND_IT = auto()
    NOT_THERE = auto()


def look(call, services):
    assert services.directory is DIRECTORY
    if call.sid == "CA2":
        raise ServiceError("away")
    return Looked.FOUND_IT, call.knows(code="1")


def doing(**changed):
    return engine_of(here=Do(look, **{"on": {Looked.FOUND_IT: "there"}} | changed))


# Passing.


def test_what_is_passed_is_said_done_and_noted_in_order():
    engine = engine_of(
        here=Say("One.", to="two"), two=Do(look, on={Looked.FOUND_IT: "three"}), three=Say("3.", to="there")
    )
    turn = engine.start(CALL)
    assert walked(turn) == ["main.here[said]", "main.two[found-it]", "main.three[said]"]
    assert said(turn)[:3] == ["main.here", "main.three", "main.there"]
    assert (turn.wait.at, turn.call.facts, turn.call.turn) == (THERE, {"code": "1"}, CALL.turn + 1)


def test_an_action_out_of_reach_leads_where_its_node_says_and_is_told_where_that_is_a_person():
    away = replace(CALL, sid="CA2")
    person = doing().start(away)
    assert (said(person)[0], walked(person), person.wait.at.flow) == (
        *("common.unavailable", ["main.here[unavailable]"], "support"),
    )
    ring = Transfer(text="One moment.", number="sales", ended="there", unanswered="there", failed="there")
    rung = engine_of(here=Do(look, on={}, unavailable="ring"), ring=ring).start(away)
    assert said(rung) == ["common.unavailable", "main.ring"]
    menu = doing(unavailable="other").start(away)
    assert (menu.wait.at, said(menu)[0]) == (OTHER, "main.other"), "other places have words of their own"


def test_an_outcome_without_a_target_is_an_error_that_names_it():
    with pytest.raises(FlowError, match=r"^main\.here: outcome Looked\.FOUND_IT has no target$"):
        doing(on={Looked.NOT_THERE: "there"}).start(CALL)


def circle(nodes):
    """Say so many things in a row, and then wait."""
    return engine_of(**{f"n{i}": Say("So.", to=f"n{i + 1}" if i + 1 < nodes else "there") for i in range(nodes)})


def test_so_many_nodes_may_be_passed_and_one_more_is_a_circle():
    assert circle(STEPS_MAX - 1).start(CALL).wait.at == THERE
    with pytest.raises(FlowError, match=r"^main\.there: more than 50 nodes without a wait$"):
        circle(STEPS_MAX).start(CALL)


# Proof.

PROVE = {
    "verify": Flow("Verify", menu=Menu("Prove it.", Option("1", "to do so", to="proved")), proved=Resume(Proof.PIN))
}
CLOSED = {"closed": Flow("Closed", needs=Proof.PIN, menu=Menu("Come in."))}


def guarded(**more):
    engine = engine_of(*PROVE.items(), *CLOSED.items(), *more.items(), here=Say("So.", to="closed"))
    return engine, engine.start(CALL)


def test_a_flow_that_needs_proof_is_gone_on_with_once_it_is_given():
    engine, turn = guarded()
    assert (turn.wait.at, turn.call.resume, turn.call.proof) == (Position("verify", "menu"), "closed", Proof.NONE)
    turn = heard(engine, "1", call=turn.call, at=turn.wait.at)
    assert (turn.wait.at, turn.call.resume, turn.call.proof) == (Position("closed", "menu"), None, Proof.PIN)
    assert walked(turn) == ["verify.menu[1]", "verify.proved[resume]"]


@pytest.mark.parametrize("resume", [None, "gone"])
def test_proof_that_nothing_waits_for_leads_to_the_main_menu(resume):
    engine, turn = guarded()
    turn = heard(engine, "1", call=replace(CALL, resume=resume), at=Position("verify", "menu"))
    assert turn.wait.at == Position("closed", "menu"), "where the main flow of this line leads, now with proof"
    assert walked(turn)[1:] == ["verify.proved[resume]", "main.here[said]"]


def test_proof_is_never_taken_back():
    weak = {"verify": Flow("Verify", menu=Menu("Prove it.", Option("1", "to", to="no")), no=Resume(Proof.NONE))}
    engine = engine_of(*weak.items(), here=Menu("Here."))
    assert (
        heard(engine, "1", call=replace(CALL, proof=Proof.PIN), at=Position("verify", "menu")).call.proof is Proof.PIN
    )


# Arriving: all of it is said, and it is remembered where star leads back to.


def test_a_menu_waits_for_one_key_and_a_deed_for_two():
    turn = engine_of(here=Menu("Which?", GO_ON, timeout_s=7), next=Menu("N.")).start(CALL)
    assert turn.wait == Gather(AT, Tries(), turn.wait.prompts, 1, "", 7)
    deed = engine_of(here=Menu("Which?", GO_ON, deed="1"), next=Menu("N.")).start(CALL)
    assert deed.wait.digits == 2


@pytest.mark.parametrize("secret", [True, False])
def test_a_question_waits_for_its_digits_and_the_pound_key(secret):
    ask = Ask(text="Which?", digits=(3, 8), check=look, on={}, help="It is.", timeout_s=7, secret=secret)
    turn = engine_of(here=ask).start(CALL)
    assert turn.wait == Gather(AT, Tries(), turn.spoken, 8, "#", 7, secret=secret)
    assert (said(turn), turn.prompts) == (["main.here"], ()), "keys count from the first word on"


def test_what_must_be_heard_and_all_before_it_stands_before_what_a_key_may_cut():
    uncut = engine_of(
        a=Say("One.", to="b"),
        b=Say("Two.", to="c", barge_in=False),
        c=Say("Three.", to="here"),
        here=Menu("Which?", GO_ON),
    )
    turn = uncut.start(CALL)
    assert [prompt.id for prompt in turn.prompts] == ["main.a", "main.b"]
    assert [prompt.id for prompt in turn.wait.prompts][:3] == ["main.c", "main.here", "main.here.1"]
    read_back = engine_of(here=Menu("Which?", GO_ON, barge_in=False)).start(CALL)
    assert [prompt.id for prompt in read_back.prompts] == ["main.here"]


def test_a_menu_marks_how_far_a_call_has_come_and_never_less_than_before():
    engine = engine_of(here=Menu("So.", marks=Disposition.RESOLVED))
    assert engine.start(CALL).call.disposition is Disposition.RESOLVED
    assert engine.start(replace(CALL, disposition=Disposition.CALLBACK)).call.disposition is Disposition.CALLBACK
    assert engine_of(here=Menu("So.")).start(CALL).call.disposition is None


# Back.


def test_star_leads_back_through_the_menus_that_are_places_and_coming_again_forgets_what_lay_behind():
    steps = {name: Menu(name, Option("1", "to go on", to=to)) for name, to in [("here", "b"), ("b", "c"), ("c", "b")]}
    engine = engine_of(**steps)
    turn = engine.start(CALL)
    for to in "bc":
        turn = heard(engine, "1", call=turn.call, at=turn.wait.at)
        assert turn.wait.at == Position("main", to)
    assert [at.node for at in turn.call.trail] == ["here", "b", "c"]
    turn = heard(engine, "1", call=turn.call, at=turn.wait.at)
    assert [at.node for at in turn.call.trail] == ["here", "b"]
    turn = heard(engine, "*", call=turn.call, at=turn.wait.at)
    assert (turn.wait.at, walked(turn)) == (AT, ["main.b[*]"])
    assert heard(engine, "*", call=turn.call, at=turn.wait.at).wait.at == AT, "at the top it is said again"


def test_with_nothing_behind_it_a_menu_is_said_again_wherever_it_is():
    there = heard(engine_of(here=Menu("Here.")), "*", call=replace(CALL, trail=(THERE,)), at=THERE)
    assert (there.wait.at, said(there)[0]) == (THERE, "main.there")


def test_a_menu_that_is_no_place_is_left_behind():
    engine = engine_of(here=Menu("Here.", Option("1", "to go on", to="b")), b=Menu("B.", place=False))
    turn = heard(engine, "1", call=engine.start(CALL).call)
    assert turn.call.trail == (AT,)
    assert heard(engine, "*", call=turn.call, at=turn.wait.at).wait.at == AT


def test_a_menu_that_a_deploy_has_removed_is_no_way_back_and_without_any_it_is_the_main_menu():
    engine = engine_of(here=Menu("Here."), b=Menu("B."))
    for trail in ((AT, Position("main", "gone"), Position("main", "b")), ()):
        assert heard(engine, "*", call=replace(CALL, trail=trail), at=Position("main", "b")).wait.at == AT


ASIDE = {
    "aside": Flow(
        "Aside",
        aside=True,
        menu=Menu("Sure?", Option("1", "to say so", to="told"), place=False),
        told=Say("So be it.", to=BACK),
    )
}


def test_an_aside_remembers_the_menu_it_began_at_and_its_words_are_not_said_again():
    engine = engine_of(*ASIDE.items(), here=Menu("Here.", Option("1", "to digress", to="aside")))
    turn = heard(engine, "1")
    assert (turn.call.aside, turn.wait.at) == (AT, Position("aside", "menu"))
    again = heard(engine, "#", call=turn.call, at=turn.wait.at)
    assert again.call.aside == AT, "within the aside it is kept"
    back = heard(engine, "1", call=again.call, at=again.wait.at)
    assert (back.wait.at, said(back)[:2], back.call.aside) == (AT, ["aside.told", "main.here.1"], None)


def test_again_says_all_of_a_node_once_more():
    turn = heard(engine_of(here=Menu("Here.", Option("1", "to hear it", to=AGAIN))), "1")
    assert (turn.wait.at, said(turn)[0], walked(turn)) == (AT, "main.here", ["main.here[1]"])


def test_a_flow_that_needs_proof_is_entered_with_it_and_checked_first_without():
    line = Line(
        {"main": Flow("Main", needs=Proof.PIN, menu=Menu("In.")), "verify": Flow("V", menu=Menu("Who?"))}, start="main"
    )
    engine = Engine(line, Services(None, None, None, {}))
    assert engine.start(replace(CALL, proof=Proof.PIN)).wait.at.flow == "main"
    assert engine.start(CALL).wait.at.flow == "verify"

"""The vocabulary of flows: what each maker of nodes makes, and what a line finds by name."""

from enum import Enum, auto

import pytest

from ivr.call import DialStatus, Disposition, Position, Proof
from ivr.flow import (
    AGAIN,
    BACK,
    CONFIRM_TIMEOUT_S,
    MENU_TIMEOUT_S,
    MENU_TRIES,
    PERSON,
    RUNG_TRIES,
    TEXT,
    TEXT_KEY,
    Ask,
    Flow,
    FlowError,
    Hold,
    Menu,
    Option,
    Say,
    Transfer,
    answer,
    confirm,
    ring,
)
from ivr.line import Line

MORE, OTHER = Option("2", "to hear more", to="more"), Option("3", "to go on", to="on")


class Checked(Enum):
    RIGHT = auto()


def check(call, _services, _digits):
    return Checked.RIGHT, call


def question(**changed):
    return Ask(**{"text": "Which?", "digits": 4, "check": check, "on": {Checked.RIGHT: "on"}, "help": "It is printed.",
                  **changed})  # fmt: skip


# Menus.


def test_a_menu_is_its_words_and_options_and_may_be_set_otherwise_by_name():
    menu = Menu("Which?", MORE, OTHER, tries=1, give_up="on")
    assert (menu.text, menu.options, menu.tries, menu.give_up) == ("Which?", (MORE, OTHER), 1, "on")
    assert menu != Menu("Which?", MORE, OTHER)


def test_a_menu_of_which_nothing_is_said_waits_five_seconds_and_brings_a_person_after_three_slips():
    menu = Menu("Which?")
    assert (menu.timeout_s, menu.tries, menu.give_up) == (MENU_TIMEOUT_S, MENU_TRIES, PERSON) == (5, 3, "support")
    assert (menu.announce, menu.barge_in, menu.place, menu.deed, menu.secret) == (("*", "0"), True, True, "", False)


def test_an_answer_is_said_again_on_one_goes_on_as_told_and_never_just_ends():
    made = answer("It is so.", MORE)
    assert made.text == "It is so."
    assert made.options == (Option("1", "to hear that again", to=AGAIN), MORE)
    assert made.announce == ("*", "9", "0"), "back, main menu, a person: all of them are said"
    assert made.place is False, "star there leads back to the topics, and not to the answer"
    assert made.marks is Disposition.INFORMED
    assert answer("It is done.", marks=Disposition.RESOLVED).marks is Disposition.RESOLVED


def test_an_answer_that_exists_in_writing_is_offered_as_a_text_message_last_of_all():
    made = answer("It is so.", MORE, written="So.")
    assert made.written == "So."
    assert made.options[1:] == (MORE, Option(TEXT_KEY, "to get this as a text message", to=TEXT))
    assert answer("It is so.", written="So.", offer="to get the link").options[-1].label == "to get the link"
    assert answer("It is so.").written == ""


def test_a_confirmation_is_heard_to_its_end_and_silence_changes_nothing():
    keep, do = Option("1", "to keep it", to="kept"), Option("2", "to cancel it", to="cancel")
    made = confirm("You are about to.", keep, do, unchanged="unchanged")
    assert made == Menu(
        "You are about to.",
        *(keep, do),
        announce=("0",),
        timeout_s=CONFIRM_TIMEOUT_S,
        give_up="unchanged",
        barge_in=False,
        place=False,
        deed="2",
    )


def test_whoever_is_rung_is_asked_twice_and_has_none_of_the_callers_keys():
    made = ring("A caller waits.", MORE, nobody="machine")
    assert made == Menu(
        *("A caller waits.", MORE), announce=(), tries=RUNG_TRIES, give_up="machine", place=False, house=False
    )
    assert not made.reserved
    assert Menu("Which?").reserved == {"0": "support", "9": "main", "*": BACK, "#": AGAIN}


# Waits for somebody.


def test_a_hold_is_its_words_its_options_and_where_it_ends():
    hold = Hold("Please hold.", MORE, OTHER, ended="served", expired="closed")
    assert (hold.text, hold.options, hold.ended, hold.expired) == ("Please hold.", (MORE, OTHER), "served", "closed")


@pytest.mark.parametrize(
    ("status", "to"),
    [
        (DialStatus.COMPLETED, "goodbye"),
        (DialStatus.BUSY, "wait"),
        (DialStatus.NO_ANSWER, "wait"),
        (DialStatus.FAILED, "sorry"),
        (DialStatus.CANCELED, "sorry"),
    ],
)
def test_a_transfer_goes_on_where_its_end_says(status, to):
    transfer = Transfer(text="One moment.", number="sales", ended="goodbye", unanswered="wait", failed="sorry")
    assert transfer.to(status) == to


# Flows and lines.


def test_a_flow_holds_its_nodes_in_the_order_written_and_begins_at_the_first():
    greeting, menu = Say("Hello.", to="menu"), Menu("Which?")
    flow = Flow("Welcome", greeting=greeting, menu=menu)
    assert list(flow.nodes.items()) == [("greeting", greeting), ("menu", menu)]
    assert (flow.title, flow.start, flow.needs, flow.aside) == ("Welcome", "greeting", Proof.NONE, False)
    guarded = Flow("Cancel", needs=Proof.PIN, aside=True, menu=menu)
    assert (guarded.needs, guarded.aside) == (Proof.PIN, True)


def test_nodes_of_a_flow_cannot_be_changed():
    with pytest.raises(TypeError):
        Flow("Welcome", menu=Menu("Which?")).nodes["more"] = Menu("More?")


@pytest.mark.parametrize("secret", [True, False])
def test_every_question_brings_a_menu_that_explains_it_and_leads_back(secret):
    """Its keys are as secret as the digits of the question: callers may still be typing them."""
    flow = Flow("Verify", pin=question(secret=secret), menu=Menu("Which?"))
    assert list(flow.nodes) == ["pin", "menu", "pin_help"]
    again = Option("1", "to try again", to="pin")
    assert flow.nodes["pin_help"] == Menu("It is printed.", again, announce=("*", "0"), place=False, secret=secret)


def test_a_question_takes_so_many_digits_or_between_so_many_and_so_many():
    assert (question(digits=4).least, question(digits=4).most) == (4, 4)
    assert (question(digits=(6, 8)).least, question(digits=(6, 8)).most) == (6, 8)


MENU, TOLD = Menu("Which?"), Say("So.", to="menu")
LINE = Line({"main": Flow("Main", menu=MENU, told=TOLD), "support": Flow("Support", told=TOLD, menu=MENU)})


def test_a_target_is_a_node_of_its_own_flow_before_it_is_another_flow_at_its_start():
    line = Line({"main": Flow("Main", menu=MENU, support=TOLD), "support": LINE.flows["support"]})
    assert LINE.resolve("main", "told") == Position("main", "told")
    assert LINE.resolve("main", "support") == LINE.entry("support") == Position("support", "told")
    assert line.resolve("main", "support") == Position("main", "support")
    with pytest.raises(FlowError, match=r"^main: no node or flow 'nowhere'$"):
        LINE.resolve("main", "nowhere")


def test_a_place_that_a_deploy_has_removed_is_no_node():
    assert LINE.node(Position("support", "told")) is TOLD
    assert LINE.node(Position("support", "gone")) is None
    assert LINE.node(Position("gone", "menu")) is None


def test_all_nodes_of_a_line_are_listed_with_their_places_as_written():
    assert [(str(at), node) for at, node in LINE.nodes()] == [
        ("main.menu", MENU),
        ("main.told", TOLD),
        ("support.told", TOLD),
        ("support.menu", MENU),
    ]

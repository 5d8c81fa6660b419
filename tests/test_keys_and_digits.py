"""What a caller keys in at a menu or a question: where it leads, and what they hear who were silent or erred."""

from dataclasses import replace
from enum import Enum, auto

import pytest
from small_line import AT, CALL, engine_of, heard, said, walked

from ivr.call import Keys, Position
from ivr.flow import CALL_SLIPS, Ask, Menu, Option, Record, confirm
from ivr.service_errors import ServiceError
from ivr.turn import Tries

THERE, PERSON = Position("main", "there"), Position("support", "menu")


class Known(Enum):
    YES_INDEED = auto()


def check(call, services, digits):
    assert services is not None
    if digits == "0000":
        raise ServiceError("away")
    return Known.YES_INDEED, call.knows(code=digits)


def menu(**settings):
    return engine_of(here=Menu("Which?", Option("1", "to go on", to="there"), **settings))


def question(**changed):
    asked = {"text": "Which?", "digits": (3, 4), "check": check, "on": {Known.YES_INDEED: "there"}, "help": "It is."}
    return engine_of(here=Ask(**asked | changed))


def deed():
    keep, do = Option("1", "to keep it", to="there"), Option("2", "to end it", to="other")
    return engine_of(here=confirm("You end it.", keep, do, unchanged="there"))


# Keys.


def test_a_key_walks_its_edge_and_the_first_of_several_counts():
    for keys in ("1", "17"):
        turn = heard(menu(), keys)
        assert turn.wait.at == THERE
        assert walked(turn) == ["main.here[1]"]


def test_a_reserved_key_walks_an_edge_of_its_own():
    assert walked(heard(menu(), "0")) == ["main.here[0]"]
    assert heard(menu(), "0").wait.at == PERSON


def test_a_deed_is_done_only_by_its_key_and_the_pound_key_behind_it():
    assert heard(deed(), "2#").wait.at == Position("main", "other")
    for keys in ("2", "21", "22#"):
        turn = heard(deed(), keys, tries=Tries(silent=1, wrong=1))
        assert walked(turn) == ["main.here[no-match 2]"]
        assert said(turn) == ["common.no_pound", "main.here.1", "main.here.2", "common.key_0"]
        assert turn.wait.tries == Tries(wrong=2)


def test_the_other_choice_at_a_deed_needs_no_pound_key():
    assert heard(deed(), "1").wait.at == THERE


def test_a_pound_key_left_over_at_a_deed_is_no_mistake_and_the_tries_stay():
    turn = heard(deed(), "#2", tries=Tries(silent=1, wrong=1))
    assert walked(turn) == ["main.here[#]"]
    assert said(turn) == ["main.here.1", "main.here.2", "common.key_0"], "the read-back has just been heard"
    assert (turn.wait.at, turn.wait.tries, turn.call.slips) == (AT, Tries(silent=1, wrong=1), 0)


# Digits.


def test_digits_that_are_right_are_remembered_and_lead_on():
    turn = heard(question(), "204")
    assert turn.wait.at == THERE
    assert walked(turn) == ["main.here[yes-indeed]"]
    assert turn.call.facts == {"code": "204"}


@pytest.mark.parametrize("digits", ["20", "20481", "2#4", "²³²"])
def test_too_few_too_many_or_no_digits_are_too_short(digits):
    """Too many never come from a telephone, whose entry ends by itself."""
    turn = heard(question(), digits, tries=Tries(silent=1, wrong=0))
    assert walked(turn) == ["main.here[no-match 1]"]
    assert said(turn) == ["common.too_short", "main.here"]
    assert turn.wait.tries == Tries(wrong=1)


@pytest.mark.parametrize("keys", ["*", "20*", "*0"])
def test_a_star_anywhere_explains(keys):
    turn = heard(question(), keys)
    assert walked(turn) == ["main.here[*]"]
    assert turn.wait.at == Position("main", "here_help")


def test_a_lone_zero_is_a_person_and_a_lone_pound_asks_again():
    assert walked(heard(question(), "0")) == ["main.here[0]"]
    assert heard(question(), "0").wait.at == PERSON
    asked = heard(question(), "#", tries=Tries(1, 1))
    assert (asked.wait.at, asked.wait.tries, walked(asked)) == (AT, Tries(), ["main.here[#]"])


def test_a_check_that_is_out_of_reach_leads_where_the_question_says():
    turn = heard(question(unavailable="other"), "0000")
    assert turn.wait.at == Position("main", "other")
    assert walked(turn) == ["main.here[unavailable]"]
    assert "common.unavailable" not in said(turn), "what is there has words of its own"
    assert said(heard(question(), "0000"))[0] == "common.unavailable"


# Slips: each is helped by a word and the choices, and then by a person.


@pytest.mark.parametrize(
    ("keys", "attempt", "sorry"),
    [
        ("", 1, "no_input_1"),
        ("", 2, "no_input_2"),
        ("8", 1, "no_match_1"),
        ("8", 2, "no_match_2"),
    ],
)
def test_at_a_menu_the_second_slip_of_a_kind_names_the_key_for_a_person(keys, attempt, sorry):
    before = Tries(silent=attempt - 1, wrong=1) if keys == "" else Tries(silent=1, wrong=attempt - 1)
    turn = heard(menu(), keys, tries=before)
    assert said(turn) == [f"common.{sorry}", "main.here.1", "common.key_star", "common.key_0"]
    assert walked(turn) == [f"main.here[{'no-match' if keys else 'no-input'} {attempt}]"]
    assert turn.wait.tries == (Tries(wrong=attempt) if keys else Tries(silent=attempt, wrong=1))


def test_where_no_person_is_to_be_had_by_key_none_is_named():
    assert said(heard(menu(announce=("*",)), "", tries=Tries(silent=1)))[0] == "common.no_input_1"


@pytest.mark.parametrize(
    ("keys", "attempt", "sorry"),
    [
        ("", 1, ["ask_no_input_1"]),
        ("", 2, ["ask_no_input_2"]),
        ("1", 1, ["too_short"]),
        ("1", 2, ["too_short", "ask_no_match_2"]),
    ],
)
def test_at_a_question_the_second_slip_of_a_kind_names_help_and_a_person(keys, attempt, sorry):
    before = Tries(silent=attempt - 1) if keys == "" else Tries(wrong=attempt - 1)
    turn = heard(question(), keys, tries=before)
    assert said(turn) == [*(f"common.{name}" for name in sorry), "main.here"]


def test_silences_at_a_tone_have_words_of_their_own_each_time():
    tone = engine_of(here=Record(text="Speak.", to="there", full="there", give_up="other"))
    for silent in (0, 1):
        turn = heard(tone, Keys(""), tries=Tries(silent=silent, wrong=1))
        assert said(turn) == ["common.no_message", "main.here"]
        assert walked(turn) == [f"main.here[no-input {silent + 1}]"]
        assert turn.wait.tries == Tries(silent=silent + 1, wrong=1)


def test_the_last_try_gives_up_and_says_so_only_where_a_person_comes():
    turn = heard(menu(tries=2), "", tries=Tries(silent=1))
    assert (turn.wait.at, said(turn), walked(turn)) == (
        PERSON,
        ["common.give_up", "support.menu", "common.key_star", "common.key_0"],
        ["main.here[no-input 2]"],
    )
    elsewhere = heard(menu(tries=1, give_up="other"), "8")
    assert elsewhere.wait.at == Position("main", "other")
    assert "common.give_up" not in said(elsewhere)


def test_slips_are_counted_in_the_whole_call_and_anew_once_it_has_given_up():
    turn = heard(menu(), "")
    assert turn.call.slips == 1
    over = heard(menu(), "", call=replace(CALL, slips=CALL_SLIPS - 1))
    assert walked(over) == ["main.here[slips]"]
    assert (over.wait.at, over.call.slips) == (PERSON, 0)

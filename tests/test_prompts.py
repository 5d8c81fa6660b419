"""Sentences: every prompt can be spoken, and values are spoken the way people say them."""

import pytest
from puppets import FACTS, WORDS

from ivr import flows
from ivr.flow import FlowError
from ivr.prompts import fields, option_sentence, prompts, spoken

ALL = list(prompts(flows.line()))


@pytest.mark.parametrize("prompt", ALL, ids=lambda prompt: prompt.id)
def test_every_prompt_can_be_spoken(prompt):
    text = spoken(prompt.text, {**WORDS, **FACTS})
    assert text.strip() == text
    assert text.endswith((".", "?"))
    assert "{" not in text


def test_prompt_ids_are_unique():
    assert len({prompt.id for prompt in ALL}) == len(ALL)


def test_an_option_says_the_topic_first_and_the_key_second():
    assert option_sentence("to cancel your free trial", "1") == "To cancel your free trial, press 1."
    assert option_sentence("to go back", "*") == "To go back, press star."


@pytest.mark.parametrize(
    ("template", "heard"),
    [
        ("Hello {x}.", "Hello 2027-03-05."),
        ("It ends on {x:date}.", "It ends on Friday, March fifth, 2027."),
    ],
)
def test_a_field_is_spoken_by_its_kind(template, heard):
    assert spoken(template, {"x": "2027-03-05"}) == heard


@pytest.mark.parametrize(
    ("digits", "heard"), [("19", "1 9"), ("482913", "4 8 2, 9 1 3"), ("70000011", "7 0 0 0, 0 0 1 1")]
)
def test_digits_come_one_by_one_in_groups(digits, heard):
    assert spoken("{x:digits}", {"x": digits}) == heard


@pytest.mark.parametrize(
    ("number", "heard"),
    [("+18002636317", "1, 8 0 0, 2 6 3, 6 3 1 7"), ("+442079460123", "4 4 2 0, 7 9 4 6, 0 1 2 3")],
)
def test_telephone_numbers_come_in_the_groups_people_write(number, heard):
    assert spoken("{x:phone}", {"x": number}) == heard


@pytest.mark.parametrize("template", ["{x:colour}", "{x", "{0}", "{x.y}"])
def test_a_field_that_cannot_be_read_is_an_error(template):
    with pytest.raises(FlowError, match="prompt"):
        fields(template)


@pytest.mark.parametrize(("template", "values"), [("{x}", {}), ("{x:date}", {"x": "tomorrow"})])
def test_a_value_that_is_missing_or_does_not_fit_is_an_error(template, values):
    with pytest.raises(FlowError, match=r"no \w+ for"):
        spoken(template, values)

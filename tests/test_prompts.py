"""Prompts of the flows: every one has an id of its own, and options are told in the order callers need."""

from ivr import flows
from ivr.prompts import option_sentence, prompts

ALL = list(prompts(flows.line()))


def test_prompt_ids_are_unique():
    assert len({prompt.id for prompt in ALL}) == len(ALL)


def test_an_option_says_the_topic_first_and_the_key_second():
    assert option_sentence("to cancel your free trial", "1") == "To cancel your free trial, press 1."
    assert option_sentence("to go back", "*") == "To go back, press star."

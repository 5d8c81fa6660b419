"""Answers in writing: an author's mistakes are found before a caller gets them."""

import pytest

from ivr import flows, gsm, written
from ivr.flow import AGAIN, TEXT, Flow, Menu, Option, answer
from ivr.line import Line

WORDS = {
    "company": "GoToMeeting",
    "website": "gotomeeting.com",
    "sales_number": "+1 888-646-0014",
    "support_number": "+1 800-263-6317",
}
LINE = flows.line()
# What callers ask for (docs/flows.md), and where its answer in writing is offered; billing is a person's business.
OFFERED = {
    "buying.small_team": ("5 organizers", "gotomeeting.com"),
    "buying.myself": ("free trial", "gotomeeting.com"),
    "audio.cost": ("no extra cost", "Mic and Speakers"),
    "audio.toll_free": ("over 50 countries", "+1 888-646-0014"),
    "buying.payment": ("MasterCard", "purchase orders"),
    "main.password": ("Login Info", "Save Changes"),
    "trial.subscribe": ("Subscribe after Trial", "first charge"),
    "cancel_trial.kept": ("Cancel After Trial", "expires"),
    "turn_off_renewal.kept": ("Turn Off Renewal", "paid for"),
}


def problems(node):
    return [problem for _, problem in written.problems(Line({"main": Flow("m", it=node)}), WORDS)]


def test_the_answers_of_this_line_are_in_order():
    assert list(written.problems(LINE, WORDS)) == []


def test_nine_topics_can_be_had_in_writing_each_in_its_own_words():
    texts = written.answers(LINE, WORDS)
    assert texts.keys() == OFFERED.keys()
    assert len(set(texts.values())) == len(texts)
    for name, text in texts.items():
        assert text.startswith("GoToMeeting: ")
        assert text.endswith(" Reply STOP to end")
        assert all(words in text for words in OFFERED[name]), text


def test_the_offer_comes_last_and_is_on_the_same_key_everywhere():
    for at, node in LINE.nodes():
        if str(at) in OFFERED:
            assert (node.options[-1].key, node.options[-1].to) == ("3", TEXT)
            assert node.options[0].label == "to hear that again"
        elif isinstance(node, Menu):
            assert TEXT not in {option.to for option in node.options}


@pytest.mark.parametrize(
    ("node", "problem"),
    [
        (answer("Hello.", written="x" * 276), "the text message takes 307 places of 306"),
        (answer("Hello.", written="[" * 138 + "x"), "the text message takes 308 places of 306"),
        (answer("Hello.", written="Öl ½ “fine”"), "the text message has characters that are not in GSM 7 bit: ½“”"),
        (answer("Hello.", written="Go to {site}."), "nothing in writing fills {site}"),
        (answer("Hello.", written="Call {sales_number:phone}."), "nothing in writing fills {sales_number:phone}"),
        (
            answer("Hello.", Option("3", "to get a text", to=TEXT)),
            "offers a text message, but there is nothing written",
        ),
        (Menu("Hello.", Option("1", "again", to=AGAIN), written="Hi."), "written that nobody is offered"),
        (
            Menu("Hello.", Option("2", "a", to=TEXT), written="Hi."),
            "offers a text message on key 2; it is 3 everywhere",
        ),
    ],
)
def test_a_mistake_is_named(node, problem):
    assert any(problem in found for found in problems(node)), problems(node)


def test_one_that_fits_exactly_is_in_order():
    assert problems(answer("Hello.", written="x" * 275)) == []


def test_what_nothing_fills_is_not_sent():
    assert written.answers(Line({"main": Flow("m", it=answer("Hello.", written="{site}"))}), WORDS) == {}


def test_gsm_counts_what_a_telephone_counts():
    assert gsm.length("abc") == 3
    assert gsm.length("a€[b") == 6
    assert gsm.foreign("Ça va? ñ €") == "", "the alphabet has this Ç"
    assert gsm.foreign("ça“ç") == "ç“"


def test_the_lint_command_tells_of_them(app, monkeypatch):
    monkeypatch.setattr(written, "PLACES_MAX", 100)
    result = app.test_cli_runner().invoke(args=["line", "lint"])
    assert result.exit_code == 1
    assert "main.password: the text message takes" in result.output

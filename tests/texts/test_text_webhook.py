"""A text that comes in: STOP, START, HELP, and anything else; signed like every other webhook."""

import logging
from xml.etree import ElementTree as ET

import pytest
from texted import ANN

from ivr.text import Texting


@pytest.fixture
def possible(app):
    return app.extensions["answerline"].desk.outbox.possible


@pytest.fixture
def says(carrier):
    def say(body, number=ANN, **form):
        return carrier.post("/voice/text", From=number, Body=body, MessageSid="SM" + "0" * 32, **form)

    return say


def reply(answer):
    """What is sent back; '' for nothing."""
    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    return "".join(ET.fromstring(answer.text).itertext())  # noqa: S314 our own TwiML


@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop. ", "STOPALL", "UNSUBSCRIBE", "Cancel", "END", "quit", "REVOKE", "opt out"]
)
def test_stop_in_all_its_forms_and_twice(says, possible, word):
    assert possible(ANN) is Texting.POSSIBLE
    for _ in range(2):
        assert reply(says(word)) == "", "the carrier has answered already"
    assert possible(ANN) is Texting.STOPPED
    assert possible("+14155550112") is Texting.POSSIBLE


@pytest.mark.parametrize("word", ["START", "unstop", "Yes!"])
def test_start_lifts_it(says, possible, word):
    says("STOP")
    assert reply(says(word)) == ""
    assert possible(ANN) is Texting.POSSIBLE


@pytest.mark.parametrize("word", ["HELP", "help?", "INFO"])
def test_help_says_who_this_is_and_how_to_stop(says, possible, word):
    assert reply(says(word)) == (
        "GoToMeeting support by text message: you get one when you ask for it on the phone. "
        "For a person, call +1 800-263-6317. Message rates may apply. Reply STOP to end."
    )
    assert possible(ANN) is Texting.POSSIBLE


@pytest.mark.parametrize("body", ["", "Please stop my trial", "204816", "STOP IT", "☃", "{0} %s"])
def test_anything_else_gets_one_useful_sentence_and_changes_nothing(says, possible, body):
    sentence = "GoToMeeting: nobody reads text messages here. For a person, call +1 800-263-6317."
    assert reply(says(body)) == sentence
    assert possible(ANN) is Texting.POSSIBLE


def test_a_text_without_a_number_is_refused(says):
    assert says("STOP", number="").status_code == 400
    assert says("STOP", number="whatsapp:+14155550111").status_code == 400


@pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_what_the_carrier_did_not_sign_is_refused(says, possible, signature):
    assert says("STOP", signature=signature).status_code == 403
    assert possible(ANN) is Texting.POSSIBLE


def test_a_stop_that_could_not_be_noted_is_not_acknowledged(says, app, monkeypatch, caplog):
    def broken(*_):
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(type(app.extensions["answerline"].desk.outbox), "stop", broken)
    answer = says("STOP")
    assert (answer.status_code, answer.text) == (500, "Not noted.\n")
    assert ANN not in caplog.text


def test_the_log_shows_two_digits_and_nothing_that_was_written(says, caplog):
    with caplog.at_level(logging.DEBUG):
        says("my PIN is 918273")
        says("STOP")
    assert "text from …11: no keyword" in caplog.text
    assert "text from …11: STOP" in caplog.text
    assert "918273" not in caplog.text
    assert "4155550111" not in caplog.text

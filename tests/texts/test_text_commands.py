"""`flask texts`, as an operator meets it."""

import json
import re
import signal
import time
from dataclasses import replace

import pytest
from fake_carrier import ACCOUNT, TOKEN
from forked import Forked
from server import environment
from texted import ANN, LINE

from ivr.cli.go_on import Loop, go_on
from ivr.service_errors import ServiceError
from ivr.setting_rules import SettingsError
from ivr.text import Purpose, Text
from ivr.texts.crew import texts_worker_of
from ivr.web import create_app

PATIENCE_S = 30


@pytest.fixture
def line(request, settings, far, empty_database):  # noqa: ARG001 the database is a copy
    carrier = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "twilio_api_base": far.url}
    app = create_app(replace(settings, caller_id=LINE, **carrier))
    yield app
    app.extensions["answerline"].database.dispose()


@pytest.fixture
def run(line):
    return lambda *words: line.test_cli_runner().invoke(args=["texts", *words])


@pytest.fixture
def put(line):
    outbox = line.extensions["answerline"].desk.outbox
    return lambda key="CA1/x", to=ANN: outbox.put(Text(key, to, "Acme: hello", Purpose.ANSWER, "CA1"))


def test_send_does_what_is_due(run, put, far):
    put()
    put("CA2/x")
    assert run("send").output == "2 texts tried.\n"
    assert run("send").output == "0 texts tried.\n"
    assert [form["To"] for form in far.forms] == [ANN, ANN]


def test_the_list_masks_numbers_and_hides_words_unless_told(run, put, far):
    assert "No texts." in run("list").output
    put()
    far.faults = [(400, 21211)]
    run("send")
    put("CA2/x", "+14155550112")
    brief = run("list").output
    assert re.search(r"^ +2  2.*Z  waiting     answer  …12\n +1  2.*Z  dead        answer  …11  the carrier re", brief)
    assert "hello" not in brief
    assert "415555" not in brief
    assert "+14155550112  Acme: hello" in run("list", "--full").output
    assert run("list", "--state", "dead").output.count("\n") == 1


def test_the_list_for_programs(run, put):
    put()
    (text,) = json.loads(run("list", "--json").output)
    assert (text["to"], text["state"], text.get("body")) == ("…11", "waiting", None)
    (text,) = json.loads(run("list", "--json", "--full").output)
    assert (text["to"], text["body"]) == (ANN, "Acme: hello")


def test_a_dead_text_is_tried_again_by_hand_and_no_other(run, put, far):
    put()
    refused = run("retry", "1")
    assert refused.exit_code == 1
    assert refused.output == "Error: text 1 cannot be tried again: it is waiting, not dead\n"
    far.faults = [(400, 21606)]
    run("send")
    assert run("retry", "1").output == "Text 1 waits to be sent.\n"
    run("send")
    assert json.loads(run("list", "--json").output)[0]["state"] == "sent"


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"caller_id": ""}, "set CALLER_ID"), ({"twilio_account_sid": ""}, "set TWILIO_ACCOUNT_SID")],
)
def test_a_line_that_cannot_send_says_what_is_missing(settings, changed, said):
    settings = replace(settings, **changed)
    if not settings.twilio_account_sid:
        (settings.instance_dir / "twilio_account_sid").write_text("")
    with pytest.raises(SettingsError, match=said), texts_worker_of(settings, None, None):
        pass


def test_a_sender_that_goes_on_sends_what_comes_and_ends_when_told(line, put, far):
    settings = line.extensions["answerline"].settings
    env = environment(
        INSTANCE_DIR=str(settings.instance_dir), DATABASE_URL=settings.database_url, TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=TOKEN, TWILIO_API_BASE=far.url, CALLER_ID=LINE, DEPARTMENTS_FILE="",
    )  # fmt: skip
    put()
    sender = Forked("texts", "send", "--forever", env=env)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not far.messages:
            assert time.monotonic() < deadline, "it took too long"
            time.sleep(0.05)
        sender.send_signal(signal.SIGTERM)
        assert sender.wait(PATIENCE_S) == 0
    finally:
        sender.kill()
        sender.wait()


def test_a_pass_that_fails_is_logged_and_there_is_a_next_one(caplog):
    left = [ServiceError("away"), ZeroDivisionError(), KeyboardInterrupt()]

    def work():
        raise left.pop(0)

    go_on(Loop("texts", work, poll_s=0, trouble_s=0, gently=False))
    assert "texts: away" in caplog.text
    assert "texts: a pass has failed" in caplog.text

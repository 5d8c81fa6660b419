"""When texts are written at all: where they can be sent, and in a demo, which shows what would be."""

from dataclasses import replace

import pytest
from carrier import BASE
from carrier import TOKEN as SIGNING
from texted import ANN, LINE

from ivr.db.history import list_texts
from ivr.simulator import Phone
from ivr.text import Texting
from ivr.texts.desk import TextDesk
from ivr.web import create_app


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        ((True, LINE, False), Texting.POSSIBLE),
        ((True, "", False), Texting.OFF),
        ((True, "", True), Texting.OFF),
        ((False, LINE, False), Texting.OFF),
        ((False, "", True), Texting.POSSIBLE),
    ],
)
def test_a_line_that_could_send_nothing_promises_nothing(settings, engine, clock, case, verdict):
    """case: whether there is a carrier, CALLER_ID, and whether it is the demo."""
    carrier, caller_id, demo = case
    if not carrier:
        (settings.instance_dir / "twilio_account_sid").write_text(settings.twilio_account_sid)
    if demo:
        settings = replace(settings, database_url=f"sqlite:///{settings.instance_dir}/answerline.db")
    settings = replace(settings, caller_id=caller_id)
    assert TextDesk.of(settings, engine, clock).outbox.possible(ANN) is verdict


def test_its_callers_hear_so_and_their_changes_are_made(settings, clock):
    app = create_app(replace(settings, caller_id=""), clock)
    parts = app.extensions["answerline"]
    call = Phone(app, auth_token=SIGNING, base_url=BASE).dial("/voice")
    for keys in ["5", "3"]:
        call.press(keys)
    assert "I'm sorry, I can't send text messages at the moment. To hear that again, press 1." in " ".join(call.heard)
    assert list_texts(parts.database) == []
    parts.database.dispose()

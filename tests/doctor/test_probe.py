"""The line tells itself how a request arrived; strangers are told nothing, and nothing is written."""

import time

import pytest
from carrier import BASE, TOKEN
from twilio.request_validator import RequestValidator

from ivr.probe import SEAL, TICKET, ticket


def probe(client, given, path="/voice", token=TOKEN, **form):
    signature = RequestValidator(token).compute_signature(BASE + path, form)
    return client.post(path, data=form, headers={TICKET: given, "X-Twilio-Signature": signature})


def test_who_knows_the_token_is_told_and_no_call_begins(app, demo):
    answer = probe(app.test_client(), ticket(TOKEN, time.time()), CallSid="CA1", From="+14155550123")
    assert answer.json["signed"] is True
    assert answer.json["path"] == "/voice"
    assert demo.calls.load("CA1") is None


def test_an_address_that_is_none_is_seen_as_well(app):
    answer = probe(app.test_client(), ticket(TOKEN, time.time()), "/ivr/voice")
    assert (answer.status_code, answer.json["path"]) == (200, "/ivr/voice")


@pytest.mark.parametrize(
    "given",
    ["", "1", ticket("another token", time.time()), ticket(TOKEN, time.time() - 3600), f"{time.time():.0f}.00.é"],
    ids=["none", "no ticket", "of another", "old", "made up"],
)
def test_strangers_are_answered_as_ever(app, given):
    answer = probe(app.test_client(), given, token="another token")
    assert (answer.status_code, answer.data) == (403, b"The signature does not match.\n")
    assert SEAL not in answer.headers
    assert probe(app.test_client(), given, "/ivr/voice").status_code == 404

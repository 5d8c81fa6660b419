"""Every request the line makes is one that Twilio's own OpenAPI file allows: Prism reads both and compares."""

import re
from urllib.parse import parse_qs

import httpx
import pytest
from asking import CALL, FROM, SID, TEXT
from fake_carrier import ACCOUNT, TOKEN
from prism import known_fields, need_prism, running

from ivr.carrier.account import TwilioAccount
from ivr.carrier.calls import TwilioCalls
from ivr.carrier.errors import NotThereError
from ivr.carrier.numbers import TwilioNumbers
from ivr.carrier.recordings import TwilioRecordings
from ivr.carrier.texts import TwilioTexts
from ivr.number_book import wanted
from ivr.service_errors import ServiceError

pytestmark = pytest.mark.slow  # Prism itself takes most of ten seconds; what is sent is also in the tests beside this
ROOM = f"/2010-04-01/Accounts/{ACCOUNT}"
RECORDING, NUMBER = "RE" + "a" * 32, "PN" + "a" * 32


@pytest.fixture(scope="module")
def prism(tmp_path_factory):
    need_prism()
    with running(tmp_path_factory.mktemp("prism")) as url:
        yield url


@pytest.fixture
def client(prism):
    """Open one of the line's clients against Prism, and write down what it is answered."""
    opened, answers = [], []

    def of(adapter):
        client = adapter(ACCOUNT, TOKEN, prism, lambda _: None)
        client._transport._session.event_hooks = {"response": [answers.append]}
        opened.append(client)
        return client

    of.answers = answers
    yield of
    for client in opened:
        client.close()


# Without the blank SIDs that are sent where there is one to clear: the file knows no blank, the carrier does.
HERE = {name: value for name, value in wanted("https://line.example.com", messages=True).items() if value}
REQUESTS = {
    "a call is placed": (TwilioCalls, lambda calls: calls.place(**CALL), "POST", "/Calls.json"),
    "a call is ended": (TwilioCalls, lambda calls: calls.end(SID), "POST", f"/Calls/{SID}.json"),
    "a text is sent": (TwilioTexts, lambda texts: texts.send(**TEXT), "POST", "/Messages.json"),
    "a recording is deleted": (
        TwilioRecordings, lambda recordings: recordings.delete(RECORDING), "DELETE", f"/Recordings/{RECORDING}.json",
    ),
    "numbers are listed": (TwilioNumbers, lambda numbers: numbers.all(), "GET", "/IncomingPhoneNumbers.json"),
    "a number is found": (TwilioNumbers, lambda numbers: numbers.find(FROM), "GET", "/IncomingPhoneNumbers.json"),
    "a number is pointed here": (
        TwilioNumbers, lambda numbers: numbers.change(NUMBER, HERE), "POST", f"/IncomingPhoneNumbers/{NUMBER}.json",
    ),
    "verified numbers are listed": (
        TwilioNumbers, lambda numbers: numbers.verified(), "GET", "/OutgoingCallerIds.json",
    ),
    "the account is looked at": (TwilioAccount, lambda account: account.look(), "GET", ".json"),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_twilio_allows_it(client, name):
    adapter, ask, method, path = REQUESTS[name]
    ask(client(adapter))
    (answer,) = client.answers
    request = answer.request
    assert (request.method, request.url.path) == (method, ROOM + path)
    assert answer.is_success
    assert "sl-violations" not in answer.headers
    assert set(parse_qs(request.content.decode())) <= known_fields(method, request.url.path)


# What Twilio answers in its own examples is understood.
def test_the_sids_of_twilios_examples_are_read(client):
    assert re.fullmatch("CA[0-9a-f]{32}", client(TwilioCalls).place(**CALL))
    assert re.fullmatch("SM[0-9a-f]{32}", client(TwilioTexts).send(**TEXT))


# A recording's sound is described on Twilio's page, and not in its file, which knows the same address with `.json`.
def test_a_recording_is_fetched_from_beside_what_twilio_knows_of_it(client, prism):
    with pytest.raises(NotThereError):
        client(TwilioRecordings).fetch(RECORDING)
    path = client.answers[0].request.url.path
    assert path == f"{ROOM}/Recordings/{RECORDING}.wav"
    known = httpx.get(prism + path.replace(".wav", ".json"), auth=(ACCOUNT, TOKEN))
    assert known.is_success


# Prism is no yes-man: what Twilio's file forbids is told.
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/Calls.json", {"To": CALL["to"]}),
        ("/Calls.json", {"To": CALL["to"], "From": CALL["from_"], "Method": "PUT"}),
        ("/Calls.json", {"To": CALL["to"], "From": CALL["from_"], "Timeout": "long"}),
        ("/Calls/CA1.json", {"Status": "completed"}),
        (f"/Calls/{SID}.json", {"Status": "over"}),
        ("/Messages.json", {"Body": "to nobody"}),
    ],
)
def test_what_twilio_does_not_allow_is_noticed(prism, path, form):
    answer = httpx.post(prism + ROOM + path, data=form, auth=(ACCOUNT, TOKEN))
    assert answer.status_code == 422
    assert answer.json()["validation"]


def test_an_adapter_that_asks_for_what_twilio_does_not_allow_is_noticed(client):
    with pytest.raises(ServiceError, match="answers 422"):
        client(TwilioCalls).place(**CALL | {"ring_s": "long"})
    with pytest.raises(ServiceError, match="answers 422"):
        client(TwilioCalls).end("no SID")


def test_without_credentials_nothing_is_answered(prism):
    assert httpx.post(f"{prism}{ROOM}/Calls.json", data={}).status_code == 401


def test_a_field_that_twilio_does_not_know_is_noticed():
    need_prism()
    assert "RingFor" not in known_fields("POST", f"{ROOM}/Calls.json")
    with pytest.raises(AssertionError, match="there is no POST"):
        known_fields("POST", f"{ROOM}/Telegrams.json")

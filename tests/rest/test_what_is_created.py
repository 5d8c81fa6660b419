"""Calls and texts are created once at most: against a carrier on this machine that has its bad days."""

import httpx
import pytest
from asking import CALL, FROM, SID, TEXT, TO
from fake_carrier import ACCOUNT, TOKEN

from ivr.carrier.calls import TwilioCalls
from ivr.carrier.texts import TwilioTexts
from ivr.service_errors import RefusedError, ServiceError, UnknownOutcomeError


@pytest.fixture(params=["call", "text"])
def create(request, calls, texts):
    """Place a call, or send a text."""
    return (lambda: calls.place(**CALL)) if request.param == "call" else (lambda: texts.send(**TEXT))


def created(far):
    return len(far.calls) + len(far.messages)


def test_a_call_is_placed_as_it_was_asked_for(far, calls):
    assert calls.place(**CALL) in far.calls
    assert far.requests == [("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json")]
    assert far.forms == [
        {
            "To": TO,
            "From": FROM,
            "Url": "https://line.example.com/voice/out",
            "Method": "POST",
            "FallbackUrl": "https://line.example.com/voice/fallback",
            "FallbackMethod": "POST",
            "StatusCallback": "https://line.example.com/voice/status",
            "StatusCallbackEvent": "completed",
            "StatusCallbackMethod": "POST",
            "Timeout": "25",
            "TimeLimit": "14400",
        }
    ]


def test_a_call_may_be_cut_sooner(far, calls):
    calls.place(**CALL, limit_s=600)
    assert far.forms[0]["TimeLimit"] == "600"


def test_another_base_wins_over_an_edge_location(far, monkeypatch):
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    with TwilioCalls(ACCOUNT, TOKEN, far.url + "/") as calls:
        assert calls.place(**CALL) in far.calls


def test_a_text_is_sent_as_it_was_asked_for(far, texts):
    assert texts.send(**TEXT) in far.messages
    assert far.forms == [{"To": TO, "From": FROM, "Body": "We called you back."}]


# Rule: after a request that may have arrived nothing is asked again, and the outcome is open.
@pytest.mark.parametrize("fault", ["drop", "words", "nothing"])
def test_what_was_done_without_a_word_is_not_done_again(far, create, fault):
    far.faults = [fault]
    with pytest.raises(UnknownOutcomeError):
        create()
    assert created(far) == len(far.requests) == 1


@pytest.mark.parametrize("status", [408, 500, 501, 502, 503, 504, 520])
def test_what_failed_on_the_carriers_side_is_not_asked_again(far, create, pauses, status):
    far.faults = [status]
    with pytest.raises(UnknownOutcomeError, match=f"answered {status}"):
        create()
    assert len(far.requests) == 1
    assert pauses == []


def test_an_answer_that_never_comes_is_not_asked_for_again(far, monkeypatch):
    monkeypatch.setattr("ivr.carrier.transport.TIMEOUT", httpx.Timeout(0.2))
    far.faults = ["hang"]
    with TwilioTexts(ACCOUNT, TOKEN, far.url) as texts, pytest.raises(UnknownOutcomeError, match="ReadTimeout"):
        texts.send(**TEXT)
    assert created(far) == len(far.requests) == 1


def test_an_answer_that_drips_is_not_waited_for_to_its_end(far, create, monkeypatch):
    monkeypatch.setattr("ivr.carrier.transport.ANSWER_S", 0.05)
    far.faults = ["drip"]
    with pytest.raises(UnknownOutcomeError, match="longer than"):
        create()
    assert created(far) == len(far.requests) == 1


# Rule: what surely did nothing is asked again: a carrier that had no time, or one that was not reached.
def test_a_busy_carrier_is_asked_again(far, create, pauses):
    far.faults = [429, 429]
    create()
    assert created(far) == 1
    assert len(far.requests) == 3
    assert pauses == [0.5, 2.0]


def test_a_carrier_that_stays_busy_did_nothing(far, create):
    far.faults = [429] * 3
    with pytest.raises(ServiceError, match="answers 429") as told:
        create()
    assert type(told.value) is ServiceError, "may be asked again later"
    assert created(far) == 0


def test_the_carrier_says_how_long_it_is_busy(far, create, pauses):
    far.faults, far.retry_after = [429], "7"
    create()
    assert pauses == [7.0]


# Rule: who would have to wait longer than 20 s here comes back later, and does not knock before that.
def test_a_carrier_that_is_busy_for_long_is_left_alone(far, create, pauses):
    far.faults, far.retry_after = [429], "300"
    with pytest.raises(ServiceError, match="answers 429"):
        create()
    assert pauses == []
    assert len(far.requests) == 1


@pytest.mark.parametrize("adapter", [TwilioCalls, TwilioTexts])
def test_nobody_there_is_tried_three_times(adapter, pauses):
    with adapter(ACCOUNT, TOKEN, "http://127.0.0.1:9", pauses.append) as client:
        ask = client.place if adapter is TwilioCalls else client.send
        with pytest.raises(ServiceError, match="does not answer: ConnectError") as told:
            ask(**(CALL if adapter is TwilioCalls else TEXT))
    assert type(told.value) is ServiceError, "may be asked again later"
    assert pauses == [0.5, 2.0]


# Rule: a no that is about this number is for good; one about the account is not.
@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (400, 21211, "no number that can be reached"),
        (400, 21214, "no number that can be reached"),
        (400, 21215, "geographic permissions"),
        (403, 21408, "geographic permissions"),
        (400, 21610, "unsubscribed"),
        (400, 21614, "not a mobile number"),
        (400, 21212, "CALLER_ID"),
        (400, 21219, "trial account"),
        (400, 21999, "see its list of errors"),
    ],
)
def test_a_no_is_told_with_its_code_and_not_asked_again(far, create, status, code, told):
    far.faults = [(status, code)]
    with pytest.raises(RefusedError, match=rf"{told}.*\({code}\)") as no:
        create()
    assert no.value.code == code
    assert len(far.requests) == 1
    assert created(far) == 0


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (401, 20003, r"refuses TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN \(401\)"),
        (403, 20003, r"refuses TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN \(403\)"),
        (400, 10001, r"answers 400 \(10001\)"),
        (400, 20001, r"answers 400 \(20001\)"),
        (400, 21611, r"answers 400 \(21611\)"),
        (404, 20404, "TWILIO_ACCOUNT_SID, TWILIO_API_BASE"),
        (307, 307, "answers 307"),
    ],
)
def test_a_no_to_the_account_may_be_a_yes_later(far, create, status, code, told):
    far.faults = [(status, code)]
    with pytest.raises(ServiceError, match=told) as later:
        create()
    assert type(later.value) is ServiceError
    assert len(far.requests) == 1


@pytest.mark.parametrize("adapter", [TwilioCalls, TwilioTexts])
def test_wrong_credentials_are_told_by_the_names_of_the_settings(far, adapter):
    with adapter(ACCOUNT, "another", far.url) as client, pytest.raises(ServiceError, match="TWILIO_AUTH_TOKEN") as told:
        client.place(**CALL) if adapter is TwilioCalls else client.send(**TEXT)
    assert "another" not in str(told.value)


# Rule: a call is ended however often it takes; one that is over is over.
@pytest.mark.parametrize("fault", [429, 500, 503, "drop"])
def test_a_call_is_ended_even_when_the_carrier_stumbles(far, calls, fault):
    sid = calls.place(**CALL)
    far.faults = [fault]
    calls.end(sid)
    assert far.calls[sid] == "completed"
    assert far.forms[-1] == {"Status": "completed"}
    assert far.requests[-1] == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{sid}.json")


def test_a_call_that_is_over_can_be_ended_again(far, calls):
    far.calls[SID] = "completed"
    calls.end(SID)


def test_a_call_that_nobody_knows_is_over(calls):
    calls.end(SID)


def test_what_else_is_wrong_with_ending_a_call_is_told(far, calls):
    far.calls[SID] = "in-progress"
    for fault, told in (([(400, 21218)], "21218"), (["words"], "cannot be read"), ([503] * 3, "answers 503")):
        far.faults = fault
        with pytest.raises(ServiceError, match=told):
            calls.end(SID)

"""Faults between the carrier and an application; what callers hear of them is in tests/test_browser_phone.py."""

import pytest

from ivr.simulator.acts import Break
from ivr.simulator.caller import ScriptedCaller, ScriptError
from ivr.simulator.faults import Faults
from ivr.simulator.phone import Phone

TWIML = b"<Response><Gather action='/voice' actionOnEmptyResult='true'><Say>Hello.</Say></Gather></Response>"


class Application:
    def __init__(self):
        self.asked = []

    def __call__(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Type", "text/xml")])
        return [TWIML]


@pytest.fixture
def application():
    return Application()


@pytest.fixture
def waited():
    return []


@pytest.fixture
def dial(application, waited):
    phone = Phone(application, auth_token="token")
    return lambda fault=None, lasting=False, **options: phone.dial(
        "/voice",
        fallback="/fallback",
        status_callback="/status",
        faults=Faults(fault and Break(fault, lasting), waited.append),
        **options,
    )


def codes(call):
    return [event.code for event in call.events if event.event == "error"]


@pytest.mark.parametrize(
    ("fault", "code"), [("down", 11205), ("slow", 11200), ("error", 11200), ("broken", 12100)], ids=str
)
def test_the_next_webhook_fails_with_the_carriers_code_and_the_one_after_works(dial, fault, code):
    call = dial(fault)
    assert codes(call) == [code]
    assert call.press("1#").heard == ["Hello."]
    assert codes(call.act(Break(fault)).press("1#")) == [code, code]


def test_the_carriers_second_try_finds_it_down_as_well(dial, application):
    dial("down")
    assert application.asked == ["/fallback"]


def test_a_lasting_fault_spares_fallback_and_callbacks_and_ends_when_it_is_taken_away(dial):
    call = dial("error", lasting=True)
    call.press("1#")
    assert [exchange.purpose for exchange in call.requests] == ["voice", "fallback", "action", "fallback"]
    call.act(Break("")).press("2#")
    assert len(codes(call)) == 2
    assert call.act(Break("down", lasting=True)).hang_up().requests[-1].answer.status == 200


def test_a_slow_application_does_its_work_before_the_carrier_gives_up_fifteen_seconds_later(dial, application, waited):
    call = dial("slow")
    assert application.asked == ["/voice", "/fallback"]
    assert waited == [15.0]
    assert call.events[-1].at == 15.0


def test_breaking_something_takes_no_time_and_what_was_heard_stays_heard(dial):
    call = dial()
    at = call.time_s
    assert (call.act(Break("error")).time_s, call.heard) == (at, ["Hello."])


def test_a_script_breaks_things_too(dial):
    call = dial(caller=ScriptedCaller("fault:error 1# fault:broken,always 2# 3# fault:none 4# hangup"))
    assert codes(call) == [11200, 12100, 12100]


@pytest.mark.parametrize("words", ["fire", "", "error sometimes", "none always"])
def test_an_unknown_fault_is_refused(words):
    with pytest.raises(ValueError, match="down, slow, error, broken"):
        Break.read(words)
    with pytest.raises(ScriptError, match="down, slow, error, broken"):
        ScriptedCaller(f'"fault:{words}"')
    with pytest.raises(ValueError, match="not 'fire'"):
        Break("fire")


@pytest.mark.parametrize("words", ["error", "slow always", "none"])
def test_a_fault_is_written_as_it_is_read(words):
    assert str(Break.read(words)) == words

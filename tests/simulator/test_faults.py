"""Faults between the carrier and an application; what callers hear of them is in tests/test_browser_phone.py."""

import pytest

from ivr.simulator.faults import Faults
from ivr.simulator.phone import Phone

TWIML = b"<Response><Gather action='/voice' actionOnEmptyResult='true'><Say>Hello.</Say></Gather></Response>"


class Application:
    def __init__(self):
        self.asked, self.closed = [], 0

    def __call__(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Type", "text/xml")])
        return self

    def __iter__(self):
        yield TWIML

    def close(self):
        self.closed += 1


@pytest.fixture
def application():
    return Application()


@pytest.fixture
def waited():
    return []


@pytest.fixture
def faults(application, waited):
    return Faults(application, {"/fallback"}, waited.append)


@pytest.fixture
def dial(faults):
    phone = Phone(faults, auth_token="token")
    return lambda: phone.dial("/voice", fallback="/fallback")


def codes(call):
    return [event.code for event in call.events if event.event == "error"]


@pytest.mark.parametrize(
    ("fault", "code"), [("down", 11205), ("slow", 11200), ("error", 11200), ("broken", 12100)], ids=str
)
def test_the_next_webhook_fails_with_the_carriers_code_and_the_one_after_works(dial, faults, fault, code):
    faults.inject(fault)
    call = dial()
    assert codes(call) == [code]
    assert call.press("1#").heard == ["Hello."]
    assert codes(call) == [code]
    assert faults.injected == 1


def test_the_carriers_second_try_finds_it_down_as_well(dial, faults, application):
    faults.inject("down")
    dial()
    assert application.asked == ["/fallback"]


def test_a_lasting_fault_spares_the_fallback_and_ends_when_it_is_taken_away(dial, faults):
    faults.inject("error", lasting=True)
    call = dial()
    call.press("1#")
    assert [exchange.purpose for exchange in call.requests] == ["voice", "fallback", "action", "fallback"]
    faults.inject("")
    assert len(codes(call.press("2#"))) == 2


def test_a_slow_application_does_its_work_before_the_carrier_gives_up(dial, faults, application, waited):
    faults.inject("slow")
    dial()
    assert application.asked == ["/voice", "/fallback"]
    assert waited == [15.0]
    assert application.closed == 2


def test_an_unknown_fault_is_refused(faults):
    with pytest.raises(ValueError, match="down, slow, error, broken"):
        faults.inject("fire")

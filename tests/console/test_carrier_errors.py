"""Errors that the carrier tells of: what is kept of them, and what staff see."""

import json
from datetime import timedelta

import pytest
from carrier import SID

from ivr.carrier.error_codes import meaning
from ivr.db.carrier_errors import CarrierError, carrier_errors
from ivr.db.console.purge import Purge

NUMBER, PIN = "+14155550123", "204816"


@pytest.fixture
def tells(carrier):
    """Have the carrier tell of an error, as it does: with the whole request that failed."""

    def tell(sid="NO1", *, signature=None, level="ERROR", when="2027-03-01T17:59:00Z", **payload):
        request = {"url": "https://line.example.com/voice/verify/pin?turn=3", "method": "POST"}
        request["parameters"] = {"CallSid": SID, "From": NUMBER, "Digits": PIN}
        whole = {
            "resource_sid": SID,
            "service_sid": None,
            "error_code": "11200",
            "more_info": {"Msg": f"Digits={PIN} of {NUMBER} got 502", "LogLevel": "ERROR"},
            "webhook": {"type": "application/json", "request": request, "response": {"status_code": 502, "body": PIN}},
            **payload,
        }
        known = {"AccountSid": "AC0", "Sid": sid, "Timestamp": when, "Level": level, "PayloadType": "application/json"}
        form = {**known, "Payload": json.dumps(whole), "CallSid": None, "From": None, "To": None}
        return carrier.post("/voice/debugger", signature=signature, **form).status_code

    return tell


def kept(parts):
    return carrier_errors(parts.database, 10)


def test_an_error_is_kept_once_and_without_the_caller_or_their_digits(tells, demo, clock):
    assert (tells(), tells()) == (204, 204)
    (error,) = kept(demo)
    assert error == CarrierError(
        sid="NO1",
        at=clock.now() - timedelta(minutes=1),
        level="error",
        code=11200,
        call_sid=SID,
        resource_sid=SID,
        url="line.example.com/voice/verify/pin",
        message="Digits=••• of …23 got 502",
        id=error.id,
    )


def test_one_that_nobody_signed_is_refused(tells, demo):
    assert tells(signature="x") == 403
    assert kept(demo) == []


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"resource_sid": "MM1", "webhook": None}, (11200, None, "MM1", "")),
        ({"resource_sid": "MM1"}, (11200, SID, "MM1", "line.example.com/voice/verify/pin")),
        ({"error_code": "no code", "resource_sid": ["CA1"], "webhook": 7}, (None, None, "", "")),
        ({"error_code": "9" * 50, "resource_sid": "x" * 99, "webhook": {"request": []}}, (None, None, "", "")),
        ({"resource_sid": "", "webhook": {"request": {"url": "//["}}}, (11200, None, "", "")),
        ({"more_info": {"Msg": 7}, "webhook": {}}, (11200, SID, SID, "")),
    ],
)  # fmt: skip
def test_whatever_is_told_is_kept_as_far_as_it_can_be_read(tells, demo, payload, expected):
    assert tells(**payload) == 204
    (error,) = kept(demo)
    assert (error.code, error.call_sid, error.resource_sid, error.url) == expected


def test_what_is_no_json_is_kept_too_and_what_has_no_name_is_not(carrier, demo):
    assert carrier.post("/voice/debugger", Sid="NO2", Payload="[" * 20_000, Level="odd").status_code == 204
    assert carrier.post("/voice/debugger", Payload="{}").status_code == 400
    (error,) = kept(demo)
    assert (error.level, error.code, error.message) == ("other", None, "")


def test_a_long_message_is_cut_and_a_time_to_come_is_now(tells, demo, clock):
    tells(more_info={"msg": "x" * 5000}, when="2999-01-01T00:00:00Z")
    (error,) = kept(demo)
    assert (len(error.message), error.at) == (500, clock.now())


def test_leads_see_it_in_words_and_staff_on_the_page_of_the_call(tells, carrier, staffed, desk):  # noqa: ARG001 they are there
    carrier.post("/voice")
    tells()
    tells("NO2", error_code="99999")
    page = desk("lead").get("/console/carrier-errors").text
    assert "the line did not answer as it should" in page
    assert 'href="https://www.twilio.com/docs/api/errors/11200"' in page
    assert f"/console/calls/{SID}" in page
    only = desk("lead").sees("/console/carrier-errors?code=99999")
    assert "99999" in only
    assert "11200" not in only
    assert desk("lead").get("/console/carrier-errors?before=x").status_code == 400
    assert "the line did not answer as it should" in desk("staff").sees(f"/console/calls/{SID}")


def test_it_goes_with_the_calls_of_its_days(tells, demo, clock):
    tells(resource_sid="MM1", webhook=None)
    clock.passes(days=395)
    assert Purge.of(demo.settings, demo.database, clock).due().get("carrier_errors", 0) == 0
    clock.passes(days=3)
    assert Purge.of(demo.settings, demo.database, clock).run("flask").counts["carrier_errors"] == 1
    assert kept(demo) == []


def test_codes_are_told_in_words_or_at_least_in_kind():
    assert meaning(11236).startswith("the certificate is no longer valid")
    assert meaning(21211) == "no number that can be reached"
    assert meaning(11999).startswith("the line could not be asked")
    assert (meaning(99999), meaning(None)) == ("", "")

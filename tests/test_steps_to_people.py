"""The business steps that lead to people, a department, a callback, a message, as each outcome of the others asks."""

from dataclasses import replace
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from databases import FakeClock

from ivr.actions.callback import (
    Booked,
    CallBack,
    Desk,
    MayCall,
    book_callback,
    callback_number,
    cancel_callback,
    rejoin_line,
    review_callback,
)
from ivr.actions.reach import Reach, join_line, reach_sales, reach_support
from ivr.actions.voicemail import Reply, can_reply, delete_message, keep_message, send_message
from ivr.call import Call, Disposition, Recorded
from ivr.departments import Department
from ivr.memory_accounts import MemoryAccounts
from ivr.messages import Mailbox
from ivr.numbers import Numbers
from ivr.opening_hours import OpeningHours, Shift
from ivr.services import Services
from ivr.waiting_room import Entry, WaitingRoom

HERE, ELSEWHERE, WITHHELD = "+14155550199", "+14155550123", "anonymous"
LINE, A_DESK = "+18005550100", "+18886460014"
CALLER = Call("CA1", HERE, LINE, offer="an older offer", facts={"plan": "annual"})
FRIDAY = OpeningHours(ZoneInfo("UTC"), (Shift(4, 9 * 60, 18 * 60),))  # the clock stands at five on a Friday


@pytest.fixture
def services():
    departments = {name: Department(name, name, (A_DESK,), FRIDAY) for name in ("sales", "support")}
    return Services(
        MemoryAccounts([]),
        Mock(),
        FakeClock(),
        {},
        departments=Mock(current=lambda: departments),
        mailbox=Mock(spec=Mailbox),
        waiting=Mock(spec=WaitingRoom, **{"promised.return_value": "", "enter.return_value": (Entry.IN_LINE, "")}),
        numbering=Numbers({"US"}),
    )


STEPS = pytest.mark.parametrize(("reach", "name"), [(reach_sales, "sales"), (reach_support, "support")])


# Who asks for a department is there for it alone: an offer of before is worth nothing, what is known of them stays.
@STEPS
@pytest.mark.parametrize("entry", Entry)
def test_an_open_department_is_reached_as_the_waiting_room_says(reach, name, entry, services):
    services.waiting.enter.return_value = (entry, "a new offer")
    outcome, call = reach(CALLER, services)
    assert outcome is Reach[entry.name]
    assert (call.department, call.offer, call.facts) == (name, "a new offer", {"plan": "annual", "department": name})
    (entered,) = services.waiting.enter.call_args.args
    assert (entered.sid, entered.department, entered.offer) == ("CA1", name, "")


# Nobody takes a place in the line of people who have gone home.
@STEPS
def test_a_closed_department_has_no_line(reach, name, services):
    services.clock.passes(hours=1)
    outcome, call = reach(CALLER, services)
    assert (outcome, call.department, call.offer) == (Reach.CLOSED, name, "")
    assert not services.waiting.enter.called


def test_who_joins_the_line_is_offered_to_nobody_yet(services):
    assert join_line(CALLER, services)[1] == replace(CALLER, offer="")
    services.waiting.wait.assert_called_once_with(CALLER)


# A callback goes to the number of the call, unless that is none, is ours, or may not be rung: then we ask for another.
@pytest.mark.parametrize(
    ("caller", "outcome"),
    [
        (HERE, CallBack.KNOWN),
        (WITHHELD, CallBack.ASK),
        (LINE, CallBack.ASK),
        (A_DESK, CallBack.ASK),
        ("+442079460123", CallBack.ASK),  # the line calls back within its own countries
    ],
)
def test_a_callback_is_for_the_number_of_the_call_where_that_may_be_rung(caller, outcome, services):
    found, call = review_callback(replace(CALLER, caller=caller), services)
    assert found is outcome
    assert call.facts.get("number") == (HERE if outcome is CallBack.KNOWN else None)


@pytest.mark.parametrize(("asked_for", "then"), [("", "support"), ("sales", "sales")])
def test_a_callback_is_by_the_department_that_was_asked_for_or_by_support(asked_for, then, services):
    _, call = review_callback(replace(CALLER, department=asked_for), services)
    assert (call.department, call.facts["department"]) == (then, then)
    assert services.waiting.promised.call_args.args[0].department == then


# The number of a promise may be another person's by now: whoever calls from it hears its end, and no more.
def test_of_a_number_that_was_promised_a_callback_only_its_end_is_told(services):
    services.waiting.promised.return_value = ELSEWHERE
    outcome, call = review_callback(CALLER, services)
    assert (outcome, call.facts["ending"]) == (CallBack.PROMISED, "23")
    assert ELSEWHERE not in repr(call)


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("4155550123", ELSEWHERE),
        ("8005550100", None),  # the line's own number would answer itself
        ("8886460014", None),  # so would a desk's
        ("01142079460123", None),  # not of a country that is called back
        ("12345", None),
    ],
)
def test_another_number_is_taken_where_it_may_be_rung(digits, number, services):
    outcome, call = callback_number(CALLER, services, digits)
    assert (outcome, call.facts.get("number")) == ((MayCall.YES if number else MayCall.NO), number)
    assert call.facts["plan"] == "annual"


# A promise holds as soon as it is made: the call has come to something, whenever the telephone rings.
@pytest.mark.parametrize(("hours", "when"), [(0, Booked.SOON), (1, Booked.LATER)])
def test_a_callback_comes_in_turn_and_not_before_the_department_is_back(hours, when, services):
    services.waiting.book.return_value = True
    services.clock.passes(hours=hours)
    asks = replace(CALLER, department="sales").knows(number=ELSEWHERE)
    booked, call = book_callback(asks, services)
    assert (booked, call.disposition) == (when, Disposition.CALLBACK)
    services.waiting.book.assert_called_once_with(asks, ELSEWHERE)


def test_a_callback_that_is_one_too_many_is_not_promised(services):
    services.waiting.book.return_value = False
    asks = replace(CALLER, department="sales").knows(number=ELSEWHERE)
    assert book_callback(asks, services) == (Booked.TOO_MANY, asks)


@pytest.mark.parametrize(("department", "desk"), [("sales", Desk.SALES), ("support", Desk.SUPPORT)])
def test_a_callback_is_given_up_for_the_line_of_its_department(department, desk, services):
    waits = replace(CALLER, department=department)
    assert rejoin_line(waits, services) == (desk, waits)
    services.waiting.rejoin.assert_called_once_with(waits)


def test_a_callback_is_cancelled_for_this_caller(services):
    assert cancel_callback(CALLER, services)[1] == CALLER
    services.waiting.cancel.assert_called_once_with(CALLER)


# A message without a number to call back has to hold one: its caller is told so before recording, and after.
@pytest.mark.parametrize(("caller", "reply"), [(HERE, Reply.POSSIBLE), (WITHHELD, Reply.NO_NUMBER)])
def test_a_caller_hears_whether_a_message_can_be_answered(caller, reply, services):
    leaves = replace(CALLER, caller=caller, message="RE1")
    asked, before = can_reply(leaves, services)
    sent, after = send_message(leaves, services)
    assert (asked, sent) == (reply, reply)
    assert before.facts["department"] == "support"
    assert can_reply(replace(leaves, department="sales"), services)[1].facts["department"] == "sales"
    assert (after.message, after.disposition) == ("", Disposition.VOICEMAIL)
    services.mailbox.send.assert_called_once_with("RE1")


# What was recorded is kept before anything is asked; a second try replaces the first, a repeated webhook nothing.
@pytest.mark.parametrize(("before", "replaced"), [("", ""), ("RE1", "RE1"), ("RE2", "")])
def test_what_was_recorded_last_is_the_message(before, replaced, services):
    speaks = replace(CALLER, recorded=Recorded("RE2", 7), message=before)
    _, call = keep_message(speaks, services)
    assert call.message == "RE2"
    (message,), named = services.mailbox.keep.call_args
    assert (message.recording_sid, message.call_sid, message.seconds) == ("RE2", "CA1", 7)
    assert named == {"instead_of": replaced}


def test_a_message_that_nobody_shall_hear_is_deleted(services):
    assert delete_message(replace(CALLER, message="RE1"), services)[1].message == ""
    services.mailbox.discard.assert_called_once_with("RE1")

"""What happens on the line, and what a company's own systems are told of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from told import told

from ivr.accounts import ChangeKind
from ivr.bootstrap import build
from ivr.call import Call, Recorded
from ivr.db.console.erase import Eraser
from ivr.db.database import writing
from ivr.db.models.calls import CallRow
from ivr.db.offers import Offers
from ivr.messages import Message
from ivr.pins import PinTry
from ivr.service_errors import ServiceError

CALLER = "+14155550199"
CALL = Call("CA1", CALLER, "+18005550100", department="support")
KEYS = ["3", "1", "70000011", "204816", "2#"]


@pytest.fixture
def cancels(phone):
    """Cancel a trial by telephone, and hang up."""

    def call():
        call = phone.dial("/voice", from_=CALLER, status_callback="/voice/status")
        for keys in KEYS:
            call.press(keys)
        if not call.ended:
            call.hang_up()
        return call

    return call


def types(demo):
    return [kind for kind, _ in told(demo.database)]


def test_a_change_and_the_end_of_its_call_are_told_of_with_the_account(demo, cancels):
    sid, ann = cancels().call_sid, demo.accounts.find("70000011")
    (changed, change), (ended, end) = told(demo.database)
    assert (changed, ended) == ("account.changed", "call.ended")
    assert change == {
        "account_id": ann.id,
        "call_sid": sid,
        "simulated": True,
        "change": "cancel_trial",
        "code": ann.last_change.code,
        "by": "caller",
    }
    assert (end["account_id"], end["status"], end["disposition"]) == (ann.id, "completed", "resolved")
    assert "204816" not in str(told(demo.database))
    assert CALLER not in str(told(demo.database))


def test_a_line_that_serves_customers_does_not_tell_of_simulated_calls(app, demo, settings, clock, cancels):
    quiet = build(replace(settings, events_simulated=""), clock)
    app.extensions["answerline"] = quiet
    cancels()
    assert told(demo.database) == []
    quiet.database.dispose()


def test_a_change_that_is_not_made_is_not_told_of(demo):
    """Whatever fails in the same transaction takes the event with it."""

    def fails(*_):
        raise ServiceError("away")

    ann = demo.accounts.find("70000011")
    with pytest.raises(ServiceError):
        demo.accounts.telling(fails).change(ann.id, ChangeKind.CANCEL_TRIAL, "CA1", "CA1/5", demo.clock.today())
    assert told(demo.database) == []


def test_an_undoing_by_staff_says_so(demo):
    ann, today = demo.accounts.find("70000011"), demo.clock.today()
    for _ in range(2):  # a repeated webhook tells once
        demo.accounts.change(ann.id, ChangeKind.CANCEL_TRIAL, "CA1", "CA1/5", today)
    demo.accounts.change(ann.id, ChangeKind.UNDO_CANCEL_TRIAL, "console:lea", "console/undo/1", today)
    assert types(demo) == ["account.changed", "account.change_undone"]
    undone = told(demo.database)[1][1]
    assert (undone["by"], undone["call_sid"]) == ("staff", None)


def test_a_lock_is_told_of_and_its_opening_by_staff(demo):
    ann = demo.accounts.find("70000011").id
    for number in range(5):
        demo.pins.check(PinTry(ann, f"+1415555010{number}", f"CA{number}", f"CA{number}/3"), "111111")
    demo.pins.unlock(ann)
    demo.pins.unlock(ann)  # it is open
    (locked, lock), (unlocked, unlock) = told(demo.database)
    assert (locked, unlocked) == ("account.locked", "account.unlocked")
    until = (demo.clock.now() + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
    assert (lock["account_id"], lock["call_sid"], lock["until"]) == (ann, "CA4", until)
    assert unlock["account_id"] == ann


def test_a_right_pin_that_closed_the_account_for_a_moment_is_no_lock(demo):
    """A try counts as wrong until it is proved right; the fifth closes the account so long."""
    ann = demo.accounts.find("70000011").id
    for number in range(4):
        demo.pins.check(PinTry(ann, f"+1415555010{number}", f"CA{number}", f"CA{number}/3"), "111111")
    demo.pins.check(PinTry(ann, "+14155550109", "CA9", "CA9/3"), "204816")
    assert told(demo.database) == []


def test_a_message_is_told_of_once_when_it_is_sent_or_its_call_is_over(demo, carrier):
    carrier.post("/voice", "CA1", From=CALLER)
    demo.mailbox.keep(Message("RE1", "CA1", "support", "", CALLER, seconds=9))
    assert types(demo) == [], "the caller may still delete it"
    demo.mailbox.send("RE1")
    demo.mailbox.keep(Message("RE2", "CA1", "support", "", CALLER, seconds=5))
    carrier.post("/voice/status", "CA1", From=CALLER, CallStatus="completed", CallDuration="30")
    demo.mailbox.reported("CA1", Recorded("RE1", 9), "completed")
    assert types(demo) == ["voicemail.left", "voicemail.left", "call.ended"]
    message = told(demo.database)[0][1]
    assert (message["number"], message["seconds"], message["account_id"]) == (CALLER, 9, None)


@pytest.mark.parametrize(("ends", "told_of"), [("cancel", ("callback.given_up", "unwanted")), ("rejoin", None)])
def test_a_callback_is_told_of_from_its_promise_to_its_end(demo, ends, told_of):
    for _ in range(2):
        demo.waiting.book(CALL, CALLER)
    getattr(demo.waiting, ends)(CALL)
    (asked, request), (ended, end) = told(demo.database)
    assert (asked, request["number"], request["department"]) == ("callback.requested", CALLER, "support")
    assert (ended, end["reason"]) == (told_of or ("callback.given_up", "called_again"))
    assert end["callback_id"] == request["callback_id"]


@pytest.mark.parametrize("reached", [True, False])
def test_a_callback_is_done_or_given_up_after_the_third_try(demo, clock, reached):
    demo.waiting.book(CALL, CALLER)
    for _ in range(1 if reached else 3):
        offer = Offers(demo.waiting.lines).next()
        demo.waiting.take(offer.id, offer.number)
        if reached:
            demo.waiting.reach(offer.id)
        demo.waiting.finish(offer.id)
        clock.passes(minutes=30)
    assert types(demo) == ["callback.requested", "callback.done" if reached else "callback.given_up"]


def test_no_number_is_told_where_the_operator_wants_none(demo, settings, clock):
    shy = build(replace(settings, events_numbers="no"), clock)
    shy.waiting.book(CALL, CALLER)
    assert told(demo.database)[0][1]["number"] is None
    shy.database.dispose()


def test_the_number_of_a_caller_who_is_erased_is_masked(demo, carrier, clock):
    carrier.post("/voice", "CA1", From=CALLER)
    demo.waiting.book(CALL, CALLER)
    carrier.post("/voice/status", "CA1", From=CALLER, CallStatus="completed", CallDuration="30")
    clock.passes(hours=1)
    with writing(demo.database) as session:
        session.execute(update(CallRow).values(ended_at=clock.now() - timedelta(minutes=30)))
    Eraser.of(demo.settings, demo.database, clock).erase(CALLER, "tests")
    assert told(demo.database)[0][1]["number"] == "…99"


def test_nobody_is_told_where_no_address_is_set(demo, settings, clock):
    quiet = build(replace(settings, events_url=""), clock)
    quiet.waiting.book(CALL, CALLER)
    quiet.calls.ended(CALL, "completed", 3, clock.now())
    assert told(demo.database) == []
    quiet.database.dispose()

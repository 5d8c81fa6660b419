"""The limits on guessing PINs, past those that a caller notices (test_pins.py): what counts, and for how long."""

from datetime import timedelta

import pytest
from databases import add_account
from pins_tried import ANN, BAD, CORRECT, RIGHT, WRONG, accounts, fails, pins, told, tries
from sqlalchemy import delete

from ivr.db.database import writing
from ivr.db.models.pins import PinTryRow
from ivr.db.pins import IN_TOTAL, PER_ACCOUNT, PER_CALLER, UNTIL_UNLOCKED
from ivr.pins import PinTry
from ivr.service_errors import ServiceError

__all__ = ["accounts", "fails", "pins", "told", "tries"]


@pytest.fixture
def ben(engine, hasher):
    return add_account(engine, hasher, "70000012", RIGHT)


# The owner of one account can try at another's in the same call: their own right PIN pays for nothing there.
def test_a_right_pin_forgives_nothing_at_another_account(pins, tries, clock, ann, ben):
    for number in range(IN_TOTAL):
        assert pins.locked_until(ben, clock.now()) is None, number
        tries(ben, BAD, f"CA-{number}")
        assert tries(ann, RIGHT, f"CA-{number}") is CORRECT
        clock.passes(days=1)
    assert pins.locked_until(ben, clock.now()) == UNTIL_UNLOCKED


# A try that was not compared has not happened: it closes nothing, and closes nothing for longer.
def test_tries_that_are_not_compared_leave_the_next_lock_as_long_as_it_was(pins, accounts, fails, clock, ann):
    fails(ann, PER_ACCOUNT)
    clock.passes(minutes=30)
    accounts.dead = True
    for _ in range(3):
        with pytest.raises(ServiceError):
            fails(ann, 1)
        assert pins.locked_until(ann, clock.now()) is None
    accounts.dead = False
    fails(ann, 1)
    assert pins.locked_until(ann, clock.now()) == clock.now() + timedelta(hours=1)


# Each lock is longer than the one before; a day without failures, or a right PIN, begins anew with the shortest.
@pytest.mark.parametrize("then", ["a day", "the right pin"])
def test_a_new_series_of_failures_closes_for_half_an_hour_again(pins, tries, fails, clock, ann, then):  # noqa: PLR0917
    fails(ann, PER_ACCOUNT)
    clock.passes(minutes=30)
    fails(ann, 1)
    assert pins.locked_until(ann, clock.now()) == clock.now() + timedelta(hours=1)
    clock.passes(hours=25 if then == "a day" else 1)
    if then == "the right pin":
        assert tries(ann, RIGHT) is CORRECT
    fails(ann, PER_ACCOUNT)
    assert pins.locked_until(ann, clock.now()) == clock.now() + timedelta(minutes=30)


def test_a_try_at_an_unknown_account_may_find_the_account_system_away(accounts, tries):
    accounts.dead = True
    with pytest.raises(ServiceError):
        tries(None, BAD)


# The whole day counts: a caller's number, and an account, are open again when a day is over and not before.
def test_a_callers_day_ends_to_the_second(tries, clock, ann):
    for _ in range(PER_CALLER):
        tries(None, BAD, by=ANN)
        clock.passes(hours=1)
    clock.passes(hours=23, seconds=-1)
    assert tries(ann, RIGHT, by=ANN) is WRONG
    clock.passes(seconds=1)
    assert tries(ann, RIGHT, by=ANN) is CORRECT


def test_what_was_wrong_a_whole_day_ago_counts_no_more(pins, tries, clock, ann):
    for number in range(PER_CALLER - 1):
        tries(ann if number < PER_ACCOUNT - 1 else None, BAD, by=ANN)
    clock.passes(hours=24)
    tries(ann, BAD, by=ANN)
    assert not pins.spent("CA-new", ANN)
    assert pins.locked_until(ann, clock.now()) is None


# What is keyed in when a call has no try left is not looked at, and a right PIN is no failure: neither costs a caller.
def test_only_failures_that_were_looked_at_cost_a_caller(pins, tries, ann):
    for _ in range(PER_CALLER):
        assert tries(ann, RIGHT, by=ANN) is CORRECT
        tries(None, BAD, "CA-one", ANN)
    tries(None, BAD, "CA-two", ANN)
    assert not pins.spent("CA-new", ANN)
    tries(None, BAD, "CA-two", ANN)
    tries(None, BAD, "CA-two", ANN)
    assert pins.spent("CA-new", ANN)


def test_a_locked_account_costs_a_caller_as_much_as_an_open_one(pins, tries, fails, ann):
    fails(ann, PER_ACCOUNT)
    for _ in range(PER_CALLER):
        assert not pins.spent("CA-new", ANN)
        tries(ann, BAD, by=ANN)
    assert pins.spent("CA-new", ANN)


# Whoever is let in again by staff has all twenty before them: none of the tries before counts, the last one neither.
def test_after_staff_have_unlocked_it_takes_twenty_failures_again(pins, fails, clock, ann):
    fails(ann, 1)
    pins.unlock(ann)
    for _ in range(IN_TOTAL - 1):
        fails(ann, 1)
        clock.passes(days=1)
    assert pins.locked_until(ann, clock.now()) is None
    fails(ann, 1)
    assert pins.locked_until(ann, clock.now()) == UNTIL_UNLOCKED


def test_staff_may_open_what_was_never_closed(pins, tries, fails, clock, ann):
    pins.unlock(ann)
    fails(ann, PER_ACCOUNT - 1)
    assert pins.locked_until(ann, clock.now()) is None
    pins.unlock(ann)
    pins.unlock(ann)
    fails(ann, PER_ACCOUNT - 1)
    assert pins.locked_until(ann, clock.now()) is None
    assert tries(ann, RIGHT) is CORRECT


def test_what_is_written_beside_an_unlocking_is_written_with_it_or_neither(pins, fails, clock, ann):
    def fails_too(session):
        assert session.in_transaction()
        raise RuntimeError("the audit log cannot be written")

    fails(ann, PER_ACCOUNT)
    with pytest.raises(RuntimeError):
        pins.unlock(ann, fails_too)
    assert pins.locked_until(ann, clock.now())


# Old tries are purged; what is tried after that counts, and what staff has set to nothing counts no more.
def test_limits_hold_though_all_earlier_tries_are_purged(engine, pins, fails, clock, ann):
    fails(ann, PER_ACCOUNT)
    pins.unlock(ann)
    with writing(engine) as session:
        session.execute(delete(PinTryRow))
    pins.unlock(ann)
    fails(ann, PER_ACCOUNT)
    assert pins.locked_until(ann, clock.now()) == clock.now() + timedelta(minutes=30)


# Whatever the carrier names a call: it is counted, and known again.
def test_a_call_of_any_name_has_three_tries(pins, ann):
    for number in range(3):
        assert not pins.spent("CA\0", "anonymous")
        attempt = PinTry(ann, "anonymous", "CA\0", f"CA\0/{number}")
        assert pins.check(attempt, BAD) is pins.check(attempt, RIGHT)
    assert pins.spent("CA\0", "anonymous")
    assert not pins.spent("CA", "anonymous")

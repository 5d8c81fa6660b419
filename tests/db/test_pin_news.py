"""Who keeps an eye on accounts is told of locks, when they are sure."""

from datetime import timedelta

import pytest
from pins_tried import BAD, CORRECT, RIGHT, accounts, fails, pins, told, tries

from ivr.db.pins import IN_TOTAL, PER_ACCOUNT, UNPROVED_S
from ivr.events import AccountLocked, AccountUnlocked, By, iso
from ivr.service_errors import ServiceError

__all__ = ["accounts", "fails", "pins", "told", "tries"]


# Somebody is told of a lock when it is sure: the try that closes an account may yet be the right one.
def test_a_lock_is_told_of_with_its_end_and_held_until_it_is_sure(told, tries, fails, clock, ann):
    fails(ann, PER_ACCOUNT - 1)
    assert told.told == []
    tries(ann, BAD, "CA-last")
    ((event, at, more),) = told.told
    assert (event, at) == (AccountLocked(iso(clock.now() + timedelta(minutes=30))), clock.now())
    key = more.pop("key")
    assert more == {"call_sid": "CA-last", "account_id": ann, "hold_s": UNPROVED_S}
    assert (bool(key), told.withdrawn) == (True, [])


@pytest.mark.parametrize("proves", ["right", "not compared"])
def test_a_lock_that_is_lifted_is_taken_back_unsent(told, accounts, tries, ann, proves):
    for _ in range(PER_ACCOUNT - 1):
        tries(ann, BAD)
    if proves == "right":
        assert tries(ann, RIGHT) is CORRECT
    else:
        accounts.dead = True
        with pytest.raises(ServiceError):
            tries(ann, BAD)
    assert told.withdrawn == [more["key"] for _, _, more in told.told]
    assert len(told.withdrawn) == 1


def test_a_lock_without_an_end_is_told_of_as_such_and_its_opening_once(told, pins, tries, clock, ann):
    for _ in range(IN_TOTAL):
        tries(ann, BAD)
        clock.passes(days=1)
    assert told.told[-1][0] == AccountLocked(None)
    told.told.clear()
    pins.unlock(ann)
    pins.unlock(ann)
    assert told.told == [(AccountUnlocked(By.STAFF), clock.now(), {"account_id": ann})]


def test_a_lock_that_has_run_out_is_opened_by_nobody(told, pins, fails, clock, ann):
    fails(ann, PER_ACCOUNT)
    clock.passes(minutes=30)
    told.told.clear()
    pins.unlock(ann)
    assert told.told == []

"""Callers who must not be told apart: unknown, wrong, locked, expired. Each types digits that sound the same."""

from datetime import timedelta
from itertools import count

from sqlalchemy import insert

from ivr.accounts import Plan
from ivr.db.models.accounts import AccountRow
from ivr.db.models.pins import PinLockRow
from ivr.db.pins import UNTIL_UNLOCKED

RIGHT, BAD = "204816", "931507"
REFERENCE = "a wrong PIN"
CONTROL = "a wrong PIN, once more"
UNKNOWN = "an unknown account"
LOCKED = "the right PIN, locked for a time"
EXPIRED = "a wrong PIN, trial expired"
_strangers = (f"+1718{n:07d}" for n in count(2_000_000))


def furnish(engine, hasher, clock, accounts):
    """Open so many accounts of each class. Returns, by class, the accounts' numbers, and the PIN that is tried."""
    today = clock.today()
    running, over = today + timedelta(days=12), today - timedelta(days=40)
    # By class: last day of the trial (none: there is no such account), whether it has a PIN, what is tried, the lock.
    classes = {
        REFERENCE: (running, True, BAD, None),
        CONTROL: (running, True, BAD, None),
        UNKNOWN: (None, False, RIGHT, None),
        LOCKED: (running, True, RIGHT, clock.now() + timedelta(days=9)),
        "the right PIN, locked for good": (running, True, RIGHT, UNTIL_UNLOCKED),
        EXPIRED: (over, True, BAD, None),
        "an account without a PIN": (running, False, RIGHT, None),
    }
    kinds, rows, locks = {}, [], []
    for place, (name, (last_day, has_pin, tried, until)) in enumerate(classes.items(), 1):
        numbers = [f"{place}{n:07d}" for n in range(accounts)]
        kinds[name] = (numbers, tried)
        for number in numbers if last_day else ():
            row_id = len(rows) + 1
            pin_hash = hasher.hash(number, RIGHT) if has_pin else None
            rows.append({"id": row_id, "account_number": number, "pin_hash": pin_hash, "name": "", "plan": Plan.TRIAL})
            rows[-1]["trial_ends_on"] = last_day
            if until:
                locks.append({"account_id": str(row_id), "locked_until": until})
    with engine.begin() as connection:
        connection.execute(insert(AccountRow), rows)
        connection.execute(insert(PinLockRow), locks)
    return kinds


def stranger():
    """Return a number that has never called."""
    return next(_strangers)

"""Tries at PINs, one by one: with an account system that may be away, and with somebody who is told of locks."""

import pytest

from ivr.db.accounts import SqlAccounts
from ivr.db.pins import SqlPins
from ivr.pins import PinResult, PinTry
from ivr.service_errors import ServiceError

RIGHT, BAD = "204816", "931507"
CORRECT, WRONG = PinResult.CORRECT, PinResult.WRONG
ANN, BOB = "+14155550111", "+14155550122"


class Told:
    """Notes what is told in somebody's transaction, and what of it is taken back."""

    def __init__(self):
        self.told, self.withdrawn = [], []

    def write(self, connection, event, at, **more):
        assert connection.in_transaction()
        self.told.append((event, at, more))

    def withdraw(self, connection, key):
        assert connection.in_transaction()
        self.withdrawn.append(key)


class Sometimes:
    """Accounts that do not answer while `dead`."""

    def __init__(self, accounts):
        self.accounts, self.dead = accounts, False

    def check_pin(self, account_id, pin):
        if self.dead:
            raise ServiceError("billing is down")
        return self.accounts.check_pin(account_id, pin)


@pytest.fixture
def accounts(engine, hasher, clock):
    return Sometimes(SqlAccounts(engine, hasher, clock))


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def pins(engine, accounts, clock, told):
    return SqlPins(engine, accounts, clock, "pepper", told)


@pytest.fixture
def tries(pins):
    """A try; in a call of its own, from a withheld number, unless it is said otherwise."""
    made = []

    def one(account_id, pin, call="", by="anonymous"):
        made.append(call)
        sid = call or f"CA{len(made)}"
        return pins.check(PinTry(account_id, by, sid, f"{sid}/{len(made)}"), pin)

    return one


@pytest.fixture
def fails(tries):
    def several(account_id, times):
        for _ in range(times):
            assert tries(account_id, BAD) is not CORRECT

    return several

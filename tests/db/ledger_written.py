"""A ledger that the tests of it write: by its keys, in a database of Ann's changes."""

import pytest
from databases import TODAY
from sqlalchemy import select

from ivr.accounts import Change, ChangeKind
from ivr.db.accounts import SqlAccounts
from ivr.db.ledger import LEDGER, Ledger
from ivr.db.ledger_chain import key_id, seal_key

DO, UNDO = ChangeKind.CANCEL_TRIAL, ChangeKind.UNDO_CANCEL_TRIAL
KEY, BEFORE = seal_key("a secret key"), seal_key("the key before")
KEYS = {key_id(KEY): KEY, key_id(BEFORE): BEFORE}


@pytest.fixture
def ledger(clock):
    return Ledger(clock, KEYS)


@pytest.fixture
def silent(engine, hasher, clock):
    """Accounts as an older version had them: their changes have no entries."""
    return SqlAccounts(engine, hasher, clock)


@pytest.fixture
def accounts(engine, hasher, clock, ledger):
    return SqlAccounts(engine, hasher, clock, ledger.changed)


def changes(accounts, account_id, times, call="CA1"):
    for number in range(times):
        kind = UNDO if accounts.get(account_id).cancels_at_trial_end else DO
        assert isinstance(accounts.change(account_id, kind, call, f"{call}/{number}", TODAY), Change)


def entries(engine):
    with engine.connect() as connection:
        return connection.execute(select(LEDGER).order_by(LEDGER.c.seq)).all()


def alter(engine, *statements):
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def entry_of(number):
    return LEDGER.c.seq == number


@pytest.fixture
def five(accounts, ann):
    changes(accounts, ann, 5)

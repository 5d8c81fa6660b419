from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.accounts import Change, ChangeKind, Refusal
from ivr.db.accounts import SqlAccounts
from ivr.db.database import reading
from ivr.db.demo import demo_table, load_demo
from ivr.db.models.accounts import AccountRow
from ivr.db.pins import UNTIL_UNLOCKED, SqlPins
from ivr.pin_hash import PinHasher, weak_pin
from ivr.pins import PinResult, PinTry


@pytest.fixture
def accounts(engine, hasher, clock):
    load_demo(engine, hasher, clock)
    return SqlAccounts(engine, hasher, clock)


def test_loads_once_and_only_into_an_empty_database(engine, hasher, clock):
    assert load_demo(engine, hasher, clock) == len(demo_table()) >= 30
    assert load_demo(engine, hasher, clock) == 0


@pytest.mark.parametrize("backend", ["sqlite"])
def test_hashes_as_the_line_does(engine, clock):
    hasher = PinHasher("pepper")
    load_demo(engine, hasher, clock)
    accounts = SqlAccounts(engine, hasher, clock)
    assert accounts.check_pin(accounts.find("70000011").id, "204816")


def test_every_pin_in_the_table_opens_its_account(accounts):
    assert demo_table()[0][:2] == ("70000011", "204816")
    for row in demo_table():
        account = accounts.find(row.number)
        assert account.name == row.name
        assert row.pin == "" or (accounts.check_pin(account.id, row.pin) and not weak_pin(row.pin))
    pins = [row.pin for row in demo_table()]
    assert len(set(pins)) == len(pins)


def test_nobody_real_is_in_it(engine, accounts):
    with reading(engine) as session:
        for row in session.scalars(select(AccountRow)):
            assert row.email.endswith("@example.com")
            assert row.phone[5:10] == "55501"
    assert len(accounts.by_phone("+14155550122")) == 2


@pytest.mark.parametrize(
    ("number", "kind", "result"),
    [
        ("70000011", ChangeKind.CANCEL_TRIAL, Change),
        ("70000014", ChangeKind.CANCEL_TRIAL, Change),
        ("70000015", ChangeKind.CANCEL_TRIAL, Refusal.TOO_LATE),
        ("70000017", ChangeKind.CANCEL_TRIAL, Refusal.ALREADY),
        ("70000017", ChangeKind.UNDO_CANCEL_TRIAL, Change),
        ("70000018", ChangeKind.CANCEL_TRIAL, Change),
        ("70000019", ChangeKind.UNDO_CANCEL_TRIAL, Refusal.TOO_LATE),
        ("70000031", ChangeKind.TURN_OFF_RENEWAL, Change),
        ("70000034", ChangeKind.TURN_OFF_RENEWAL, Refusal.ALREADY),
        ("70000034", ChangeKind.UNDO_TURN_OFF_RENEWAL, Refusal.NOTHING_TO_UNDO),
        ("70000035", ChangeKind.UNDO_TURN_OFF_RENEWAL, Change),
        ("70000037", ChangeKind.TURN_OFF_RENEWAL, Refusal.TOO_LATE),
        ("70000051", ChangeKind.TURN_OFF_RENEWAL, Change),
    ],
)
def test_accounts_are_good_for_what_the_table_says(accounts, clock, number, kind, result):
    done = accounts.change(accounts.find(number).id, kind, "CA1", "CA1/1", clock.today())
    assert done is result or isinstance(done, Change) is (result is Change)


def test_locked_accounts_are_locked(engine, accounts, clock):
    pins = SqlPins(engine, accounts, clock, "pepper")
    ids = {number: accounts.find(number).id for number in ("70000071", "70000072", "70000073")}
    until = {number: pins.locked_until(account_id, clock.now()) for number, account_id in ids.items()}
    assert until == {
        "70000071": UNTIL_UNLOCKED,
        "70000072": clock.now() + timedelta(minutes=30),
        "70000073": None,
    }
    assert pins.check(PinTry(ids["70000071"], "", "CA1", "CA1/1"), "894137") is PinResult.WRONG
    assert pins.check(PinTry(ids["70000073"], "", "CA2", "CA2/1"), "931507") is PinResult.WRONG
    assert pins.locked_until(ids["70000073"], clock.now()) is not None
    pins.unlock(ids["70000071"])
    assert pins.check(PinTry(ids["70000071"], "", "CA3", "CA3/1"), "894137") is PinResult.CORRECT

"""What any account system must do (docs/accounts.md). Add your own class to `system` and run this file."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from databases import TODAY, FakeClock, QuickHasher, add_account, migrated_url

from ivr.accounts import Account, Accounts, Change, ChangeKind, Plan, Refusal
from ivr.announced_accounts import AnnouncedAccounts
from ivr.db.accounts import SqlAccounts
from ivr.db.database import open_database
from ivr.memory_accounts import MemoryAccounts

CANCEL, OFF = ChangeKind.CANCEL_TRIAL, ChangeKind.TURN_OFF_RENEWAL
UNDO_CANCEL, UNDO_OFF = ChangeKind.UNDO_CANCEL_TRIAL, ChangeKind.UNDO_TURN_OFF_RENEWAL
DAY = timedelta(days=1)

# The accounts that the system under test must hold, each with its PIN ("": it has none), and two share a phone.
TRIAL = Account("1", "70000011", "Ann Abbott", Plan.TRIAL, trial_ends_on=TODAY + 12 * DAY)
LAST_DAY = Account("2", "70000014", "Dora Dunn", Plan.TRIAL, trial_ends_on=TODAY)
OVER = Account("3", "70000015", "Eli Ellis", Plan.TRIAL, trial_ends_on=TODAY - DAY)
NO_PIN = Account("4", "70000020", "Joy Jordan", Plan.TRIAL, trial_ends_on=TODAY + DAY)
MONTHLY = Account("5", "70000031", "Ned Norris", Plan.MONTHLY, seats=3, paid_through=TODAY, auto_renew=True)
ANNUAL = Account("6", "70000051", "Wes Webb", Plan.ANNUAL, paid_through=TODAY + 200 * DAY, auto_renew=True)
RENEWAL_OFF = Account("7", "70000034", "Quin Quick", Plan.MONTHLY, paid_through=TODAY + DAY)
LAPSED = Account("8", "70000037", "Tess Tate", Plan.MONTHLY, paid_through=TODAY - DAY, auto_renew=True)
ACCOUNTS = [TRIAL, LAST_DAY, OVER, NO_PIN, MONTHLY, ANNUAL, RENEWAL_OFF, LAPSED]
PHONES = {"+14155550111": ["1"], "+14155550122": ["2", "5", "6"]}
PIN = "204816"


@dataclass
class System:
    """The account system under test, spoken to as the line does: by number, then by id."""

    accounts: Accounts
    turn: int = 0

    def read(self, account: Account) -> Account:
        found = self.accounts.find(account.number)
        assert found is not None
        return found

    def change(self, account: Account, kind: ChangeKind, key: str | None = None, today=TODAY) -> Change | Refusal:
        self.turn += 1
        return self.accounts.change(self.read(account).id, kind, "CA1", key or f"CA1/{self.turn}", today)


def pin_of(account: Account) -> str:
    return "" if account is NO_PIN else PIN


@pytest.fixture(params=["memory", "announced", "sqlite", "postgresql"])
def system(request, tmp_path: Path):
    if request.param in {"memory", "announced"}:
        accounts = MemoryAccounts([(account, pin_of(account)) for account in ACCOUNTS], PHONES)
        yield System(accounts if request.param == "memory" else AnnouncedAccounts(accounts, lambda *_: None))
        return
    engine = open_database(migrated_url(request.param, tmp_path))
    hasher = QuickHasher("pepper")
    for account in ACCOUNTS:
        terms = {name: getattr(account, name) for name in ("plan", "seats", "paid_through", "auto_renew")}
        phone = next((phone for phone, owners in PHONES.items() if account.id in owners), None)
        named = {"name": account.name, "trial_ends_on": account.trial_ends_on, "phone": phone}
        add_account(engine, hasher, account.number, pin_of(account), **terms, **named)
    yield System(SqlAccounts(engine, hasher, FakeClock()))
    engine.dispose()


def test_finds_an_account_by_its_number(system):
    found = system.read(MONTHLY)
    assert (found.number, found.name, found.plan, found.seats) == ("70000031", "Ned Norris", Plan.MONTHLY, 3)
    assert (found.paid_through, found.trial_ends_on, found.auto_renew) == (TODAY, None, True)
    assert system.accounts.get(found.id) == found


@pytest.mark.parametrize("number", ["99999999", "", "7000001", "700000110", "*#", "abc", "7000001\u0661", "70000011\0"])
def test_says_none_for_a_number_that_is_nobodys(system, number):
    assert system.accounts.find(number) is None


@pytest.mark.parametrize("account_id", ["999999", "", "nobody", "-1", "1.5", "9" * 19, "9" * 40, "\0"])
def test_says_none_for_an_id_that_is_nobodys(system, account_id):
    assert system.accounts.get(account_id) is None
    assert system.accounts.check_pin(account_id, PIN) is False
    assert isinstance(system.accounts.change(account_id, CANCEL, "CA1", "CA1/1", TODAY), Refusal)


def test_lists_the_accounts_of_a_phone_two_at_most(system):
    assert [account.number for account in system.accounts.by_phone("+14155550111")] == [TRIAL.number]
    assert len(system.accounts.by_phone("+14155550122")) == 2


@pytest.mark.parametrize("phone", ["+14155559999", "anonymous", "", "+", "client:bob", "\U0001f4de", "+1\0"])
def test_lists_nothing_for_a_strange_phone(system, phone):
    assert list(system.accounts.by_phone(phone)) == []


def test_knows_the_right_pin_only(system):
    account_id = system.read(TRIAL).id
    assert system.accounts.check_pin(account_id, PIN) is True
    for wrong in ("204817", "", "2048160", "20481", "*", "\uff12" + PIN[1:]):
        assert system.accounts.check_pin(account_id, wrong) is False


def test_no_pin_opens_an_account_without_one(system):
    account_id = system.read(NO_PIN).id
    assert not any(system.accounts.check_pin(account_id, pin) for pin in ("", "000000", PIN))


def test_nobody_has_no_pin(system):
    assert system.accounts.check_pin(None, PIN) is False
    assert system.accounts.check_pin(None, "") is False


@pytest.mark.parametrize("account", [TRIAL, LAST_DAY])
def test_cancels_a_trial_to_the_end_of_its_last_day(system, account):
    change = system.change(account, CANCEL)
    assert isinstance(change, Change)
    assert (change.kind, change.call_sid, change.key) == (CANCEL, "CA1", "CA1/1")
    assert len(change.code) == 6
    assert change.code.isdecimal()
    assert change.at.utcoffset() == timedelta(0)
    after = system.read(account)
    assert (after.cancels_at_trial_end, after.trial_ends_on) == (True, account.trial_ends_on)
    assert after.last_change == change


@pytest.mark.parametrize("account", [MONTHLY, ANNUAL])
def test_turns_renewal_off(system, account):
    change = system.change(account, OFF)
    assert isinstance(change, Change)
    after = system.read(account)
    assert (after.auto_renew, after.paid_through, after.last_change) == (False, account.paid_through, change)


@pytest.mark.parametrize(
    ("account", "kind", "refusal"),
    [
        (OVER, CANCEL, Refusal.TOO_LATE),
        (LAPSED, OFF, Refusal.TOO_LATE),
        (RENEWAL_OFF, OFF, Refusal.ALREADY),
        (MONTHLY, CANCEL, Refusal.DOES_NOT_APPLY),
        (TRIAL, OFF, Refusal.DOES_NOT_APPLY),
        (TRIAL, UNDO_CANCEL, Refusal.NOTHING_TO_UNDO),
        (MONTHLY, UNDO_OFF, Refusal.NOTHING_TO_UNDO),
        (RENEWAL_OFF, UNDO_OFF, Refusal.NOTHING_TO_UNDO),
        (TRIAL, UNDO_OFF, Refusal.NOTHING_TO_UNDO),
        (MONTHLY, UNDO_CANCEL, Refusal.NOTHING_TO_UNDO),
    ],
)
def test_refuses_what_does_not_fit_and_changes_nothing(system, account, kind, refusal):
    before = system.read(account)
    assert system.change(account, kind) is refusal
    assert system.read(account) == before


@pytest.mark.parametrize(("account", "kind"), [(TRIAL, CANCEL), (MONTHLY, OFF)])
def test_refuses_a_second_time_and_keeps_the_first_code(system, account, kind):
    first = system.change(account, kind)
    assert system.change(account, kind) is Refusal.ALREADY
    assert system.read(account).last_change == first


@pytest.mark.parametrize(("account", "kind"), [(TRIAL, CANCEL), (ANNUAL, OFF)])
def test_takes_a_change_back_and_makes_it_again(system, account, kind):
    before = system.read(account)
    codes = []
    for _ in range(3):
        done = system.change(account, kind)
        undone = system.change(account, kind.undo)
        assert undone.kind is kind.undo
        assert system.change(account, kind.undo) is Refusal.NOTHING_TO_UNDO
        after = system.read(account)
        assert after.last_change == undone
        assert (after.auto_renew, after.cancels_at_trial_end) == (before.auto_renew, before.cancels_at_trial_end)
        codes += [done.code, undone.code]
    assert len(set(codes)) == 6


@pytest.mark.parametrize(("account", "kind"), [(TRIAL, CANCEL), (ANNUAL, OFF)])
def test_an_undo_comes_too_late_once_the_change_has_taken_effect(system, account, kind):
    system.change(account, kind)
    last_day = system.read(account).last_day
    assert system.change(account, kind.undo, today=last_day + DAY) is Refusal.TOO_LATE
    assert isinstance(system.change(account, kind.undo, today=last_day), Change)


def test_the_same_key_again_gives_the_stored_change(system):
    first = system.change(TRIAL, CANCEL, key="CA1/7")
    after = system.read(TRIAL)
    assert system.change(TRIAL, CANCEL, key="CA1/7") == first
    assert system.read(TRIAL) == after
    undone = system.change(TRIAL, UNDO_CANCEL, key="CA1/9")
    assert system.change(TRIAL, CANCEL, key="CA1/7") == first  # a late repetition must not cancel again
    assert system.read(TRIAL).last_change == undone


def test_many_at_once_make_one_change(system):
    with ThreadPoolExecutor(16) as pool:
        account_id = system.read(TRIAL).id
        keys = [f"CA{n}/3" for n in range(8)] * 2
        results = list(pool.map(lambda key: system.accounts.change(account_id, CANCEL, key[:3], key, TODAY), keys))
    changes = {result for result in results if isinstance(result, Change)}
    assert len(changes) == 1
    assert {result for result in results if isinstance(result, Refusal)} == {Refusal.ALREADY}
    assert system.read(TRIAL).last_change in changes

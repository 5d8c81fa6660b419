"""The account system that comes with the line, beyond what every one does (test_accounts_contract.py)."""

import pytest
from databases import TODAY, LightHasher, QuickHasher, add_account
from sqlalchemy import event

from ivr.accounts import Change, ChangeKind, Plan
from ivr.db import accounts as accounts_module
from ivr.db.accounts import SqlAccounts
from ivr.db.database import BusyError, writing
from ivr.db.models.accounts import AccountRow

CANCEL, UNDO = ChangeKind.CANCEL_TRIAL, ChangeKind.UNDO_CANCEL_TRIAL
OFF = ChangeKind.TURN_OFF_RENEWAL
PIN, NEW_PIN = "204816", "317086"
PHONE = "+14155550111"


@pytest.fixture
def accounts(engine, hasher, clock):
    return SqlAccounts(engine, hasher, clock)


# An import may have put anything on file, and a carrier may send anything as a caller's number.
@pytest.mark.parametrize(
    "phone", ["anonymous", "14155550111", "+", "+1415555O111", "+x14155551", "+\u0661415555", "+1\u0661", ""]
)
def test_only_what_is_written_as_a_telephone_number_is_anybodys(engine, hasher, accounts, phone):
    add_account(engine, hasher, phone=phone)
    assert accounts.by_phone(phone) == ()


@pytest.mark.parametrize("number", ["ABCDEFGH", "7000001\u0661", "-7000001"])
def test_only_digits_are_an_account_number(engine, hasher, accounts, number):
    add_account(engine, hasher, number)
    assert accounts.find(number) is None


def test_the_oldest_two_accounts_of_a_phone_are_listed_with_their_newest_changes(engine, hasher, accounts):
    first, second, _ = (add_account(engine, hasher, f"7000001{n}", phone=PHONE) for n in range(3))
    accounts.change(second, CANCEL, "CA1", "CA1/1", TODAY)
    undone = accounts.change(second, UNDO, "CA1", "CA1/2", TODAY)
    assert [(found.id, found.last_change, found.phone) for found in accounts.by_phone(PHONE)] == [
        (first, None, PHONE),
        (second, undone, PHONE),
    ]


# Two callers' turns may bear one name, and what is known of one account is nothing of another's.
def test_each_account_has_changes_of_its_own(engine, hasher, accounts):
    first, second, third = (add_account(engine, hasher, f"7000001{n}") for n in range(3))
    codes = [accounts.change(account, CANCEL, "CA1", "CA1/1", TODAY).code for account in (first, second)]
    found = [accounts.get(account).last_change for account in (first, second)]
    assert [change.code for change in found] == codes
    assert accounts.find("70000010").last_change == found[0]
    assert (accounts.get(third).last_change, accounts.get(third).cancels_at_trial_end) == (None, False)


# Nobody may tell by the time it takes whether a number is an account's: the database is asked as often.
@pytest.mark.parametrize("look", [lambda accounts: accounts.find("70000011"), lambda accounts: accounts.get("1")])
def test_one_statement_reads_an_account_with_its_newest_change_or_finds_none(engine, hasher, accounts, look):
    asked = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert look(accounts) is None
    none = len(asked)
    account = add_account(engine, hasher, phone=None)
    changes = [accounts.change(account, kind, "CA1", f"CA1/{kind}", TODAY) for kind in (CANCEL, UNDO)]
    asked.clear()
    found = look(accounts)
    assert (found.id, found.last_change, found.phone) == (account, changes[1], "")
    assert len(asked) == none


# The hash is computed whoever is asked for: for nobody, for an account without a PIN, and for one that has one.
def test_each_pin_is_compared_once_whether_there_is_an_account_or_not(engine, hasher, accounts, monkeypatch):
    ids = [None, "99", add_account(engine, hasher, pin=""), add_account(engine, hasher, "70000012")]
    compared = []

    def verify(_self, pin_hash, number, pin):
        compared.append((pin_hash is None, number, pin))
        return False

    monkeypatch.setattr(QuickHasher, "verify", verify)
    assert not any(accounts.check_pin(account_id, PIN) for account_id in ids)
    assert compared == [(True, "00000000", PIN)] * 2 + [(True, "70000011", PIN), (False, "70000012", PIN)]


STOPS = {CANCEL: {"cancels_at_trial_end": True}, OFF: {"auto_renew": False}}


@pytest.mark.parametrize("kind", STOPS)
def test_a_change_is_kept_with_the_terms_before_and_after_and_with_what_it_undoes(engine, hasher, accounts, kind):
    plan = Plan.TRIAL if kind is CANCEL else Plan.MONTHLY
    days = {"trial_ends_on": None, "paid_through": None, "trial_ends_on" if kind is CANCEL else "paid_through": TODAY}
    account = add_account(engine, hasher, plan=plan, auto_renew=kind is OFF, **days)
    codes = [
        accounts.change(account, of, "CA1", f"CA1/{n}", TODAY).code for n, of in enumerate((kind, kind.undo, kind))
    ]
    row, (first, second, third) = accounts.record("70000011")
    before = {"plan": plan.value, "auto_renew": kind is OFF, "cancels_at_trial_end": False}
    before |= {name: day and day.isoformat() for name, day in days.items()}
    after = before | STOPS[kind]
    assert (first.before, first.after, first.undoes) == (before, after, None)
    assert (second.before, second.after, second.undoes) == (after, before, codes[0])
    assert (third.before, third.after, third.undoes) == (before, after, None)
    assert [(each.code, each.account_id, each.call_sid) for each in (first, second, third)] == [
        (code, row.id, "CA1") for code in codes
    ]


# A carrier's word is written as it came, but for what no database takes; the same word is known again.
def test_a_call_of_any_name_changes_an_account_once(engine, hasher, accounts):
    account = add_account(engine, hasher)
    first, again = (accounts.change(account, CANCEL, "CA\0", "CA\0/1", TODAY) for _ in range(2))
    assert first == again
    assert (first.call_sid, first.key) == ("CA\ufffd", "CA\ufffd/1")


def test_a_code_is_six_digits_and_never_one_that_the_account_has_had(engine, hasher, accounts, monkeypatch):
    drawn, below = iter([999_999, 999_999, 42]), []
    monkeypatch.setattr("secrets.randbelow", lambda end: below.append(end) or next(drawn))
    account = add_account(engine, hasher)
    codes = [accounts.change(account, kind, "CA1", f"CA1/{key}", TODAY).code for kind, key in ((CANCEL, 9), (UNDO, 3))]
    assert (codes, set(below)) == (["999999", "000042"], {1_000_000})
    assert [change.code for change in accounts.record("70000011")[1]] == codes, "oldest first"


@pytest.mark.parametrize("number", ["99999999", "", "7000001\0"])
def test_of_a_number_that_is_nobodys_staff_see_nothing_and_set_no_pin(accounts, ann, number):
    assert ann
    assert accounts.record(number) is None
    assert accounts.set_pin(number, NEW_PIN) is False


def test_a_new_pin_takes_the_place_of_the_old_one_and_who_is_told_sees_the_account_as_it_was(accounts, ann):
    told = []
    assert (
        accounts.set_pin("70000011", NEW_PIN, lambda session, row: told.append((row in session, row.pin_hash))) is True
    )
    assert told == [(True, QuickHasher("pepper").hash("70000011", PIN))]
    assert (accounts.check_pin(ann, PIN), accounts.check_pin(ann, NEW_PIN)) == (False, True)
    assert accounts.set_pin("70000011", PIN) is True


def test_a_pin_stays_where_it_cannot_be_told_that_it_changes(accounts, ann):
    def fails(*_):
        raise RuntimeError("the audit log cannot be written")

    with pytest.raises(RuntimeError):
        accounts.set_pin("70000011", NEW_PIN, fails)
    assert accounts.check_pin(ann, PIN)


# Both are told in one transaction, first who was to be told before; nobody hears of a repeated webhook.
def test_more_may_be_told_of_a_change_and_the_accounts_stay_the_same(engine, hasher, clock, ann):
    told = []

    def listener(name):
        return lambda session, account, change: told.append((name, session.is_active, account, change))

    accounts = SqlAccounts(engine, hasher, clock, listener("first")).telling(listener("more"))
    change, _ = (accounts.change(ann, CANCEL, "CA1", "CA1/1", TODAY) for _ in range(2))
    account = accounts.get(ann)
    assert account.cancels_at_trial_end
    assert told == [("first", True, account, change), ("more", True, account, change)]
    assert (change.at, accounts.check_pin(ann, PIN)) == (clock.now(), True)
    alone = SqlAccounts(engine, hasher, clock).telling(listener("alone"))
    assert isinstance(alone.change(ann, UNDO, "CA2", "CA2/1", TODAY), Change)
    assert [name for name, *_ in told[2:]] == ["alone"]


# While the pepper is changed, each PIN that is right moves to the new one: see test_rotation.py.


@pytest.fixture
def changing(engine, clock):
    """Accounts in a change of peppers, and one whose PIN is on the old one."""
    add_account(engine, LightHasher("old"))
    return SqlAccounts(engine, LightHasher("new", "old"), clock)


def pin_hash(engine):
    with writing(engine) as session:
        return session.get_one(AccountRow, 1).pin_hash


def test_only_pins_that_the_old_pepper_alone_can_check_are_counted(engine, changing, clock):
    add_account(engine, LightHasher("new", "old"), "70000012")
    add_account(engine, LightHasher("new", "old"), "70000013", pin="")
    assert changing.pins_on_old_pepper() == 1
    assert SqlAccounts(engine, LightHasher("new"), clock).pins_on_old_pepper() == 0, "no pepper is being changed"


def test_a_right_pin_moves_once_and_a_wrong_one_never(engine, changing):
    old = pin_hash(engine)
    assert not changing.check_pin("1", NEW_PIN)
    assert pin_hash(engine) == old
    assert changing.check_pin("1", PIN)
    moved = pin_hash(engine)
    assert moved != old
    assert changing.check_pin("1", PIN)
    assert pin_hash(engine) == moved


# A caller whose PIN is right is let in, though the database has no time to write the new hash.
def test_a_right_pin_is_right_though_it_cannot_be_moved_now(changing, monkeypatch):
    def busy(_engine):
        raise BusyError

    monkeypatch.setattr(accounts_module, "writing", busy)
    assert changing.check_pin("1", PIN)


def test_a_pin_that_is_set_while_the_old_one_moves_stays(changing, monkeypatch):
    hashes = LightHasher.hash

    def slow(self, number, pin):
        monkeypatch.setattr(LightHasher, "hash", hashes)
        changing.set_pin(number, NEW_PIN)
        return hashes(self, number, pin)

    monkeypatch.setattr(LightHasher, "hash", slow)
    assert changing.check_pin("1", PIN)
    assert (changing.check_pin("1", PIN), changing.check_pin("1", NEW_PIN)) == (False, True)

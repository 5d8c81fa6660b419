"""Who waits for whom at a PIN: those who share a limit, and a webhook that comes twice."""

from unittest.mock import Mock

import pytest
from pins_tried import ANN, BAD, BOB, CORRECT, RIGHT, WRONG, accounts, pins, told, tries
from sqlalchemy import delete

from ivr.db import pins as pins_module
from ivr.db.database import writing
from ivr.db.models.pins import PinTryRow
from ivr.db.pins import SqlPins
from ivr.pins import PinTry
from ivr.service_errors import ServiceError

__all__ = ["accounts", "pins", "told", "tries"]

# Two who try at once must not both be the last that was allowed: they wait for each other wherever they share a limit.
# What they wait for names no number, and is as much for an account that does not exist.


@pytest.fixture
def waited_for(monkeypatch):
    """For each transaction, what it waited for."""
    subjects = []
    monkeypatch.setattr(pins_module, "lock", lambda _, *names: subjects.append(set(names)))
    return subjects


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (("1", "CA2", BOB), 1),  # an account
        (("2", "CA1", BOB), 1),  # a call
        (("2", "CA2", ANN), 1),  # a caller
        ((None, "CA1", BOB), 1),
        (("2", "CA2", BOB), 0),
        ((None, "CA2", "anonymous"), 0),
    ],
)
def test_those_who_share_a_limit_wait_for_each_other(tries, waited_for, other, shared):
    tries("1", BAD, "CA1", ANN)
    counted, settled = waited_for
    assert counted == settled
    assert len(counted) == 3
    account_id, call, by = other
    tries(account_id, BAD, call, by)
    assert waited_for[2] == waited_for[3]
    assert len(counted & waited_for[2]) == shared
    assert not [name for name in counted | waited_for[2] if ANN[1:] in name or BOB[1:] in name]


def test_an_unknown_account_is_waited_for_by_nobody_else(tries, waited_for):
    tries(None, BAD, "CA1", ANN)
    tries(None, BAD, "CA2", BOB)
    assert not waited_for[0] & waited_for[2]
    assert [len(subjects) for subjects in waited_for] == [3] * 4


def test_staff_and_an_account_system_that_is_away_wait_for_who_tries(pins, accounts, tries, waited_for, ann):
    tries(ann, BAD, "CA1")
    pins.unlock(ann)
    assert len(waited_for[-1]) == len(waited_for[-1] & waited_for[0]) == 1  # the account
    accounts.dead = True
    with pytest.raises(ServiceError):
        tries(ann, BAD, "CA1")
    assert waited_for[-1] == waited_for[-2] == waited_for[0]


# While the pepper is changed, a caller is known by both: by the one before until the last of their tries has run out.
def test_a_caller_is_one_and_the_same_under_both_peppers(engine, accounts, clock, ann, waited_for):
    old, changing, new = (
        SqlPins(engine, accounts, clock, *peppers[:1], previous=peppers[1])
        for peppers in (("old", ""), ("new", "old"), ("new", ""))
    )
    for number, line in enumerate((old, changing, new)):
        line.check(PinTry(ann, ANN, f"CA{number}", f"CA{number}/1"), BAD)
    before, meanwhile, after = waited_for[0], waited_for[2], waited_for[4]
    assert [len(each) for each in (before, meanwhile, after)] == [3, 4, 3]
    assert len(before & after) == 1  # the account
    assert len(before & meanwhile) == len(meanwhile & after) == 2


# A webhook that comes twice waits for the first one's answer, but not for ever: a killed server leaves none.


@pytest.fixture
def unanswered(pins, accounts, monkeypatch, ann):
    """A try that the server died of."""
    given = PinTry(ann, ANN, "CA1", "CA1/1")
    with monkeypatch.context() as patched:
        patched.setattr(accounts, "check_pin", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            pins.check(given, RIGHT)
    return given


def test_a_repeated_try_whose_first_one_died_is_wrong(pins, monkeypatch, unanswered):
    monkeypatch.setattr(pins_module, "_TWIN_WAIT_S", 0.0)
    assert pins.check(unanswered, RIGHT) is WRONG


def test_a_repeated_try_whose_first_one_is_taken_back_meanwhile_is_wrong(engine, pins, monkeypatch, unanswered):
    def taken_back(_):
        with writing(engine) as session:
            session.execute(delete(PinTryRow))

    monkeypatch.setattr("time.sleep", taken_back)
    assert pins.check(unanswered, RIGHT) is WRONG


def test_a_repeated_try_that_is_settled_has_its_answer_at_once(pins, monkeypatch, ann):
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("nobody is to be waited for"))
    for pin, answer in ((BAD, WRONG), (RIGHT, CORRECT)):
        assert [pins.check(PinTry(ann, ANN, "CA1", f"CA1/{pin}"), pin) for _ in range(2)] == [answer, answer]

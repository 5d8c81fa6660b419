"""Sealing after a reading looks again at what was entered meanwhile, and at nothing before: writers wait so long."""

import re

import pytest
from ledger_written import accounts, alter, changes, entries, entry_of, five, ledger, silent
from sqlalchemy import delete, update

from ivr.db.database import writing
from ivr.db.ledger import LEDGER, Ledger
from ivr.db.ledger_chain import EntryKind
from ivr.db.ledger_check import check, seal_after

__all__ = ["accounts", "five", "ledger", "silent"]


@pytest.fixture
def two_more_than(engine, accounts, ledger, ann):
    """What was read; and two changes since."""
    changes(accounts, ann, 5)
    checked = check(engine, ledger)
    changes(accounts, ann, 2, call="CA2")
    return checked


def sealed_after(engine, ledger, checked):
    with writing(engine) as session:
        faults = seal_after(session, ledger, checked)
    kinds = [row.kind for row in entries(engine)]
    assert (kinds[-1] == EntryKind.SEALED) == (not faults), "what is not whole is never sealed"
    return faults


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("meanwhile", [0, 1, 3])
def test_what_was_found_whole_is_sealed_with_what_came_meanwhile(engine, accounts, ledger, ann, meanwhile):
    checked = check(engine, ledger)
    changes(accounts, ann, meanwhile, call="CA2")
    assert sealed_after(engine, ledger, checked) == []
    again = check(engine, ledger)
    assert (again.faults, again.by_kind) == ((), {"change": 5 + meanwhile, "sealed": 1})


def test_an_empty_ledger_is_sealed_from_its_first_entry_on(engine, accounts, ledger, ann):
    checked = check(engine, ledger)
    changes(accounts, ann, 2)
    assert sealed_after(engine, ledger, checked) == []
    assert check(engine, ledger).faults == ()


@pytest.mark.parametrize(
    ("tampers", "named"),
    [
        ([update(LEDGER).where(entry_of(5)).values(hash="ab" * 32)], "is not the one|was altered|missing|cut off"),
        ([delete(LEDGER).where(LEDGER.c.seq >= 5)], "entry 1 of the ledger is cut off, up to 5"),
        ([update(LEDGER).where(entry_of(6)).values(seal=None)], "entry 6 of the ledger bears no seal"),
        ([update(LEDGER).where(entry_of(6)).values(seal="ab" * 32)], "entry 6 of the ledger bears a forged seal"),
        ([update(LEDGER).where(entry_of(6)).values(change_id=1)], "entry 6 of the ledger was altered, or moved"),
        ([delete(LEDGER).where(entry_of(6))], "entry 6 of the ledger is missing"),
    ],
)
def test_what_was_tampered_with_meanwhile_is_named_and_not_sealed(engine, ledger, two_more_than, tampers, named):
    checked = two_more_than
    alter(engine, *tampers)
    faults = sealed_after(engine, ledger, checked)
    assert re.match(f".*({named})", faults[0])


@pytest.mark.usefixtures("five")
def test_nothing_is_adopted_without_a_seal_between_a_reading_and_its_seal(engine, silent, ledger, clock):
    checked = check(engine, ledger)
    changes(silent, "1", 1, call="CA3")
    with writing(engine) as session:
        Ledger(clock, {}).adopt(session)
    assert sealed_after(engine, ledger, checked) == ["entry 6 of the ledger bears no seal"]

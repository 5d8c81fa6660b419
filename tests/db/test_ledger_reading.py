"""Reading the ledger through: each fault is named once, by the row that is wrong, the first one first."""

import pytest
from ledger_written import BEFORE, accounts, alter, changes, entries, entry_of, five, ledger, silent
from sqlalchemy import delete, insert, select, text, update

from ivr.db import ledger_check
from ivr.db.database import writing
from ivr.db.ledger import CHANGES, LEDGER, Head, Ledger, columns_of, entry, head_of
from ivr.db.ledger_chain import EntryKind, key_id
from ivr.db.ledger_check import check

__all__ = ["accounts", "five", "ledger", "silent"]


@pytest.fixture
def one_unknown(silent, ann):
    changes(silent, ann, 1)


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("gone", "named"),
    [((2,), "entry 2 of the ledger is missing"), ((2, 3), "entry 2 to 3 of the ledger is missing")],
)
def test_a_gap_is_named_once_from_its_first_entry_to_its_last(engine, ledger, gone, named):
    alter(engine, delete(LEDGER).where(LEDGER.c.seq.in_(gone)), delete(CHANGES).where(CHANGES.c.id.in_(gone)))
    assert check(engine, ledger).faults == (named,)


@pytest.mark.usefixtures("five")
def test_what_was_read_is_counted_and_its_end_is_the_anchor(engine, ledger):
    checked = check(engine, ledger)
    newest = entries(engine)[-1]
    assert (checked.faults, checked.head, checked.by_kind) == ((), Head(5, newest.hash), {"change": 5})
    assert checked.anchor == f"5-{newest.hash}"
    assert check(engine, ledger, {3: entries(engine)[2].hash, 5: newest.hash}).faults == ()


@pytest.mark.usefixtures("five")
def test_another_entry_than_the_one_that_an_anchor_names_is_named(engine, ledger):
    assert check(engine, ledger, {3: "ab" * 32}).faults == (
        "entry 3 of the ledger is not the one that the anchor names",
    )
    assert check(engine, ledger, {7: "ab" * 32, 9: "cd" * 32}).faults == (
        "entry 6 of the ledger is cut off, up to 9, which the anchor names",
    )


# A change made between reading its entry's place and reading itself would seem to have none.
@pytest.mark.usefixtures("five")
def test_a_reading_shows_one_moment_whatever_is_changed_meanwhile(engine, accounts, ledger, ann, monkeypatch):
    rows = ledger_check._rows

    def slowly(session, key):
        if key is CHANGES.c.id:
            changes(accounts, ann, 1, call="CA2")
        return rows(session, key)

    monkeypatch.setattr(ledger_check, "_rows", slowly)
    checked = check(engine, ledger)
    assert (checked.faults, checked.head.seq) == ((), 5)
    assert len(entries(engine)) == 6


# Faults that sealing or adopting mends are told from all others: those two commands refuse where there is one more.
@pytest.mark.usefixtures("five")
def test_what_sealing_or_adopting_mends_is_counted_apart(engine, silent, ledger, ann):
    whole = check(engine, ledger)
    assert (whole.unknown, whole.unsealed, whole.others) == (0, False, 0)
    changes(silent, ann, 2, call="CA2")
    with engine.connect() as connection:
        codes = {row.id: row.code for row in connection.execute(select(CHANGES))}
    checked = check(engine, ledger)
    assert (checked.unknown, checked.unsealed, checked.others) == (2, False, 0)
    assert checked.faults == tuple(
        f"change {number}, code {codes[number]}, has no entry in the ledger: inserted by hand, or by an older version"
        for number in (6, 7)
    )
    alter(engine, update(CHANGES).where(CHANGES.c.id == 2).values(code="000000"))
    assert check(engine, ledger).others == 1
    assert check(engine, ledger).faults[0] == "change 2, code 000000, is not what entry 2 of the ledger says"


# What was there before the ledger was sealed needs no seal, up to the first one; nothing else may be without.
@pytest.mark.usefixtures("one_unknown")
@pytest.mark.parametrize("kind", EntryKind)
def test_only_what_was_adopted_before_the_first_seal_may_bear_none(engine, ledger, clock, kind):
    with writing(engine) as session:
        Ledger(clock, {}).adopt(session)
        row = session.execute(select(CHANGES)).one()
        session.execute(insert(LEDGER), entry(head_of(session), kind, clock.now(), columns_of(row)))
        ledger.seal(session)
    named = () if kind is EntryKind.ADOPTED else ("entry 2 of the ledger bears no seal",)
    assert [fault for fault in check(engine, ledger).faults if "entry 2 of the ledger" in fault][:1] == [*named]
    with writing(engine) as session:
        session.execute(insert(LEDGER), entry(head_of(session), kind, clock.now(), columns_of(row)))
    assert "entry 4 of the ledger bears no seal" in check(engine, ledger).faults


def test_an_end_without_a_seal_is_told_from_an_end_under_an_unknown_key(engine, silent, clock, ledger, ann):
    changes(silent, ann, 2)
    with writing(engine) as session:
        Ledger(clock, {}).adopt(session)
    checked = check(engine, ledger)
    assert checked.faults == ("entry 2 of the ledger, the newest, has no seal yet",)
    assert (checked.unsealed, checked.others) == (True, 0)
    with writing(engine) as session:
        ledger.seal(session)
    other = Ledger(clock, {key_id(BEFORE): BEFORE})
    checked = check(engine, other)
    assert checked.faults == ("entry 3 of the ledger, the newest, is sealed by a key that is not known",)
    assert (checked.unsealed, checked.others) == (False, 1)


@pytest.mark.usefixtures("five")
def test_deleted_changes_are_named_in_order_and_a_removed_one_that_is_there(engine, ledger):
    alter(engine, delete(CHANGES).where(CHANGES.c.id.in_([4, 2])))
    with writing(engine) as session:
        ledger.removed(session, [5])
    assert check(engine, ledger).faults == (
        "change 5 is there, though it was removed by entry 6 of the ledger",
        "change 2 was deleted; entry 2 of the ledger has it",
        "change 4 was deleted; entry 4 of the ledger has it",
    )


@pytest.mark.usefixtures("five")
def test_a_change_whose_salt_was_taken_is_no_longer_what_its_entry_says(engine, ledger):
    alter(engine, update(LEDGER).where(entry_of(2)).values(salt=None))
    assert [fault.partition(",")[0] for fault in check(engine, ledger).faults] == ["change 2"]


# Whoever writes what cannot be read stops the reading there, and is named; what was found before is told first.
@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE ledger SET kind = 'nothing' WHERE seq IN (3, 4)", "entry 3 of the ledger was altered: it cannot"),
        ("UPDATE account_changes SET kind = 'nothing' WHERE id IN (4, 5)", "change 4 was altered: it cannot be read"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(engine, ledger, statement, named):
    alter(engine, text(statement), update(LEDGER).where(entry_of(1)).values(hash="ab" * 32))
    first, *_, last = check(engine, ledger).faults
    assert first == "entry 1 of the ledger was altered, or moved"
    assert last.startswith(named)

"""What each writer of the ledger enters."""

from dataclasses import replace

from databases import add_account
from ledger_written import KEY, KEYS, accounts, alter, changes, entries, ledger, silent
from sqlalchemy import delete, select, update

from ivr.config import Settings
from ivr.db import ledger as ledger_module
from ivr.db import ledger_check
from ivr.db.accounts import SqlAccounts
from ivr.db.database import reading, writing
from ivr.db.ledger import CHANGES, Head, Ledger, columns_of, head_of
from ivr.db.ledger_chain import GENESIS, commitment, entry_hash, key_id, seal
from ivr.db.ledger_check import check, seal_after

__all__ = ["accounts", "ledger", "silent"]


def test_the_key_of_now_seals_and_the_one_before_is_known(clock):
    settings = Settings(secret_key="a secret key", secret_key_previous="the key before")
    ledger = Ledger.of(settings, clock)
    assert (list(ledger.keys.items()), ledger.clock) == (list(KEYS.items()), clock)
    assert list(Ledger.of(replace(settings, secret_key_previous=""), clock).keys) == [key_id(KEY)]


def test_an_entry_follows_the_head_and_commits_to_its_change(engine, accounts, ann, clock):
    changes(accounts, ann, 2)
    first, second = entries(engine)
    assert (first.seq, first.kind, first.at, first.change_id) == (1, "change", clock.now(), 1)
    with engine.connect() as connection:
        rows = [columns_of(row) for row in connection.execute(select(CHANGES).order_by(CHANGES.c.id))]
    for row, found, before in zip(rows, (first, second), (GENESIS, first.hash), strict=True):
        assert found.commitment == commitment(found.salt, row)
        assert found.hash == entry_hash(before, found.seq, found.kind, found.at, row["id"], found.commitment)
        assert (found.key_id, found.seal) == (key_id(KEY), seal(KEY, found.hash))
    assert (len(first.salt), first.salt == second.salt) == (32, False)
    with reading(engine) as session:
        assert head_of(session) == Head(2, second.hash)


# Two accounts may be changed under one key; an entry is of the change that was made, not of its namesake.
def test_a_change_is_told_from_another_accounts_under_the_same_key(engine, accounts, hasher, ann, ledger):
    bob = add_account(engine, hasher, "70000012")
    changes(accounts, ann, 2)
    changes(accounts, bob, 2)
    assert [row.change_id for row in entries(engine)] == [1, 2, 3, 4]
    assert check(engine, ledger).faults == ()


def test_without_a_key_entries_bear_no_seal(engine, hasher, clock, ann):
    bare = Ledger(clock, {})
    changes(SqlAccounts(engine, hasher, clock, bare.changed), ann, 1)
    ((seen),) = entries(engine)
    assert (seen.key_id, seen.seal) == (None, None)


def test_what_is_removed_or_amended_is_entered_in_order_and_loses_its_old_salt(engine, accounts, ledger, ann):
    changes(accounts, ann, 4)
    alter(engine, update(CHANGES).where(CHANGES.c.id == 1).values(call_sid="masked"))
    with writing(engine) as session:
        ledger.amended(session, [2, 1])
    with writing(engine) as session:
        session.execute(delete(CHANGES).where(CHANGES.c.id.in_([3, 4])))
        ledger.removed(session, [4, 3])
    rows = entries(engine)
    assert [(row.kind, row.change_id, row.salt is None) for row in rows] == [
        *(("change", number, True) for number in (1, 2, 3, 4)),
        *(("amended", number, False) for number in (1, 2)),
        *(("removed", number, True) for number in (3, 4)),
    ]
    assert [row.commitment for row in rows[-2:]] == ["", ""]
    assert check(engine, ledger).faults == ()


def test_changes_without_an_entry_are_adopted_some_at_a_time(engine, silent, ledger, ann, monkeypatch):
    monkeypatch.setattr(ledger_module, "BATCH", 2)
    changes(silent, ann, 3)
    adopted = []
    for _ in range(3):
        with writing(engine) as session:
            adopted.append(ledger.adopt(session))
    assert adopted == [2, 1, 0]
    assert [(row.kind, row.change_id) for row in entries(engine)] == [("adopted", number) for number in (1, 2, 3)]
    assert check(engine, ledger).faults == ()


# PostgreSQL lets many write at once: were two to read the head without one lock for all, two entries would follow it.
def test_every_writer_takes_the_same_one_lock(engine, accounts, ledger, ann, monkeypatch):
    taken = []
    for module in (ledger_module, ledger_check):
        monkeypatch.setattr(module, "lock", lambda _, *subjects: taken.append(subjects))
    changes(accounts, ann, 1)
    for writes in (
        lambda session: ledger.amended(session, [1]),
        lambda session: ledger.removed(session, []),
        ledger.adopt,
        ledger.seal,
        lambda session: seal_after(session, ledger, check(engine, ledger)),
    ):
        asked = len(taken)
        with writing(engine) as session:
            writes(session)
        assert len(taken) > asked
    assert set(taken) == {("ledger",)}

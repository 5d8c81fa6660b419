"""The ledger of changes: whoever alters, deletes, inserts, moves or cuts off anything is found out, and named."""

import re
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from databases import TODAY, add_account, ann, backend, clock, empty_url, engine, hasher, url
from sqlalchemy import delete, insert, select, text, update
from tables import show

from ivr.accounts import Change, ChangeKind
from ivr.db import migrate
from ivr.db.accounts import SqlAccounts
from ivr.db.console.erase import Eraser
from ivr.db.console.purge import Purge, Rules
from ivr.db.database import open_database, writing
from ivr.db.ledger import CHANGES, LEDGER, Ledger, entry, head_of
from ivr.db.ledger_chain import COMMITTED, EntryKind, key_id, seal, seal_key
from ivr.db.ledger_check import check

__all__ = ["ann", "backend", "clock", "engine", "hasher", "url"]
DO, UNDO = ChangeKind.CANCEL_TRIAL, ChangeKind.UNDO_CANCEL_TRIAL
KEYS = {key_id(key): key for key in map(seal_key, ("a secret key", "the key before"))}
FORGER = seal_key("not ours")


@pytest.fixture
def ledger(clock):
    return Ledger(clock, KEYS)


@pytest.fixture
def accounts(engine, hasher, clock, ledger):
    return SqlAccounts(engine, hasher, clock, ledger.changed)


@pytest.fixture
def five(accounts, ann, clock):
    """Five changes of Ann's, entries 1 to 5."""
    for number in range(1, 6):
        clock.passes(minutes=1)
        assert isinstance(accounts.change(ann, DO if number % 2 else UNDO, "CA1", f"CA1/{number}", TODAY), Change)


def faults(engine, ledger, anchor=None):
    number, _, of = (anchor or "").partition("-")
    return check(engine, ledger, {int(number): of} if anchor else {}).faults


def do(*statements):
    return lambda connection: [connection.execute(statement) for statement in statements]


def entry_of(number):
    return LEDGER.c.seq == number


def forged(connection, number):
    """Enter a change as the line does, from entry `number` on, with a key that is not the line's."""
    (change,) = connection.execute(select(CHANGES).where(CHANGES.c.id == number)).mappings()
    row = entry(head_of(connection), EntryKind.CHANGE, change["at"], change)
    return {**row, "key_id": next(iter(KEYS)), "seal": seal(FORGER, row["hash"])}


def insert_change(connection):
    row = dict(connection.execute(select(CHANGES).where(CHANGES.c.id == 5)).mappings().one())
    connection.execute(insert(CHANGES), {**row, "id": 99, "code": "000000", "key": "by hand"})


def insert_with_entry(connection):
    insert_change(connection)
    connection.execute(insert(LEDGER), forged(connection, 99))


def rewrite_to_the_end(connection):
    """Alter change 3, and chain everything from entry 3 on anew: all that can be done without the key."""
    connection.execute(update(CHANGES).where(CHANGES.c.id == 3).values(call_sid="CA2"))
    connection.execute(delete(LEDGER).where(LEDGER.c.seq >= 3))
    for number in (3, 4, 5):
        connection.execute(insert(LEDGER), forged(connection, number))


def chained_by_unknown_key(connection):
    rewrite_to_the_end(connection)
    connection.execute(update(LEDGER).values(key_id="00000000"))


def swap(table, key, one, other):
    def move(connection):
        for was, becomes in ((one, -1), (other, one), (-1, other)):
            connection.execute(update(table).where(key == was).values({key.name: becomes}))

    return move


TAMPERED = {
    "a change altered": (
        do(update(CHANGES).where(CHANGES.c.id == 2).values(after={"auto_renew": True})),
        r"change 2, code \d{6}, is not what entry 2 ",
    ),
    "a change made unreadable": (
        lambda connection: connection.exec_driver_sql("UPDATE account_changes SET kind = 'nothing' WHERE id = 3"),
        "change 3 was altered: it cannot be read",
    ),
    "a time altered": (
        do(update(CHANGES).where(CHANGES.c.id == 4).values(at=text("(SELECT min(at) FROM ledger)"))),
        "change 4, .* is not what entry 4 ",
    ),
    "a change deleted": (do(delete(CHANGES).where(CHANGES.c.id == 3)), "change 3 was deleted; entry 3 "),
    "a change and its entry deleted": (
        do(delete(CHANGES).where(CHANGES.c.id == 3), delete(LEDGER).where(entry_of(3))),
        "entry 3 of the ledger is missing",
    ),
    "a change inserted": (insert_change, "change 99, code 000000, has no entry"),
    "a change inserted with its entry": (insert_with_entry, "entry 6 of the ledger bears a forged seal"),
    "an entry altered": (
        do(update(LEDGER).where(entry_of(2)).values(change_id=7)),
        "entry 2 of the ledger was altered",
    ),
    "two entries in each other's place": (
        swap(LEDGER, LEDGER.c.seq, 2, 3),
        "entry 2 of the ledger was altered, or mov",
    ),
    "two changes in each other's place": (swap(CHANGES, CHANGES.c.id, 2, 3), "change 2, .* is not what entry 2 "),
    "a seal taken off": (
        do(update(LEDGER).where(entry_of(4)).values(key_id=None, seal=None)),
        "entry 4 of the ledger bears no seal",
    ),
    "all chained anew": (rewrite_to_the_end, "entry 3 of the ledger bears a forged seal"),
    "all chained anew by an unknown key": (
        chained_by_unknown_key,
        "entry 5 of the ledger, the newest, is sealed by a key that is not known",
    ),
    "the end cut off": (
        do(delete(CHANGES).where(CHANGES.c.id > 3), delete(LEDGER).where(LEDGER.c.seq > 3)),
        "entry 4 of the ledger is cut off, up to 5, which the anchor names",
    ),
    "everything cut off": (do(delete(CHANGES), delete(LEDGER)), "entry 1 of the ledger is cut off, up to 5"),
}


def tampered(engine, ledger):
    """Tamper in each way in turn; answers for each what is told, and whether it names what was done."""
    whole = check(engine, ledger)
    assert (whole.faults, whole.head.seq) == ((), 5)
    for way, (tamper, told) in TAMPERED.items():
        with engine.connect() as connection:
            kept = {table: connection.execute(select(table)).mappings().all() for table in (CHANGES, LEDGER)}
        with engine.begin() as connection:
            tamper(connection)
        found = faults(engine, ledger, whole.anchor if "cut off" in way else None)
        yield way, found[0] if found else "nothing", bool(found and re.match(told, found[0]))
        with engine.begin() as connection:
            for table, rows in kept.items():
                connection.execute(delete(table))
                connection.execute(insert(table), [dict(row) for row in rows])
    assert faults(engine, ledger, whole.anchor) == ()


def test_nothing_of_a_change_is_left_out_of_the_chain():
    """A column that is added to changes has to come into new entries, and old ones have to be read without it."""
    assert set(COMMITTED) == set(CHANGES.columns.keys())


@pytest.mark.usefixtures("five")
def test_whatever_is_tampered_with_is_found_and_named(engine, ledger):
    assert [row for row in tampered(engine, ledger) if not row[2]] == []


@pytest.mark.attack
@pytest.mark.usefixtures("five")
def test_the_ways_of_tampering_one_by_one(backend, engine, ledger):
    rows = list(tampered(engine, ledger))
    show(f"4. The ledger tampered with, {backend}", ("tampering", "told"), [row[:2] for row in rows])
    assert all(row[2] for row in rows)


@pytest.mark.usefixtures("five")
def test_another_key_seals_what_the_one_before_has_sealed_and_the_old_one_is_not_needed_then(engine, clock):
    new = Ledger(clock, {key_id(key): key for key in [seal_key("a new key")]})
    assert "sealed by a key that is not known" in faults(engine, new)[0]
    with writing(engine) as session:
        new.seal(session)
    assert faults(engine, new) == ()
    with engine.begin() as connection:
        connection.execute(update(CHANGES).where(CHANGES.c.id == 1).values(code="111111"))
    assert faults(engine, new)[0].startswith("change 1, code 111111, is not")


@pytest.mark.usefixtures("five")
def test_what_the_law_takes_away_leaves_the_chain_whole_and_nothing_to_guess_from(engine, ledger, clock):
    with engine.begin() as connection:  # nothing writes a number there; a company's own backend might have
        connection.execute(update(CHANGES).where(CHANGES.c.id == 5).values(before={"phone": "+14155550111"}))
    with writing(engine) as session:
        ledger.amended(session, [5])
    Eraser(engine, clock, "a pepper", ledger=ledger).erase("+14155550111", "flask")
    clock.passes(days=40)
    rules = Rules(calls=30, pin_tries=30, ledger=30, audit=400)
    Purge(engine, clock, rules, ZoneInfo("UTC"), lambda _: None, ledger=ledger).run("flask")
    checked = check(engine, ledger)
    assert (checked.faults, checked.by_kind) == ((), {"change": 5, "amended": 2, "removed": 5})
    with engine.connect() as connection:
        assert connection.execute(select(CHANGES)).all() == []
        assert set(connection.scalars(select(LEDGER.c.salt))) == {None}


def test_changes_at_the_same_time_make_one_chain(accounts, engine, hasher, ledger):
    ids = [add_account(engine, hasher, number=f"7000010{number}") for number in range(4)]

    def calls(account_id):
        for number in range(6):
            kind = UNDO if number % 2 else DO
            assert isinstance(accounts.change(account_id, kind, "CA1", f"{account_id}/{number}", TODAY), Change)

    threads = [Thread(target=calls, args=(account_id,)) for account_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (faults(engine, ledger), check(engine, ledger).head.seq) == ((), 24)


def test_a_change_that_is_undone_leaves_no_entry(engine, hasher, clock, ledger, ann):
    def fails(*_):
        raise RuntimeError("after the ledger")

    accounts = SqlAccounts(engine, hasher, clock, ledger.changed).telling(fails)
    with pytest.raises(RuntimeError):
        accounts.change(ann, DO, "CA1", "CA1/1", TODAY)
    assert check(engine, ledger).head.seq == 0


def test_an_older_database_gets_a_chain_and_its_first_seal(backend, tmp_path, ledger, hasher, clock):
    url = empty_url(backend, tmp_path)
    migrate.upgrade(url)
    engine = open_database(url)
    ann = add_account(engine, hasher)
    accounts = SqlAccounts(engine, hasher, clock)
    for number in range(3):
        accounts.change(ann, UNDO if number % 2 else DO, "CA1", f"CA1/{number}", TODAY)
    migrate.downgrade(url, "0008")
    migrate.upgrade(url)
    assert faults(engine, ledger) == ("entry 3 of the ledger, the newest, has no seal yet",)
    sealing = SqlAccounts(engine, hasher, clock, ledger.changed)
    sealing.change(ann, UNDO, "CA2", "CA2/1", TODAY)
    checked = check(engine, ledger)
    assert (checked.faults, checked.by_kind) == ((), {"adopted": 3, "change": 1})
    engine.dispose()

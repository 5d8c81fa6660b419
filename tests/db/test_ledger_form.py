"""The form of the ledger's chain, for ever: known answers, worked out apart from the code."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from ledger_written import DO, KEY

from ivr.db.ledger_chain import GENESIS, EntryKind, commitment, entry_hash, key_id, seal

AT = datetime(2027, 3, 5, 17, 0, 0, 250_000, tzinfo=UTC)
SALT = "00112233445566778899aabbccddeeff"
CHANGE = {
    "id": 7,
    "account_id": 3,
    "code": "204816",
    "kind": DO,
    "at": AT,
    "call_sid": "CA1",
    "key": "CA1/5",
    "undoes": None,
    "before": {"plan": "trial", "cancels_at_trial_end": False},
    "after": {"plan": "trial", "cancels_at_trial_end": True},
}


# The form of the chain outlives every version: what was written years ago is checked by it. A test that fails here
# says that no ledger there is could be verified any more.
def test_what_was_chained_by_the_first_version_is_chained_so_for_ever():
    committed = commitment(SALT, CHANGE)
    assert committed == "884556f1789d492e3eb979bb0f421b07332dc9236f4cee00b42262bf2a3e9adf"
    assert (
        entry_hash(GENESIS, 1, EntryKind.CHANGE, AT, 7, committed)
        == "c00d93b3f1a7c84a36e6c57ab71fd4169d1b4c64a9063112d43d0e800df51003"
    )
    assert (
        entry_hash("ab" * 32, 2, EntryKind.SEALED, AT, None, "")
        == "4aa9c1cd13e2b3a550376cb376ed5928596a303a98448ac9a863ac7801695660"
    )
    assert (KEY.hex(), key_id(KEY)) == ("578f1288e84f3470fcd08fbd1386888351e1b530181ae856c619b598f3324bee", "ab2ba0f0")
    assert seal(KEY, "ab" * 32) == "92647bf669be2c4b17d280575e18d00cc9f0d0103156b1093cbe9e6c97b32f4c"


@pytest.fixture
def server_elsewhere():
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


# Databases give times back with a zone of their own, or with none (that is UTC, wherever the server stands), and
# columns in any order.
@pytest.mark.usefixtures("server_elsewhere")
def test_a_change_reads_the_same_however_a_database_gives_it_back():
    naive, there = AT.replace(tzinfo=None), AT.astimezone(timezone(timedelta(hours=-5)))
    again = [{**CHANGE, "at": naive}, {**CHANGE, "at": there}, dict(reversed(CHANGE.items()))]
    again.append({**CHANGE, "kind": "cancel_trial", "a later column": 1})
    assert {commitment(SALT, change) for change in again} == {commitment(SALT, CHANGE)}
    assert entry_hash(GENESIS, 1, "change", there, 7, "") == entry_hash(GENESIS, 1, EntryKind.CHANGE, naive, 7, "")

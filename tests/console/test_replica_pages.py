"""Pages that only show are read from the replica; what somebody has just done they see done."""

import shutil

import pytest

from ivr.db.database import open_database
from ivr.db.replica import Reads

NEW = "CA" + "1" * 32
LAGS = "the read replica is 9 seconds behind"


@pytest.fixture
def replica(staffed, tmp_path, monkeypatch):
    """A copy that learns of no call that comes from now on; `trouble` is what is found when it is looked at."""
    shutil.copy(tmp_path / "line.db", tmp_path / "copy.db")
    found = {"trouble": "", "url": f"sqlite:///{tmp_path}/copy.db"}

    def look(reads, _replica):
        reads._seen.append((0.0, 0))
        return found["trouble"]

    monkeypatch.setattr(Reads, "_look", look)
    monkeypatch.setattr("ivr.db.replica.CHECKED_S", 0.0)
    engine = open_database(found["url"])
    object.__setattr__(staffed, "reads", Reads(staffed.database, engine))
    yield found
    engine.dispose()


@pytest.fixture
def lead(replica, desk, carrier, clock):  # noqa: ARG001 it is there
    """Somebody who has signed in a while ago, and now a call has come in."""
    lead = desk("lead")
    clock.passes(seconds=60)
    carrier.post("/voice", sid=NEW)
    return lead


def test_lists_come_from_the_replica_and_who_has_done_something_sees_it_done(lead, clock):
    assert NEW not in lead.get("/console/calls").text
    assert lead.get(f"/console/calls/{NEW}").status_code == 200, "the live page leads to it"
    assert lead.post(f"/console/calls/{NEW}/notes", body="Rang back.").status_code == 302
    assert NEW in lead.get("/console/calls").text
    clock.passes(seconds=30)
    assert NEW not in lead.get("/console/calls").text


def test_a_replica_that_lags_is_not_read_and_the_page_says_so(lead, replica):
    assert LAGS not in lead.sees("/console/calls")
    replica["trouble"] = LAGS
    assert f"Read from the main database: {LAGS}." in lead.sees("/console/calls")
    assert NEW in lead.get("/console/calls").text
    assert LAGS not in lead.sees("/console/work"), "what waits for somebody is never read there"


def test_a_replica_that_fails_in_the_middle_of_a_page_fails_no_page(lead, staffed, tmp_path):
    staffed.reads.replica = broken = open_database(f"sqlite:///{tmp_path}/nothing.db")
    assert "Read from the main database: the read replica does not answer." in lead.sees("/console/calls")
    assert NEW in lead.get("/console/calls").text
    broken.dispose()

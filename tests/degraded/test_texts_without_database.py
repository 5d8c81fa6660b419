"""What else is told while the database is away: who wants no texts, and what went wrong. None of it is lost."""

import json
from datetime import timedelta
from itertools import permutations

import pytest
from outage import restarted

from ivr.db.carrier_errors import carrier_errors
from ivr.degraded.late import Wish
from ivr.degraded.spool import SpoolError
from ivr.text import Texting

ANN = "+14155550111"


@pytest.fixture
def says(carrier):
    return lambda body: carrier.post("/voice/text", From=ANN, Body=body, MessageSid="SM" + "0" * 32)


@pytest.fixture
def tells(carrier):
    form = {"Sid": "NO1", "Level": "ERROR", "Payload": json.dumps({"error_code": "11200"}), "CallSid": None}
    return lambda: carrier.post("/voice/debugger", From=None, To=None, **form)


def test_stop_waits_on_disk_and_is_kept_once_the_database_is_back(says, demo, outage):
    possible = demo.desk.outbox.possible
    outage.begins()
    assert says("STOP").status_code == 200
    assert outage.waiting == 1
    outage.ends()
    assert (possible(ANN), outage.waiting) == (Texting.STOPPED, 0)


def test_it_is_not_acknowledged_where_it_can_be_kept_nowhere(says, outage, monkeypatch):
    def full(_record):
        raise SpoolError("no room")

    monkeypatch.setattr(outage.line.steady.spool, "append", full)
    outage.begins()
    assert (says("STOP").status_code, says("START").status_code) == (500, 500)
    outage.ends()


# Those of different processes come in any order, and twice: a START lifts the STOP before it, and none after it. A STOP
# is kept where the order is lost: whoever wants texts after all can say so again.
def test_the_later_wish_counts(demo, clock):
    possible, books = demo.desk.outbox.possible, demo.steady.books
    wishes = [Wish(ANN, stops=n != 1, at=clock.now() + timedelta(seconds=n)) for n in range(3)]
    for order in permutations(wishes):
        for wish in (*order, *order):
            books.wish(Wish.of(json.loads(json.dumps(wish.record()))))
        assert possible(ANN) is Texting.STOPPED, order
    books.wish(Wish(ANN, stops=False, at=clock.now() + timedelta(seconds=3)))
    assert possible(ANN) is Texting.POSSIBLE


def test_an_error_of_the_carriers_waits_too_and_is_kept_once(tells, demo, outage):
    outage.begins()
    assert (tells().status_code, tells().status_code) == (204, 204)
    outage.ends()
    assert tells().status_code == 204
    assert [error.code for error in carrier_errors(demo.database, 10)] == [11200]


def test_an_operator_sees_how_much_waits(says, app, demo, outage, clock):
    from ivr.doctor.notes import notes  # noqa: PLC0415 beside its fixtures

    outage.begins()
    says("STOP")
    outage.ends(noticed=False)
    assert demo.steady.spool.count() == 1
    assert "answerline_spool_records 1.0" in app.test_client().get("/metrics").text
    assert notes(demo)[0] == "1 records wait on this machine's disk for the database"
    assert notes(demo)[1].startswith("ledger: ")
    again = restarted(app, demo, clock)
    assert again.steady.spool.count() == 1, "whoever wrote it"
    outage.is_noticed()
    assert again.steady.spool.count() == 0
    again.database.dispose()

"""Finding calls on both databases: the same calls, page by page, and by an index where few agree."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, insert, select

from ivr.db.console.call_filter import CallFilter, FilterError
from ivr.db.console.facts import FACTS, PATHS
from ivr.db.console.listing import listed, versions
from ivr.db.console.search import Cursor, conditions, every, find
from ivr.db.database import reading
from ivr.db.models.calls import CallRow

NOW, ZONE = datetime(2027, 3, 5, 17, tzinfo=UTC), ZoneInfo("Europe/Berlin")
STEPS = ["welcome main", "welcome main trial", "welcome main trial verify", "welcome sales"]
QUERIES = [
    "", "time=today", "time=yesterday", "time=7d", "time=30d", "time=month", "since=2027-03-05&until=2027-03-05",
    "disposition=failed", "disposition=failed&disposition=informed", "department=sales", "flow=trial", "flow=tri_l",
    "band=1:main>trial", "band=1:main>", "path=1,2", "left=main.menu", "account=70000001", "caller=+12125550101",
    "longer=100", "shorter=10&longer=5", "mark=voicemail", "mark=pin", "mark=error", "mark=repeat", "mark=silence",
    "mark=wrong-key", "mark=person", "mark=follow-up", "mark=note", "mark=pin&mark=note&flow=main", "state=live",
    "state=ended", "simulated=only", "simulated=shown", "version=v1", "q=212 555 0101", "q=70000001", "q=123456",
    "q=CA0001", "q=ca0001", "q=words", "q=%25", "flow=main&disposition=failed&mark=pin&longer=1&simulated=shown",
]  # fmt: skip

EVERYTHING = (
    "disposition=failed&department=sales&left=main.menu&longer=1&version=v1&mark=silence&mark=wrong-key&mark=person"
    "&mark=repeat&state=ended&since=2027-01-01"
)


def wanted(query):
    return CallFilter.from_query(parse_qsl(query))


@pytest.fixture
def calls(engine):
    """200 calls, three of a moment, that differ in everything."""
    base = {"called": "+18005550100", "turn": 1, "status": "completed", "state": {}, "answer": ""}
    with engine.begin() as connection:
        paths = [{"id": number, "key": str(number), "steps": steps} for number, steps in enumerate(STEPS, 1)]
        connection.execute(insert(PATHS), paths)
        rows, facts_of = [], []
        for n in range(200):
            call = {"sid": f"CA{n:04}", "caller": f"+121255501{n % 20:02}", "started_at": NOW - timedelta(hours=n // 3)}
            rows.append({**call, **base})
            facts = {
                "ended": n > 2, "duration_s": n, "account_number": f"{70000000 + n % 9}", "path_id": n % 4 + 1,
                "disposition": ["failed", "informed", "abandoned"][n % 3], "department": ["", "sales"][n % 2],
                "left_at": ["main.menu", None][n % 2], "silences": n % 2, "wrong_keys": n % 3,
                "asked_person": n % 5 == 0, "pin_wrong": int(n % 7 == 0), "faults": int(n % 11 == 0),
                "voicemail": n % 13 == 0, "since_last_s": 3600 * n,
                "version": f"v{n % 3}", "simulated": n % 10 == 0,
            }  # fmt: skip
            facts_of.append({**call, **facts})
        connection.execute(insert(CallRow), rows)
        connection.execute(insert(FACTS), facts_of)
    return engine


def pages(engine, asked):
    sids, before = [], None
    while True:
        found = find(engine, asked, NOW, ZONE, before)
        sids += [*found.live, *found.sids]
        if found.older is None:
            return sids
        before = Cursor.read(found.older.write())


def test_pages_files_and_conditions_agree_on_every_filter(calls, monkeypatch):
    """Insight counts by the conditions; a page and a file have the same calls, each once, of the newest and of all."""
    monkeypatch.setattr("ivr.db.console.search.NEWEST", 60)
    for query in QUERIES:
        asked = wanted(query)
        with reading(calls) as session:
            where = conditions(session, asked, NOW, ZONE)
            counted = sorted(session.scalars(select(FACTS.c.sid).where(*where)))
        paged = pages(calls, asked)
        assert sorted(paged) == counted, query
        assert sorted(sid for batch in every(calls, asked, NOW, ZONE) for sid in batch) == counted, query
        assert find(calls, asked, NOW, ZONE).count == len(counted), query
        assert wanted(asked.to_query()) == asked


def test_calls_of_one_moment_stand_in_one_order(calls):
    sids = pages(calls, wanted("state=ended&simulated=shown"))
    assert sids == [f"CA{3 * hour + n:04}" for hour in range(1, 67) for n in (2, 1, 0) if 3 * hour + n < 200]


def test_more_are_not_counted_than_anybody_reads(calls, monkeypatch):
    monkeypatch.setattr("ivr.db.console.search.COUNTED", 100)
    assert find(calls, wanted("simulated=shown&state=ended"), NOW, ZONE).count == 101


def test_rows_tell_whether_the_number_had_called_within_a_day(calls):
    rows = listed(calls, ["CA0024", "CA0025", "CAgone"])
    assert [(row.sid, row.repeat, row.path) for row in rows] == [
        ("CA0024", True, ("welcome", "main")),
        ("CA0025", False, ("welcome", "main", "trial")),
    ]


def test_versions_are_read_off_the_index(calls):
    assert sorted(versions(calls)) == ["v0", "v1", "v2"]


def test_a_day_begins_and_ends_where_the_reader_is():
    asked = wanted("since=2027-03-05&until=2027-03-05")
    assert asked.span(NOW, ZONE) == (datetime(2027, 3, 4, 23, tzinfo=UTC), datetime(2027, 3, 5, 23, tzinfo=UTC))
    assert asked.span(NOW, ZoneInfo("Asia/Tokyo"))[0] == datetime(2027, 3, 4, 15, tzinfo=UTC)
    late = datetime(2027, 3, 5, 23, 30, tzinfo=UTC)
    assert wanted("time=today").span(late, ZONE)[0] == datetime(2027, 3, 5, 23, tzinfo=UTC)


def test_a_day_of_twenty_three_hours_is_one_day():
    start, end = wanted("since=2027-03-28&until=2027-03-28").span(NOW, ZONE)
    assert end.timestamp() - start.timestamp() == 23 * 3600


def test_a_cursor_that_was_made_up_is_refused():
    for text in ("x", "2027-03-05T17:00_CA1", "2027-03-05T17:00Z_", "_CA1"):
        with pytest.raises(FilterError):
            Cursor.read(text)


def plan(calls, query):
    asked = []

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    event.listen(calls, "before_cursor_execute", note)
    find(calls, wanted(f"{query}&simulated=shown" if "simulated" not in query else query), NOW, ZONE)
    event.remove(calls, "before_cursor_execute", note)
    with calls.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1]).all()
    return " ".join(row[3] for row in rows)


# Rule: what few calls have is found by the index of those few, on SQLite, which has no statistics to know it by; for
# all else it walks over an index that answers by itself.
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("mark=error", "ix_call_facts_faults"),
        ("mark=pin&disposition=failed", "ix_call_facts_pin_wrong"),
        ("mark=voicemail", "ix_call_facts_voicemail"),
        ("simulated=only", "ix_call_facts_simulated"),
        ("state=live", "ix_call_facts_going"),
        ("caller=+12125550101&disposition=informed", "ix_call_facts_caller_started_at"),
        ("flow=trial", "ix_call_facts_path_id_started_at"),
        (EVERYTHING, "COVERING INDEX ix_call_facts_search"),
    ],
)
def test_few_are_found_by_their_own_index(calls, query, index):
    assert index in plan(calls, query)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("query", ["mark=voicemail&mark=pin&mark=error", "simulated=only", "flow=main&mark=note"])
def test_what_many_have_is_walked_over(calls, query, monkeypatch):
    monkeypatch.setattr("ivr.db.console.call_terms.NARROW", -1)
    assert "COVERING INDEX ix_call_facts_search" in plan(calls, query)

"""The audit log: what staff did, as admins read it and take it away."""

import csv
import io

import pytest

from ivr.db.console.audit import Act, entries


@pytest.fixture
def ada(desk):
    return desk("admin")


def fill(staffed, times):
    for n in range(times):
        staffed.staff.note("stan" if n % 2 else "lea", Act.LISTENED, f"CA{n:03}")


# Newest first, fifty a page, and no row is on two pages though others are written meanwhile.
def test_pages_follow_each_other_without_gaps(ada, staffed):
    fill(staffed, 120)
    seen, address = [], "/console/audit?act=listened"
    while address:
        page = ada.get(address).text
        seen += [part.split("<")[0] for part in page.split("subject=CA")[1:]]
        staffed.staff.note("lea", Act.NOTED, "CA999")
        older = page.split(">Older<")[0].rpartition('href="')[2].partition('"')[0] if ">Older<" in page else ""
        address = older.replace("&amp;", "&")
    numbers = [part.partition('"')[0] for part in seen]
    assert numbers == [f"{n:03}" for n in reversed(range(120))]


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [("who=stan", "CA001", "CA000"), ("subject=CA000", "CA000", "CA001"), ("act=staff+added", "role:", "CA000")],
)
def test_filters(ada, staffed, query, shown, hidden):
    fill(staffed, 2)
    page = ada.sees(f"/console/audit?{query}")
    assert shown in page
    assert hidden not in page


def test_nothing_found_is_said(ada):
    assert "No row of the log is so" in ada.sees("/console/audit?who=nobody")


@pytest.mark.parametrize("before", ["x", "-1", "1e3", "9" * 30])
def test_a_page_that_cannot_be_is_refused(ada, before):
    assert ada.get(f"/console/audit?before={before}").status_code == 400


@pytest.mark.parametrize("query", ["who=%00", "subject=%ED%A0%80", "act=" + "x" * 5000, "who='--"])
def test_odd_characters_find_nothing_and_break_nothing(ada, query):
    assert ada.get(f"/console/audit?{query}").status_code == 200


# Whoever takes the log away is in it; and what somebody typed is no formula for a spreadsheet.
def test_the_export_has_every_row_and_is_a_row_itself(ada, staffed):
    fill(staffed, 1100)
    staffed.staff.note("lea", Act.NOTED, '=HYPERLINK("https://example.com")')
    answer = ada.get("/console/audit.csv?who=lea")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.mimetype == "text/csv"
    assert len(rows) == 551
    assert rows[0]["subject"].startswith("'=")
    assert {row["who"] for row in rows} == {"lea"}
    newest = entries(staffed.database, limit=1)[0]
    assert (newest.who, newest.act, newest.subject, newest.detail) == (
        "ada",
        "exported",
        "audit",
        {"only": {"who": "lea"}},
    )

"""The list of calls: who sees what of it, what its filters find, and what comes of bad input."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import quote

import pytest
from sqlalchemy import insert

from ivr.db.console.audit import entries
from ivr.db.console.facts import FACTS, PATHS, path_key
from ivr.db.console.tables import MarkRow, NoteRow
from ivr.db.models.accounts import ChangeRow
from ivr.db.models.calls import CallRow

NOW = datetime(2027, 3, 1, 18, 0, tzinfo=UTC)  # as the line's clock stands
ANN, BOB = "+12125550131", "+493012345678"

FOUND_BY = {
    "disposition=failed": ["CA2"],
    "disposition=failed&disposition=voicemail": ["CA2", "CA3"],
    "department=sales": ["CA3"],
    "flow=trial": ["CA1"],
    "band=0:welcome>main": ["CA1", "CA2"],
    "band=1:main>": ["CA2"],
    "left=main.menu": ["CA2"],
    "account=7000 0011": ["CA1"],
    "caller=(212) 555-0131": ["CA1", "CA2"],
    "caller=0049 30 12345678": ["CA3"],
    "longer=2:00": ["CA3"],
    "longer=20&shorter=1:00": ["CA1", "CA2"],
    "mark=pin": ["CA1"],
    "mark=error": ["CA2"],
    "mark=voicemail": ["CA3"],
    "mark=repeat": ["CA2"],
    "mark=silence": ["CA1"],
    "mark=wrong-key&mark=silence": ["CA1"],
    "mark=person": ["CA3"],
    "mark=follow-up": ["CA3"],
    "mark=note": ["CA1"],
    "version=bbbb": ["CA3"],
    "since=2027-02-28&until=2027-02-28": ["CA3"],
    "since=2027-03-01T09:50": ["CA1"],
    "since=2027-03-01T17:50Z": ["CA1"],
    "time=today": ["CA1", "CA2"],
    "time=yesterday": ["CA3"],
    "time=month": ["CA1", "CA2"],
    "time=7d": ["CA1", "CA2", "CA3"],
    "state=ended": ["CA1", "CA2", "CA3"],
    "state=live": [],
    "simulated=only": ["CA4"],
    "simulated=shown": ["CA1", "CA2", "CA3", "CA4"],
    "q=212.555.0131": ["CA1", "CA2"],
    "q=70000011": ["CA1"],
    "q=CA2": ["CA2"],
    "q=123456": ["CA2"],
    "q=promised REFUND": ["CA1"],
    "q=100%25": [],
    "q=nothing of this": [],
}


@pytest.fixture
def calls(staffed):
    """Put calls into the log: `calls("CA1", caller=..., minutes=5, steps="welcome main")`; minutes: how long ago."""

    def add(sid, caller=ANN, minutes=5, steps="welcome main", **facts):
        at = NOW - timedelta(minutes=minutes)
        ended = facts.pop("ended", True)
        with staffed.database.begin() as connection:
            key = path_key(steps)
            known = connection.execute(PATHS.select().where(PATHS.c.key == key)).one_or_none()
            path = (
                known.id
                if known
                else connection.execute(insert(PATHS).values(key=key, steps=steps)).inserted_primary_key[0]
            )
            row = {"called": "+18005550100", "turn": 1, "status": "completed", "state": {}, "answer": ""}
            pending = None if ended else {"flow": steps.split()[-1]}
            connection.execute(insert(CallRow).values(sid=sid, caller=caller, started_at=at, pending=pending, **row))
            values = {"duration_s": 60, "version": "aaaa", **facts}
            connection.execute(
                insert(FACTS).values(
                    sid=sid, caller=caller, started_at=at, ended=ended, path_id=path if ended else None, **values
                )
            )

    return add


def listed(desk, query="", role="lead"):
    """CallSids of a file of calls: the same filter as the page's."""
    return [row["call_sid"] for row in desk(role).get(f"/console/calls.json?{query}").json]


def test_calls_are_listed_newest_first_and_those_going_on_above_them(desk, calls):
    calls("CAold", minutes=60, caller="+12125550101")
    calls("CAnew", minutes=1, caller="+12125550102")
    calls("CAlive", minutes=30, caller="+12125550103", ended=False)
    page = desk("lead").sees("/console/calls")
    order = [page.index(number) for number in ("+1 212-555-0103", "+1 212-555-0102", "+1 212-555-0101")]
    assert order == sorted(order)
    assert "Live" in page
    assert "3 calls" in page


def test_a_call_that_goes_on_is_found_by_the_account_that_its_caller_has_proved(desk, phone):
    """At once, by the filter and by the search box, and in files."""
    call = phone.dial(from_="+14155550111").press("3").press("1").press("1")
    about = "account=70000011&simulated=shown"
    assert listed(desk, about) == []
    call.press("204816")
    assert listed(desk, about) == listed(desk, "q=70000011&simulated=shown") == [call.call_sid]
    assert "Live" in desk("lead").sees(f"/console/calls?{about}")
    call.hang_up()


def test_a_list_is_told_how_many_newer_calls_agree_with_its_filter(desk, calls):
    """It asks after the newest call that it shows, or after the moment at which it showed none."""
    stan = desk("staff")
    calls("CA1", minutes=9, department="sales")
    empty, full = (
        unescape(re.search(r'data-ask="([^"]+)"', stan.get(f"/console/calls?department={name}").text)[1])
        for name in ("billing", "sales")
    )

    def told(ask):
        return stan.get(ask, Accept="application/json").json["newer"]

    assert (told(full), told(empty)) == ("", "")
    calls("CA0", minutes=9, department="sales")
    calls("CA2", minutes=8, department="support")
    assert told(full) == ""
    calls("CA3", minutes=8, department="sales")
    assert told(full) == "1 newer call"
    calls("CA4", minutes=7, department="sales", ended=False)
    assert told(full) == "2 newer calls"
    for number in range(50):
        calls(f"CAm{number}", minutes=6, department="sales")
    assert told(full) == "more than 50 newer calls"
    calls("CAb", minutes=-1, department="billing")
    assert told(empty) == "1 newer call"
    assert stan.get("/console/calls/newer?after=x").status_code == 400


def test_a_call_that_lost_its_end_is_not_live_for_ever(desk, calls):
    calls("CAlost", minutes=300, ended=False)
    page = desk("lead").sees("/console/calls")
    assert "End unknown" in page
    assert "chip live" not in desk("lead").get("/console/calls").text


def test_pages_follow_each_other_without_a_gap_also_within_one_moment(desk, calls):
    for number in range(120):
        calls(f"CA{number:03}", minutes=10, account_number=f"{70000000 + number}")
    lead, seen, path = desk("lead"), [], "/console/calls"
    while path:
        page = lead.get(path).text
        seen += re.findall(r"account=(7[0-9]{7})", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older and "/console/calls" + older[1].replace("&amp;", "&")
    assert seen == [f"{70000000 + number}" for number in reversed(range(120))]


def test_each_filter_finds_its_calls(desk, staffed, calls):
    """Whatever the filter, the file and the page agree; the day is that of California, where the company is."""
    ann = {"pin_wrong": 1, "silences": 1, "wrong_keys": 2, "account_number": "70000011"}
    calls("CA1", minutes=5, steps="welcome main trial verify", **ann)
    calls("CA2", minutes=50, disposition="failed", left_at="main.menu", faults=1, since_last_s=86400)
    bob = {"voicemail": True, "asked_person": True, "since_last_s": 86401, "version": "bbbb", "duration_s": 300}
    calls("CA3", BOB, 18 * 60, "welcome sales", disposition="voicemail", department="sales", **bob)
    calls("CA4", minutes=5000, simulated=True)
    change = {"account_id": 1, "kind": "cancel_trial", "at": NOW, "key": "CA2/1", "before": {}, "after": {}}
    note = {"current": True, "at": NOW, "who": "stan"}
    with staffed.database.begin() as connection:
        connection.execute(insert(NoteRow).values(call_sid="CA1", body="We promised a refund, 100 percent", **note))
        connection.execute(insert(NoteRow).values(call_sid="CA2", body="", **note))
        connection.execute(insert(MarkRow).values(call_sid="CA3", follow_up=True, at=NOW, who="stan"))
        connection.execute(insert(ChangeRow).values(call_sid="CA2", code="123456", **change))
    lead, found, shown = desk("lead"), {}, {}
    for query in FOUND_BY:
        found[query] = sorted(call["call_sid"] for call in lead.get(f"/console/calls.json?{query}").json)
        shown[query] = lead.get(f"/console/calls?{query}").text.count("<tr data-row")
    assert found == FOUND_BY
    assert shown == {query: len(sids) for query, sids in FOUND_BY.items()}


def test_paths_of_the_graph_are_a_filter(desk, staffed, calls):
    calls("CA1", steps="welcome main")
    calls("CA2", steps="welcome sales")
    with staffed.database.connect() as connection:
        ids = {row.steps: row.id for row in connection.execute(PATHS.select())}
    assert listed(desk, f"path={ids['welcome sales']}") == ["CA2"]
    assert listed(desk, f"path={ids['welcome sales']},{ids['welcome main']}") == ["CA2", "CA1"]


def test_staff_find_a_number_that_they_are_shown_masked(desk, calls):
    calls("CA1", caller=ANN)
    for query in ("q=212-555-0131", "caller=212-555-0131"):
        page = desk("staff").get(f"/console/calls?{query}").text
        assert "<tr data-row" in page
        assert "…31" in page
        assert "+1 212" not in page
        body = page.partition("</thead>")[2]
        assert ANN not in body


def test_a_lead_sees_whole_numbers_and_staff_do_not(desk, calls):
    calls("CA1", caller=ANN)
    assert "+1 212-555-0131" in desk("lead").sees("/console/calls")
    page = desk("staff").get("/console/calls").text
    assert "…31" in page
    assert "5550131" not in page
    assert "555-0131" not in page


@pytest.mark.parametrize(("role", "number"), [("staff", "…31"), ("lead", ANN)])
def test_files_have_whole_numbers_for_a_lead_only(desk, calls, role, number):
    calls("CA1", caller=ANN)
    who = desk(role)
    assert who.get("/console/calls.json").json[0]["caller"] == number
    rows = list(csv.DictReader(io.StringIO(who.get("/console/calls.csv").data.decode("utf-8-sig"))))
    assert rows[0]["caller"].removeprefix("'") == number


def test_nothing_in_a_table_is_a_formula(desk, calls):
    calls("CA1", caller="=HYPERLINK(1)", department="@SUM(1)", left_at="-1.x")
    row = next(csv.DictReader(io.StringIO(desk("lead").get("/console/calls.csv").data.decode("utf-8-sig"))))
    assert (row["caller"], row["department"], row["left_at"]) == ("'=HYPERLINK(1)", "'@SUM(1)", "'-1.x")


def test_files_are_whole_however_many_calls_there_are(desk, calls, monkeypatch):
    monkeypatch.setattr("ivr.db.console.search.BATCH", 3)
    for number in range(10):
        calls(f"CA{number}", minutes=number // 2)
    assert len(listed(desk)) == 10
    assert len(set(listed(desk))) == 10
    assert desk("lead").get("/console/calls.csv").text.count("\n") == 11


def test_no_calls_are_a_whole_file_too(desk):
    assert json.loads(desk("staff").get("/console/calls.json").text) == []


def test_a_file_is_in_the_audit_log_with_its_filter_and_without_whole_numbers(desk, staffed):
    desk("staff").get(f"/console/calls.csv?caller={quote(ANN)}&mark=pin")
    desk("staff").get("/console/calls.json?q=212-555-0131")
    told = [(entry.who, entry.detail) for entry in entries(staffed.database, act="exported")]
    assert told == [
        ("stan", {"format": "json", "filter": "q=…31"}),
        ("stan", {"format": "csv", "filter": "caller=…31&mark=pin"}),
    ]


def test_where_all_is_simulated_the_page_says_so_and_offers_to_show_it(desk, calls):
    calls("CA1", simulated=True)
    page = desk("staff").sees("/console/calls")
    assert "One simulated call is hidden." in page
    assert "Show simulated calls" in page
    assert "simulated" in desk("staff").get("/console/calls?simulated=shown").text.partition("<tbody")[2]


def test_a_search_says_what_it_was_taken_for(desk, calls):
    calls("CA1", account_number="70000011")
    assert "Searched for account 70000011." in desk("staff").sees("/console/calls?q=7000 0011")
    assert "Looked for words of notes (no calls)." in desk("staff").sees("/console/calls?q=zebra")


def test_each_filter_in_force_is_a_chip_that_takes_it_away(desk):
    page = desk("staff").get("/console/calls?time=7d&disposition=failed&disposition=callback&flow=trial").text
    chips = re.findall(r'<a class="chip" href="([^"]+)"[^>]*>([^<]+)', page)
    assert [(text.strip(), link.replace("&amp;", "&").partition("?")[2]) for link, text in chips] == [
        ("7 days", "disposition=failed&disposition=callback&flow=trial"),
        ("Not served", "time=7d&disposition=callback&flow=trial"),
        ("Wants a callback", "time=7d&disposition=failed&flow=trial"),
        ("came to Free trial", "time=7d&disposition=failed&disposition=callback"),
    ]


def test_what_a_form_leaves_open_is_not_in_the_address(desk):
    answer = desk("staff").get("/console/calls?q=&flow=trial&left=&mark=pin&caller=++")
    assert answer.location == "/console/calls?flow=trial&mark=pin"


REFUSED = [
    "time=tomorrow",
    "disposition=happy",
    "mark=x",
    "since=yesterday",
    "until=2027-02-30",
    "until=9999-12-31",
    "since=0001-01-01T00:00%2B14:00",
    "caller=abc",
    "longer=-1",
    "longer=1e9",
    "longer=99:99:99:99",
    "longer=90&shorter=10",
    "path=1,x",
    "band=main",
    "simulated=maybe",
    "state=dead",
    "before=x",
    "before=2027-03-01",
    "before=2027-03-01T00:00_CA1",
    "before=0001-01-01T00:00%2B14:00_CA1",
    "path=" + ",".join(map(str, range(3000))),
    "q=" + "x" * 300,
]
ODD = [
    "q=%00",
    "q=%ED%A0%80",
    "q='; drop table calls--",
    "q=%25_%5C",
    "flow=nowhere",
    "flow=%25",
    "left=a.b.c",
    "department=%00",
    "account=abc",
    "path=999999999",
    "band=99:x>y",
    "longer=99999999",
    "since=2027-03-05&until=2027-03-01",
    "before=2027-03-01T00:00Z_%ED%A0%80",
    "since=9999-12-30",
    "since=0001-01-01",
    "nothing=of this",
    "q=+0000000000",
    "q=99999999999999999999",
    "q=" + "\N{ELEPHANT}" * 60,
]


def test_a_filter_that_cannot_be_read_is_refused_with_a_sentence(desk):
    stan = desk("staff")
    answers = {query: stan.get(f"/console/calls?{query}") for query in REFUSED}
    assert [query for query, answer in answers.items() if answer.status_code != 400] == []
    assert all("That cannot be read" in answer.text for answer in answers.values())


def test_odd_input_finds_nothing_and_breaks_nothing(desk):
    stan = desk("staff")
    for page in ("calls", "calls.csv"):
        answers = {query: stan.get(f"/console/{page}?{query}").status_code for query in ODD}
        assert {query: code for query, code in answers.items() if code != 200} == {}


def test_a_filter_is_kept_by_name_opened_replaced_and_deleted(desk):
    stan = desk("staff")
    answer = stan.post("/console/filters", name=" My  failed ", query="disposition=failed")
    assert answer.location == "/console/calls?disposition=failed"
    stan.post("/console/filters", name="My failed", query="disposition=failed&mark=pin")
    page = stan.get("/console/calls").text
    assert page.count("My failed</a>") == 1
    assert 'href="/console/calls?disposition=failed&amp;mark=pin">My failed' in page
    number = re.search(r"/console/filters/([0-9]+)/delete", page)[1]
    assert desk("lead").post(f"/console/filters/{number}/delete").status_code == 404
    assert "My failed</a>" in stan.get("/console/calls").text, "a colleague cannot delete it"
    assert "My failed</a>" not in desk("lead").get("/console/calls").text, "nor sees it"
    assert stan.post(f"/console/filters/{number}/delete", query="mark=pin").location == "/console/calls?mark=pin"
    assert "gone already" in stan.post(f"/console/filters/{number}/delete").text
    assert "My failed</a>" not in stan.get("/console/calls").text


@pytest.mark.parametrize(
    ("form", "says"), [({"name": " "}, "1 to 64"), ({"name": "x" * 65}, "1 to 64"), ({}, "1 to 64")]
)
def test_a_filter_without_a_proper_name_is_not_kept(desk, form, says):
    stan = desk("staff")
    stan.post("/console/filters", query="mark=pin", **form)
    assert says in stan.sees("/console/calls")


def test_a_filter_that_cannot_be_read_is_not_kept(desk):
    assert desk("staff").post("/console/filters", name="x", query="mark=x").status_code == 400


def test_what_a_flow_was_called_when_it_has_been_removed(desk, calls):
    calls("CA1", steps="welcome retired_flow")
    assert "retired_flow" in desk("staff").sees("/console/calls?flow=retired_flow")

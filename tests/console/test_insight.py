"""The insight page: what staff see of what calls come to, and what they are told when they ask for something odd."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from once import filled
from random_calls import leave_simulated, place_calls

PARTS = ("calls", "paths", "tasks", "answers", "nodes", "reply")


@pytest.fixture
def stan(desk, staffed, phone, clock, call_application):  # noqa: ARG001 it is what the phone calls
    """Stan, at work after some calls of the last days; every third is simulated."""

    def calls():
        place_calls(phone, clock, 30, seed=3)
        leave_simulated(staffed.database, every=3)

    filled("calls of the last days", staffed.database, clock, calls)
    return desk("staff")


def part(who, name, query=""):
    return who.sees(f"/console/insight/part/{name}?{query}")


def test_the_page_brings_its_parts_one_by_one(stan):
    page = stan.get("/console/insight").text
    assert re.findall(r'data-part="([^"?]+)', page) == [f"/console/insight/part/{name}" for name in PARTS]
    for name in PARTS:
        assert stan.get(f"/console/insight/part/{name}").status_code == 200, name


def test_containment_stands_beside_what_it_may_hide(stan):
    seen = part(stan, "calls", "time=30d")
    first = [seen.index(title) for title in ("Containment", "Abandonment", "Zero-out", "Called again, 24 hours")]
    assert first == sorted(first)
    assert seen.index("True containment") > first[-1]


def test_each_figure_says_of_how_many_with_its_interval_and_what_it_means(stan):
    seen = part(stan, "calls", "time=30d")
    assert re.search(r"Containment \d+\.\d % 95 %: \d+\.\d to \d+\.\d % \d+ of \d+", seen)
    assert "calls with at least one key pressed, or ten seconds long" in seen
    assert "Calls too young to know are left out" in seen


def test_simulated_calls_are_left_out_until_somebody_asks_for_them(stan):
    assert "20 calls," in part(stan, "calls", "time=30d")
    assert "30 calls," in part(stan, "calls", "time=30d&simulated=shown")


@pytest.mark.usefixtures("staffed", "call_application")
def test_where_all_calls_are_simulated_the_page_says_so_and_offers_them(desk, phone):
    phone.dial().press("1").hang_up()
    seen = desk("staff").get("/console/insight/part/calls").text
    assert "There are simulated calls" in seen
    assert 'href="/console/insight?time=7d&amp;simulated=shown"' in seen


def test_where_nobody_has_called_every_part_says_so(desk):
    for name in PARTS:
        assert part(desk("staff"), name)


def test_a_time_is_compared_with_as_many_days_before_it(stan, clock):
    """So far today is compared with yesterday up to this hour."""
    seen = stan.sees("/console/insight?time=today")
    day_before = clock.now() - timedelta(days=1)
    assert f"{day_before.astimezone().strftime('%b %Y')}" in seen
    before = part(stan, "calls", "time=yesterday")
    today = part(stan, "calls", "time=today")
    assert re.search(r"\d+ calls, \d+ in the time before", before)
    assert re.search(r"\d+ calls, \d+ in the time before|No calls", today)


def test_a_band_opens_the_list_of_exactly_its_calls(stan):
    page = stan.get("/console/insight/part/paths?time=30d").text
    bands = re.findall(r'<a data-open href="([^"]+)" aria-label="(\d+) calls', page)
    assert len(bands) > 10
    for address, calls in bands[:3] + bands[-3:]:
        listed = stan.get(unescape(address)).text
        assert len(re.findall(r"<tr data-row", listed)) == int(calls), address


def test_the_chart_and_the_table_tell_the_same(stan):
    page = stan.get("/console/insight/part/paths?time=30d").text
    drawn = json.loads(unescape(re.search(r'<script type="application/json">(.*?)</script>', page)[1]))
    told = [int(calls) for calls in re.findall(r'aria-label="(\d+) calls', page)]
    assert sorted(drawn["data"][0]["link"]["value"]) == sorted(told)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=2027-13-45", "is no day"),
        ("since=2027-03-05&until=2027-03-01", "ends before it begins"),
        ("since=1999-01-01&until=2027-01-01", "400 days at most"),
        ("since=0001-01-01&until=0001-01-02", "too long ago"),
        ("until=9999-12-31", "is no day"),
        ("time=ever", "no span of time"),
        ("version=" + "x" * 500, "200 characters at most"),
    ],
)
@pytest.mark.parametrize("path", ["/console/insight", "/console/insight/part/calls"])
def test_an_odd_time_is_refused_with_a_sentence(desk, path, query, said):
    answer = desk("staff").get(f"{path}?{query}")
    assert (answer.status_code, said in answer.text) == (400, True), answer.text[-300:]


@pytest.mark.parametrize(
    "query", ["department=%00", "version=%27--", "department=nobody", "band=0:x>y", "q=%F0%9F%93%9E"]
)
def test_odd_filters_do_no_harm(desk, query):
    for name in PARTS:
        assert desk("staff").get(f"/console/insight/part/{name}?{query}").status_code == 200


def test_there_are_no_other_parts(desk):
    assert desk("staff").get("/console/insight/part/secrets").status_code == 404


def test_the_library_of_the_charts_is_loaded_once(desk):
    page = desk("staff").get("/console/insight").text
    answer = desk("staff").get(re.search(r'data-src="([^"]+)"', page)[1])
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert desk("staff").get("/console/insight/plotly-0.js").status_code == 404

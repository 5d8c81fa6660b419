"""The list of calls in a browser: filters are set, seen, taken away and kept; nothing serious for axe."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert
from test_accessibility import findings

from ivr.db.console.facts import FACTS, PATHS
from ivr.db.models.calls import CallRow

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def some_calls(staffed_line):
    """Three simulated calls; one has everything that a row can tell."""
    now = datetime.now(UTC)
    with staffed_line.engine.begin() as connection:
        connection.execute(
            insert(PATHS).values(id=99999, key="x", steps="welcome main trial verify cancel_trial support")
        )
        for number in range(3):
            call = {"sid": f"CA{number}", "caller": "+12125550131", "started_at": now - timedelta(minutes=number)}
            rest = {"called": "+18005550100", "turn": 1, "status": "completed", "state": {}, "answer": ""}
            connection.execute(insert(CallRow).values(**call, **rest))
            facts = {"ended": number > 0, "duration_s": 61, "version": "aaaa", "simulated": True, "path_id": 99999}
            connection.execute(insert(FACTS).values(**call, **facts))
        everything = {"pin_wrong": 2, "faults": 1, "voicemail": True, "since_last_s": 60, "account_number": "70000011"}
        more = {"disposition": "failed", "department": "support", "left_at": "support.wait"}
        connection.execute(FACTS.update().where(FACTS.c.sid == "CA2").values(**everything, **more))


@pytest.mark.usefixtures("some_calls")
def test_from_an_empty_list_to_a_filter_with_a_name(sit_down):
    page = sit_down("staff")
    page.click("a:text-is('hidden')")
    page.click("text=Show simulated calls")
    page.locator("[data-row]").first.wait_for()
    page.click("#filters summary")
    page.check("text=PIN trouble")
    page.fill("#f-longer", "1:00")
    page.click("text=Show calls")
    page.wait_for_url("**/console/calls?longer=60&mark=pin&simulated=shown")
    assert 0 < page.locator("[data-row]").count() == page.locator("[data-row] :text('PIN trouble')").count()
    page.click("summary:has-text('Saved')")
    page.fill("#filter-name", "Trouble")
    page.click("button:has-text('Save')")
    page.locator(".alert", has_text="“Trouble” is saved.").wait_for()
    page.click(".chip:has-text('1:00 or longer')")
    page.wait_for_url("**/console/calls?mark=pin&simulated=shown")
    page.click("summary:has-text('Saved')")
    page.click("a:text-is('Trouble')")
    page.wait_for_url("**/console/calls?longer=60&mark=pin&simulated=shown")
    page.click("summary:has-text('Export')")
    with page.expect_download() as download:
        page.click("text=CSV")
    assert download.value.suggested_filename.endswith(".csv")
    page.keyboard.press("Escape")
    assert not page.locator("text=JSON").is_visible()


def hide(page, *, hidden):
    page.evaluate(
        f"Object.defineProperty(document, 'hidden', {{ value: {str(hidden).lower()}, configurable: true }});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )


def test_a_list_says_that_newer_calls_have_come_and_a_hidden_one_asks_nothing(sit_down, staffed_line):
    page = sit_down("staff", "/console/calls?simulated=shown")
    page.clock.install()
    page.reload()
    rows = page.locator("[data-row]").count()
    hide(page, hidden=True)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.fast_forward(60_000)
    assert asked == []
    with staffed_line.engine.begin() as connection:
        call = {"sid": "CAnewer", "caller": "+12125550131", "started_at": datetime.now(UTC)}
        rest = {"called": "+18005550100", "turn": 1, "status": "completed", "state": {}, "answer": ""}
        connection.execute(insert(CallRow).values(**call, **rest))
        connection.execute(insert(FACTS).values(**call, ended=True, duration_s=61, version="aaaa", simulated=True))
    hide(page, hidden=False)
    link = page.locator("#newer a")
    expect(link).to_have_text("1 newer call")
    assert page.locator("[data-row]").count() == rows
    with page.expect_request("**/console/calls/newer*"):
        page.clock.fast_forward(13_000)
    link.click()
    expect(page.locator("[data-row]").first).to_contain_text("…31")
    assert findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("some_calls")
def test_nothing_serious_at_any_width(sit_down, scheme):
    page = sit_down("lead", color_scheme=scheme, reduced_motion="reduce")
    found = findings(page)  # the empty list
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(page.url.partition("?")[0] + "?simulated=shown&time=7d&q=212-555-0131")
        found += findings(page)
        page.click("#filters summary")
        page.click("summary:has-text('Saved')")
        found += findings(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found == []

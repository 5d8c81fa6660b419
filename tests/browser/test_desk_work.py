"""The work lists in a browser: usable by keyboard and by everybody, in light and dark."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from test_accessibility import findings

from ivr.db.database import writing
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)
LISTS = ("", "/messages", "/missed", "/callbacks", "/locks", "/texts", "/follow-ups", "/mine")


@pytest.fixture(scope="module")
def waits(staffed_line):
    """Something waits in the lists of a lead."""
    message = {"department": "support", "topic": "main", "caller": "+14155550111", "seconds": 5, "state": "sent"}
    text = {"to_number": "+14155550111", "body": "Your trial is cancelled.", "purpose": "change", "state": "dead"}
    place = {"department": "support", "caller": "+14155550111", "called": "", "topic": "main", "number": "+14155550111"}
    none = {"proved": True, "tries": 1, "offer": "", "asked": 0, "key": ""}
    later = NOW + timedelta(days=1)
    with writing(staffed_line.engine) as session:
        for number, more in enumerate(({"stored": "a.wav", "fetched_at": NOW, "transcript": "Hello."}, {"error": "x"})):
            row = VoicemailRow(recording_sid=f"RE{number}", call_sid="CA1", at=NOW, kept_until=later, **message, **more)
            session.add(row)
        session.add(TextRow(key="k", call_sid="CA1", created_at=NOW, error="error 30003", attempts=8, **text))
        session.add(
            PlaceRow(
                call_sid="CA1", arrived_at=NOW, kind="callback", state="waiting", not_before=later, **place, **none
            )
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("waits")
def test_no_serious_finding_in_any_list(sit_down, scheme):
    page = sit_down("lead", "/console/work", color_scheme=scheme, reduced_motion="reduce")
    found = {}
    for name in LISTS:
        page.goto(f"{page.url.split('/console')[0]}/console/work{name}")
        for summary in page.locator(".why summary").all():
            summary.click()
        found[name] = findings(page)
    page.set_viewport_size({"width": 360, "height": 800})
    for name in ("/messages", "/callbacks"):
        page.goto(f"{page.url.split('/console')[0]}/console/work{name}")
        found[f"{name} 360"] = findings(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert {name: each for name, each in found.items() if each} == {}


def test_no_serious_finding_where_the_database_does_not_answer(sit_down, staffed_line):
    page = sit_down("lead", "/console/work")
    with staffed_line.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE calls RENAME TO away")
    answer = page.request.get(f"{staffed_line.base}/console/calls")
    with staffed_line.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO calls")
    assert answer.status == 503
    page.route("**/console/calls", lambda route: route.fulfill(body=answer.text(), content_type="text/html"))
    page.goto(f"{staffed_line.base}/console/calls")  # shown as it came; a browser complains of its status
    expect(page.locator("h1")).to_have_text("This is not available just now")
    assert findings(page) == []


@pytest.mark.usefixtures("waits")
def test_an_account_is_released_with_its_reason(sit_down):
    page = sit_down("lead", "/console/work/locks")
    rows = page.locator("tbody tr")
    before = rows.count()
    rows.first.locator("summary").click()
    rows.first.locator("[name=reason]").fill("called back at the number on file")
    rows.first.locator("form button").click()
    expect(page.locator(".flashes")).to_contain_text("open to callers again")
    expect(rows).to_have_count(before - 1)

"""Accounts, staff, the audit log and a profile, as people at a browser use them, each as their role."""

import re
from datetime import UTC, datetime

import pytest
from desks import PASSWORD
from pyotp import TOTP
from sqlalchemy import update
from test_accessibility import findings

from ivr.db.console.audit import Act, record
from ivr.db.console.tables import StaffRow
from ivr.db.database import writing

pytestmark = pytest.mark.slow

PAGES = {
    "staff": ["/console/profile", "/console/profile/factor", "/console/accounts/70000017"],
    "admin": [
        "/console/accounts",
        "/console/accounts/70000071",
        "/console/accounts/70000011/pin",
        "/console/staff",
        "/console/staff/1",
        "/console/audit",
        "/console/carrier-errors",
    ],
}


# Nothing serious for axe-core, nor anything wider than the screen: light and dark, on a desk and in a hand.
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
@pytest.mark.parametrize("role", PAGES)
def test_every_page_is_accessible_and_fits(sit_down, staffed_line, role, scheme, width):
    page = sit_down(role, PAGES[role][0], color_scheme=scheme, viewport={"width": width, "height": 900})
    for path in PAGES[role]:
        page.goto(f"{staffed_line.base}{path}")
        assert (path, findings(page)) == (path, [])
        assert (path, page.evaluate("document.documentElement.scrollWidth - innerWidth")) == (path, 0)


# An account is found by its telephone, its change taken back, and a PIN set that is shown once.
def test_an_admin_takes_a_change_back_and_sets_a_pin(sit_down):
    page = sit_down("admin", "/console/accounts")
    page.fill("#find", "(415) 555-0117")
    page.press("#find", "Enter")
    page.wait_for_url(re.compile("q="))
    page.keyboard.press("j")  # the first row
    page.keyboard.press("Enter")
    page.click("a:has-text('Undo')")
    page.fill("#reason", "rang to say so")
    page.click("button:has-text('Undo it')")
    page.locator(".alert-success", has_text="confirmation code is").wait_for()
    page.click("a:has-text('Set a new PIN')")
    page.fill("#reason", "a letter came")
    page.click("button:has-text('Set it and show it')")
    assert re.fullmatch(r"\d{3} \d{3}", page.locator("#once").inner_text())
    assert findings(page) == []
    page.click("a:has-text('Who saw it'), a:has-text('I have told them')")
    page.click("a:has-text('Who saw it')")
    assert page.locator("td", has_text="PIN set").count() == 1


# What is shown once, what asks before it changes something, a log that is long, and what is refused.
def test_pages_that_nobody_passes_by_chance_are_accessible_in_both_themes(sit_down, staffed_line):
    page = sit_down("admin", "/console/staff", viewport={"width": 360, "height": 800}, reduced_motion="reduce")
    page.fill("#new-name", "nora")
    page.click("button:has-text('Add')")
    looked_at(page, "has to be changed at the first sign-in")
    page.goto(f"{staffed_line.base}/console/accounts/70000035")
    page.click("a:has-text('Undo')")
    looked_at(page, "Undo a change")
    page.goto(f"{staffed_line.base}/console/accounts/70000012/pin")
    page.fill("#reason", "a letter came")
    page.click("button:has-text('Set it and show it')")
    looked_at(page, "It is not shown again")
    with writing(staffed_line.engine) as session:
        for number in range(60):
            record(session, datetime.now(UTC), "ada", Act.NOTED, f"CA{number:032}", reason="Donaudampfschiff" * 20)
    page.goto(f"{staffed_line.base}/console/audit")
    looked_at(page, "Older")
    refused = page.context.browser.new_context(  # whose console tells of each refusal
        storage_state=page.context.storage_state(), viewport=page.viewport_size, reduced_motion="reduce"
    ).new_page()
    for path, words in {
        "nowhere": "There is no such page",
        "calls?time=soon": "There is no span of time",
        "staff/add": "Not here",
    }.items():
        refused.goto(f"{staffed_line.base}/console/{path}")
        looked_at(refused, words)
    refused.goto(f"{staffed_line.base}/console/accounts/70000012/pin")
    refused.fill("#reason", "another letter came")
    refused.evaluate("document.querySelector('main [name=csrf_token]').value = 'old'")
    refused.click("button:has-text('Set it and show it')")
    looked_at(refused, "This form has expired")
    refused.click("a:has-text('Back to the page')")
    refused.locator("h1", has_text="Set a new PIN").wait_for()
    refused.context.close()


def looked_at(page, words):
    """Nothing serious for axe-core in light and dark, and nothing wider than the screen."""
    page.locator("main", has_text=words).wait_for()
    for _ in "light", "dark":
        assert (words, findings(page)) == (words, [])
        page.click("#theme")
    assert (words, page.evaluate("document.documentElement.scrollWidth - innerWidth")) == (words, 0)


# A second factor is set up from the page, asked for at the door, and works with a recovery code too.
def test_a_lead_sets_up_a_second_factor_and_signs_in_with_it(sit_down, staffed_line):
    page = sit_down("lead", "/console/profile")
    page.click("a:has-text('Set it up')")
    assert page.locator("img.qr").evaluate("(image) => image.complete && image.naturalWidth > 0")
    app = TOTP(page.locator(".key code").inner_text().replace(" ", ""))
    page.fill("#password", PASSWORD)
    page.fill("#code", app.at(datetime.now(UTC)))
    page.click("button:has-text('Turn it on')")
    page.locator("h2", has_text="Recovery codes").wait_for()
    assert findings(page) == []
    code = page.locator(".codes code").first.inner_text()
    page.click("a:has-text('I have kept them')")
    page.click("button[title='Sign out']")
    page.fill("#name", "lea")
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_url(f"{staffed_line.base}/console/sign-in/code")
    assert findings(page) == []
    page.fill("#code", code)
    page.click("button:has-text('Go on')")
    page.wait_for_url(f"{staffed_line.base}/console/calls")
    with writing(staffed_line.engine) as session:  # for whoever signs in next
        session.execute(update(StaffRow).where(StaffRow.name == "lea").values(totp_secret=None))


# Somebody new comes in with the password that was shown once, and chooses their own.
def test_a_new_colleague_is_added_and_chooses_a_password(sit_down, staffed_line, chromium):
    page = sit_down("admin", "/console/staff")
    page.fill("#new-name", "nell")
    page.check("#role-lead")
    page.click("button:has-text('Add')")
    password = page.locator("#once").inner_text()
    theirs = chromium.new_context().new_page()
    theirs.goto(f"{staffed_line.base}/console/accounts")
    theirs.fill("#name", "nell")
    theirs.fill("#password", password)
    theirs.click("button:has-text('Sign in')")
    theirs.locator(".alert-warning", has_text="Choose a password of your own").wait_for()
    for field, typed in (("#password", password), ("#new", "a password of my own"), ("#again", "a password of my own")):
        theirs.fill(field, typed)
    theirs.click("button:has-text('Change the password')")
    theirs.locator(".alert-success").wait_for()
    theirs.goto(f"{staffed_line.base}/console/accounts")
    assert theirs.locator("h1").inner_text() == "Accounts"
    theirs.context.close()

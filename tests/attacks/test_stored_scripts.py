"""Scripts that callers, importers and staff have written where the console shows them: none runs, on any page."""

import csv
from io import StringIO
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from chromium import chromium
from desks import PASSWORD, Desk, colleagues
from planted_scripts import MARK, SCRIPT, plant
from server import Server
from tables import show

from ivr.clock import SystemClock
from ivr.config import Settings
from ivr.console.audit_log import _line
from ivr.console.call_files import as_csv
from ivr.db.database import open_database

__all__ = ["chromium"]
PAGES = (
    "calls calls?q={q} live work/missed work/follow-ups work/mine work/messages work/callbacks work/locks work/texts "
    "work/events carrier-errors accounts accounts?q={q} accounts/70000011 audit audit?who={q} staff staff/1 profile "
    "prompts?words={q} data insight insight/part/calls calls/{sid} calls/{sid}.call nowhere/{q} accounts/{q} live/now"
).split()
# Tells of itself in a list, instead of to an address that nobody reads.
REPORT = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""
FORMULAS = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\N{FULLWIDTH EQUALS SIGN}1")


def addresses(sid):
    return [f"/console/{page.format(sid=sid, q=quote(SCRIPT, safe=''))}" for page in PAGES]


def test_no_page_holds_a_script_that_was_planted(app, demo, carrier, clock):
    colleagues(demo.database, clock)
    carrier.post("/voice", From=SCRIPT, To=SCRIPT)
    carrier.post("/voice/main/menu?turn=1", Digits="5")
    sid = plant(demo.database, clock.now())
    ada = Desk(app, "admin")
    ada.post("/console/sign-in", name=SCRIPT, password="x")
    answers = {address: ada.get(address) for address in addresses(sid)}
    pages = [answer for answer in answers.values() if answer.mimetype == "text/html"]
    assert [address for address, answer in answers.items() if answer.status_code >= 500] == []
    assert [answer.request.path for answer in pages if "<img src=x" in answer.text] == []
    assert sum(MARK in answer.text for answer in answers.values()) >= 15


# A spreadsheet takes what begins so for a formula, also behind a blank, and in wide letters.
@pytest.mark.parametrize("formula", FORMULAS, ids=ascii)
def test_no_cell_of_a_file_is_a_formula(formula):
    for text in ("".join(as_csv([{"caller": formula}])), _line("", formula, "", "", "")):
        cells = [cell for row in csv.reader(StringIO(text)) for cell in row]
        assert f"'{formula}" in cells
        assert formula not in cells


@pytest.mark.attack
def test_no_script_runs_in_a_browser_and_the_policy_is_never_needed(chromium, tmp_path):
    with Server(tmp_path) as server:
        settings = Settings.from_env({"INSTANCE_DIR": str(tmp_path / "instance")})
        clock, engine = SystemClock(ZoneInfo(settings.time_zone)), open_database(settings.database_url)
        colleagues(engine, clock)
        sid = plant(engine, clock.now())
        engine.dispose()
        context = chromium.new_context()
        context.add_init_script(REPORT)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.goto(f"{server.base}/console")
        page.fill("#name", "ada")
        page.fill("#password", PASSWORD)
        page.click("button:has-text('Sign in')")
        rows = []
        for address in addresses(sid):
            if address.endswith(".call"):
                continue
            page.goto(server.base + address)
            rows.append((address.partition("x9z")[0].removeprefix("/console/"), *told(page)))
        page.goto(f"{server.base}/console/calls")
        page.evaluate(f"document.body.insertAdjacentHTML('beforeend', {SCRIPT!r})")
        page.wait_for_function("window.violations.length > 0")
        rows.append(("put in by hand, to see that it is noticed", *told(page)))
        context.close()
    show("Planted scripts in a browser", ("page", "texts shown", "elements", "has run", "reports of the policy"), rows)
    *pages, control = rows
    assert sum(row[1] > 0 for row in pages) >= 15
    assert all(row[2:] == (0, "no", 0) for row in pages)
    assert control[2] > 0
    assert control[3] == "no"


def told(page):
    """Count on a page: planted texts, planted elements, whether a script has run, what the policy has stopped."""
    return (
        page.evaluate(f"document.body.innerText.split('{MARK}').length - 1"),
        page.locator("img[src=x]").count(),
        "yes" if page.evaluate("window.planted") else "no",
        page.evaluate("window.violations.length"),
    )

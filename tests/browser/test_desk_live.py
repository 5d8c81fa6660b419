"""The live page in a browser: a call appears and moves by itself, and a server that restarts is waited for."""

from zoneinfo import ZoneInfo

import pytest
from desks import NAMES, PASSWORD, colleagues
from playwright.sync_api import expect
from server import Server
from test_accessibility import findings

from ivr.clock import SystemClock
from ivr.config import Settings, carrier_credentials
from ivr.db.database import open_database
from ivr.simulator.phone import Phone
from ivr.simulator.plans import Queue
from ivr.staff import Role

pytestmark = pytest.mark.slow


def telephone(base, folder, monkeypatch):
    monkeypatch.setenv("INSTANCE_DIR", str(folder))
    sid, token = carrier_credentials()
    return Phone(f"{base}/", auth_token=token, account_sid=sid, queues={"*": Queue()})


@pytest.fixture
def handset(staffed_line, monkeypatch):
    with telephone(staffed_line.base, staffed_line.folder, monkeypatch) as phone:
        yield phone


def dial(phone, **options):
    return phone.dial("/voice", status_callback="/voice/status", fallback="/voice/fallback", **options)


def test_a_call_appears_moves_and_goes_without_a_reload(sit_down, handset):
    page = sit_down("lead", "/console/live")
    page.evaluate("window.same = true")
    expect(page.locator("#pulse")).to_have_text("Live")
    expect(page.locator("#live-nobody")).to_contain_text("Nobody is on the line")
    call = dial(handset, from_="+14155550171")
    row = page.locator(f"tr[data-key={call.call_sid}]")
    expect(row).to_contain_text("Main menu")
    before = row.locator(".since").last.text_content()
    expect(row.locator(".since").last).not_to_have_text(before)  # seconds go by
    call.press("3")
    expect(row).not_to_contain_text("Main menu")
    expect(page.locator("#summary")).to_contain_text("1 call in progress")
    call.hang_up()
    expect(row).to_have_count(0)
    assert page.evaluate("window.same")


def test_a_page_that_nobody_looks_at_asks_nothing(sit_down):
    page = sit_down("staff", "/console/live")
    expect(page.locator("#pulse")).to_have_text("Live")
    page.evaluate(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.wait_for_timeout(300)  # what had been asked is answered
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2000)
    assert asked == []
    with page.expect_request("**/console/live/now*"):
        page.evaluate(
            "Object.defineProperty(document, 'hidden', { value: false, configurable: true });"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )


def test_a_restart_of_the_server_is_told_and_got_over(chromium, tmp_path, monkeypatch):
    server = Server(tmp_path)
    context = chromium.new_context()
    with server:
        settings = Settings.from_env({"INSTANCE_DIR": str(tmp_path / "instance")})
        engine = open_database(settings.database_url)
        colleagues(engine, SystemClock(ZoneInfo(settings.time_zone)))
        page = context.new_page()
        page.goto(f"{server.base}/console/live")
        page.fill("#name", NAMES[Role.LEAD])
        page.fill("#password", PASSWORD)
        page.click("button:has-text('Sign in')")
        expect(page.locator("#pulse")).to_have_text("Live")
        with telephone(server.base, tmp_path / "instance", monkeypatch) as phone:
            call = dial(phone)
        row = page.locator(f"tr[data-key={call.call_sid}]")
        expect(row).to_have_count(1)
    expect(page.locator("#pulse")).to_contain_text("Not fresh", timeout=15_000)
    with server:
        expect(page.locator("#pulse")).to_have_text("Live", timeout=15_000)
        expect(row).to_have_count(1)
    engine.dispose()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_finding_while_somebody_waits(sit_down, handset, scheme):
    call = dial(handset, from_="+14155550171", people={"*": "busy"}).press("0")
    for width in (1440, 360):
        size = {"width": width, "height": 900}
        page = sit_down("lead", "/console/live", color_scheme=scheme, viewport=size, reduced_motion="reduce")
        expect(page.locator("#live-lines .waiters li")).to_have_count(1)
        assert findings(page) == []
    call.hang_up()

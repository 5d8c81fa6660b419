"""The page of one call in a browser: played, read by everyone, seen while it goes on, replayed in the simulator."""

import pytest
from test_accessibility import findings

from ivr.simulator.checks import Application, CheckedPhone

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dial(staffed_line):
    """Place calls at the line that runs."""
    base, token = staffed_line.base, staffed_line.settings.twilio_auth_token
    line = Application(f"{base}/voice", fallback="/voice/fallback", status_callback="/voice/status", auth_token=token)
    with CheckedPhone(lambda: line) as phone:
        yield lambda **options: phone.dial(from_="+14155550111", **options)


@pytest.fixture(scope="module")
def sid(dial):
    call = dial()
    for key in ("7", "3", "1", "1", "204816", "1#"):
        call.press(key)
    call.hangs_up()
    return call.call_sid


# Nothing serious is found by axe-core, in light and dark, wide and narrow, and nothing sticks out.
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_the_page_is_accessible(sit_down, sid, scheme, width):
    page = sit_down("lead", f"/console/calls/{sid}", color_scheme=scheme, viewport={"width": width, "height": 900})
    for summary in page.locator("main summary").all():
        summary.click()
    page.click("#play-all")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# The whole call is played turn after turn; it can be paused and stopped, and each turn can be played alone.
def test_the_call_is_played(sit_down, sid):
    page = sit_down("staff", f"/console/calls/{sid}")
    page.click("#play-all")
    page.locator("#turn-1 .said.playing").first.wait_for()
    assert page.inner_text("#now").startswith("Turn 1 of")
    page.click("#pause")
    page.locator("#pause [data-state=paused]").wait_for()
    page.click("#stop")
    assert not page.locator("#player").is_visible()
    assert page.locator(".playing").count() == 0
    page.click(".play[data-turn='4']")
    page.locator("#turn-4 .said.playing").first.wait_for()


# A call that goes on is there as it is now, without a reload.
def test_a_call_that_goes_on_grows(sit_down, dial):
    call = dial()
    page = sit_down("lead", f"/console/calls/{call.call_sid}")
    assert page.locator(".scene").count() == 1
    call.press("5")
    page.locator("#turn-2", has_text="password").wait_for()
    call.hangs_up()
    page.locator("h1 + .chips", has_text="Got an answer").wait_for()


# The simulator plays the same keys against today's flows, and shows that nothing differs; or what does first.
def test_the_call_is_replayed(sit_down, staffed_line, sid):
    page = sit_down("lead", f"/console/calls/{sid}")
    page.click("text=Replay in the simulator")
    page.locator("#replay-state", has_text="All lines passed.").wait_for()
    page.route("**/*.call", lambda route: route.fulfill(
        body="caller\nhears Thanks for calling\npresses 5\nhears something else\npresses 9\n"))  # fmt: skip
    page.goto(f"{staffed_line.base}/simulator#replay=/console/calls/{sid}.call&again")
    page.reload()
    page.locator("#replay-state", has_text="First difference in line 4.").wait_for()
    assert "click Edit" in page.inner_text("#replay .failed .remark")

"""Recording in the browser, and the pages of prompts and of what is kept, as admins see them."""

import re
import shutil

import pytest
from test_accessibility import findings

pytestmark = pytest.mark.slow

LOST = "/console/prompts/common.lost"


@pytest.fixture
def chromium(chromium):
    """A browser whose microphone beeps."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    options = ["--no-sandbox", "--disable-dev-shm-usage", "--mute-audio"]
    options += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = chromium.browser_type.launch(executable_path=program, args=options)
    yield browser
    browser.close()


def test_a_recording_is_made_in_the_browser_and_checked(sit_down):
    page = sit_down("admin", LOST)
    page.click("#record")
    page.locator("#record[aria-pressed=true]").wait_for()
    page.locator("#elapsed", has_text=re.compile(r"^[1-9]")).wait_for()
    page.click("#record")
    page.locator("#own").wait_for(state="visible")
    assert page.evaluate("document.getElementById('recording').files[0].size") > 1000
    page.click("text=Check it")
    page.locator("#checked-card").wait_for(timeout=90_000)
    assert page.locator("#checked-card .problems li").count() > 0  # beeps are no sentence
    assert findings(page) == []


def test_a_file_that_is_too_large_is_told_before_it_is_sent(sit_down, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"R" * 10_100_000)
    page = sit_down("admin", LOST)
    page.set_input_files("#recording", tmp_path / "a.wav")
    assert "the most is 10 MB" in page.inner_text("#wrong")
    page.click("text=Check it")
    assert page.url.endswith(LOST)


@pytest.mark.parametrize("path", ["/console/prompts", LOST, "/console/prompts/cancel_trial.confirm", "/console/data"])
def test_no_serious_finding(sit_down, path):
    page = sit_down("admin", path)
    if path == "/console/data":
        page.fill("#value", "70000011")
        page.select_option("#kind", "account")
        page.fill("#reason", "a court asked")
        page.click("button:has-text('Hold')")
        page.fill("#number", "+14155550123")
        page.fill("#again", "+14155550123")
        page.click("text=Erase for good")
        page.locator("text=Erased. The receipt is").wait_for()
    assert findings(page) == []
    page.click("#theme")
    assert findings(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

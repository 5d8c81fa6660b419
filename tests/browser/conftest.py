"""A browser, a line for it to open, and a person at the page."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from chromium import chromium
from desks import NAMES, PASSWORD, colleagues
from server import Server

from ivr.clock import SystemClock
from ivr.config import Settings
from ivr.db.database import open_database
from ivr.staff import Role

__all__ = ["chromium"]
# Stands in for the machine's voice: it speaks until it is told to stop, and notes what it was asked.
VOICE = """
window.spoken = []; window.cancelled = 0; window.voiceEnds = false; window.goesOn = false;
const voice = {
  getVoices: () => [{ name: "test", lang: "en-US" }], addEventListener() {},
  speak(utterance) {
    window.spoken.push(utterance.text);
    window.goesOn = !window.voiceEnds;
    if (window.voiceEnds) setTimeout(() => utterance.onend?.(), 10);
  },
  cancel() { window.cancelled += 1; window.goesOn = false; },
};
Object.defineProperty(window, "speechSynthesis", { value: voice });
window.sounds = [];
window.Audio = new Proxy(Audio, {
  construct(target, given) {
    const audio = new target(...given);
    window.sounds.push(audio);
    return audio;
  },
});
"""


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("browser")) as server:
        yield server.base


class Tester:
    """Somebody at the page."""

    __test__ = False

    def __init__(self, page):
        self.page = page

    def set(self, field, value):
        self.page.evaluate("document.querySelectorAll('.setup details').forEach((group) => { group.open = true; })")
        if field == "pace":
            self.page.check(f"[name=pace][value={value}]")
        else:
            self.page.select_option(field, value)

    def calls(self, pace="fast"):
        self.set("pace", pace)
        self.page.click("#hook")

    def presses(self, keys):
        for key in keys:
            self.page.click(f'.key[data-key="{key}"]')

    def sees(self, text, within="#transcript"):
        self.page.locator(within, has_text=re.compile(re.escape(text))).wait_for(timeout=10_000)

    def comes_to(self, state):
        self.page.wait_for_selector(f"#phone[data-state={state}]", timeout=20_000)

    def until(self, condition):
        """Wait for the page to come to something; its policy forbids the browser's own way of doing this."""
        for _ in range(200):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"never: {condition}")

    def hangs_up(self):
        self.page.click("#hook[aria-label='Hang up']")
        self.comes_to("ended")

    def saves(self, folder):
        self.page.wait_for_selector("#save:enabled")
        with self.page.expect_download() as download:
            self.page.click("#save")
        path = Path(folder) / download.value.suggested_filename
        download.value.save_as(path)
        return path


@pytest.fixture
def open_page(chromium, line):
    """Open the phone; anything the page complains of fails the test."""
    contexts, complaints = [], []

    def open_it(line=line, **options):
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        contexts.append(context)
        context.add_init_script(VOICE)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if line not in request.url else None)
        page.goto(f"{line}/simulator")
        return Tester(page)

    yield open_it
    for context in contexts:
        context.close()
    # A page whose server has stopped tries to be rung again.
    ours = ("blob:", "WebSocket connection to", "ws:")
    assert [text for text in complaints if not text.startswith(ours)] == []


@pytest.fixture
def tester(open_page):
    return open_page()


class StaffedLine:
    """A playing line whose console knows one colleague of each role."""

    def __init__(self, server, folder):
        self.base, self.folder = server.base, folder
        settings = Settings.from_env({"INSTANCE_DIR": str(folder)})
        self.settings = settings
        self.engine = open_database(settings.database_url)
        colleagues(self.engine, SystemClock(ZoneInfo(settings.time_zone)))


@pytest.fixture(scope="module")
def staffed_line(tmp_path_factory):
    folder = tmp_path_factory.mktemp("console")
    with Server(folder) as server:
        staffed = StaffedLine(server, folder / "instance")
        yield staffed
        staffed.engine.dispose()


@pytest.fixture
def sit_down(chromium, staffed_line):
    """Sign in at the console in a browser: `sit_down("lead", "/console/calls")`; whatever a page complains of fails."""
    contexts, complaints = [], []

    def sign_in(role="staff", path="/console/calls", **options):
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda request: complaints.append(request.url) if staffed_line.base not in request.url else None
        )
        page.goto(f"{staffed_line.base}{path}")
        page.fill("#name", NAMES[Role(role)])
        page.fill("#password", PASSWORD)
        page.click("button:has-text('Sign in')")
        page.wait_for_url(f"{staffed_line.base}{path}")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert [text for text in complaints if not text.startswith("blob:")] == []

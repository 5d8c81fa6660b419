"""Insight in a browser: charts under the console's strict policy, bands that open their calls, light and dark."""

import re

import pytest
from test_accessibility import findings

from ivr.simulator.phone import Phone

pytestmark = pytest.mark.slow

PATH = "/console/insight?simulated=shown"


@pytest.fixture(scope="module")
def called(staffed_line):
    """Some calls on the line, by different ways."""
    with Phone(staffed_line.base, auth_token=staffed_line.settings.twilio_auth_token) as phone:
        for keys in ("1 1", "1 1", "2 1", "0", "5"):
            call = phone.dial("/voice", status_callback="/voice/status", from_="+14155550123")
            for key in keys.split():
                if not call.ended:
                    call.press(key)
            if not call.ended:
                call.hang_up()


def counted(page):
    page.wait_for_selector("#reply[aria-busy=false]", timeout=30_000)
    return page


@pytest.mark.usefixtures("called")
def test_charts_are_drawn_under_the_policy_and_follow_the_theme(sit_down):
    page = counted(sit_down("staff", PATH))
    assert page.locator(".js-plotly-plot").count() >= 4
    assert page.locator("#paths .sankey-link").count() >= 4
    colour = "getComputedStyle(document.querySelector('#paths .sankey-node text')).fill"
    before = page.evaluate(colour)
    page.click("#theme")
    for _ in range(100):
        if page.evaluate(colour) != before:
            break
        page.wait_for_timeout(50)
    assert page.evaluate(colour) != before


@pytest.mark.usefixtures("called")
def test_a_band_opens_its_calls(sit_down):
    page = counted(sit_down("staff", PATH))
    page.locator("#paths .sankey-link").first.click(position={"x": 4, "y": 4}, force=True)
    page.wait_for_url(re.compile(r"/console/calls\?.*band="))
    assert page.locator("tr[data-row]").count() >= 1


@pytest.mark.usefixtures("called")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(sit_down, scheme):
    page = counted(sit_down("staff", PATH, color_scheme=scheme))
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert findings(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


# Stands in for a line that does not answer, once.
FAILS_ONCE = """
const real = window.fetch; let failed = false;
window.fetch = (address, ...more) => {
  if (!String(address).includes("/part/reply") || failed) return real(address, ...more);
  failed = true;
  return Promise.reject(new TypeError("no answer"));
};
"""


def test_a_part_that_cannot_be_counted_says_so_and_is_tried_again(sit_down):
    page = sit_down("staff", "/console/calls")
    page.add_init_script(FAILS_ONCE)
    page.goto(page.url.replace("/calls", "/insight"))
    page.locator("#reply", has_text="The line does not answer").wait_for()
    page.click("#reply button")
    page.locator("#reply table").wait_for()

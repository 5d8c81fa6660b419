"""The page as a telephone that is rung, in a real browser: by REST, and as the other side of a callback."""

import json
import re
import urllib.request
from base64 import b64encode
from urllib.parse import urlencode

import pytest
from server import Server
from test_accessibility import findings

pytestmark = pytest.mark.slow
OURS, CALLER, SUPPORT = "+18005550100", "+14155550123", "+18002636317"


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A line of its own: what one page chooses for people counts for all."""
    folder = tmp_path_factory.mktemp("incoming")
    with Server(folder, helpers=True) as server:
        sid, token = (
            (folder / "instance" / f"twilio_{name}").read_text().strip() for name in ("account_sid", "auth_token")
        )
        credentials[server.base] = (sid, token)
        yield server.base


credentials = {}


@pytest.fixture
def carrier(line):
    """What the line's dispatcher asks of the carrier: answers the resource."""
    sid, token = credentials[line]
    pair = b64encode(f"{sid}:{token}".encode()).decode()

    def ask(path, form=None):
        body = urlencode(form).encode() if form else None
        url = f"{line}/simulator/rest/2010-04-01/Accounts/{sid}{path}"
        request = urllib.request.Request(url, body, {"Authorization": f"Basic {pair}"})  # noqa: S310
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return json.load(answer)

    return ask


def places(carrier, tester, to, twiml):
    """Order a call once the page stands by."""
    tester.page.wait_for_timeout(500)
    return carrier("/Calls.json", {"To": to, "From": OURS, "Twiml": f"<Response>{twiml}</Response>"})["sid"]


def ends(carrier, tester, sid, status):
    for _ in range(100):
        if carrier(f"/Calls/{sid}.json")["status"] == status:
            return
        tester.page.wait_for_timeout(100)
    pytest.fail(f"{sid} is {carrier(f'/Calls/{sid}.json')['status']}")


MENU = "<Gather numDigits='1' action='http://127.0.0.1:1/'><Say>Press 1 to take it</Say></Gather>"


def test_the_page_rings_and_its_keys_reach_the_document(open_page, carrier):
    """Who calls is shown; answered, it is a call like any other; the line cannot be reached at the key's address."""
    tester = open_page()
    sid = places(carrier, tester, CALLER, MENU)
    tester.comes_to("rung")
    assert tester.page.inner_text("#callee") == "+1 800 555 0100"
    assert tester.page.text_content("#state") == f"Incoming call from {OURS}"
    assert carrier(f"/Calls/{sid}.json")["status"] == "ringing"
    tester.page.click("#answer")
    tester.sees("Press 1 to take it")
    assert carrier(f"/Calls/{sid}.json")["status"] == "in-progress"
    tester.presses("1")
    tester.comes_to("ended")
    assert tester.page.locator("#webhooks", has_text=re.compile("Digits")).count() == 1
    sid = places(carrier, tester, CALLER, "<Say>Again</Say>")
    tester.comes_to("rung")
    tester.page.keyboard.press("Enter")
    tester.sees("Again")
    tester.page.click("#skip")
    ends(carrier, tester, sid, "completed")


def test_a_call_is_declined_or_missed(open_page, carrier):
    """By button or key it is busy; a caller who gives up stops the ringing."""
    tester = open_page()
    for decline in (lambda: tester.page.click("#decline"), lambda: tester.page.keyboard.press("Escape")):
        sid = places(carrier, tester, CALLER, MENU)
        tester.comes_to("rung")
        decline()
        tester.comes_to("ended")
        assert tester.page.inner_text("#caption") == "You declined."
        ends(carrier, tester, sid, "busy")
    sid = places(carrier, tester, CALLER, MENU)
    tester.comes_to("rung")
    carrier(f"/Calls/{sid}.json", {"Status": "canceled"})
    tester.comes_to("ended")
    assert tester.page.inner_text("#caption") == "They gave up before you answered."
    assert tester.page.is_visible("#hook")


def test_people_react_as_chosen_on_the_page(open_page, carrier):
    """Also to calls that the line places; the choice holds until another is made."""
    tester = open_page()
    tester.set(f"[data-person='{SUPPORT}']", "busy until 60")
    sid = places(carrier, tester, SUPPORT, MENU)
    ends(carrier, tester, sid, "busy")
    tester.set(f"[data-person='{SUPPORT}']", "declines")
    sid = places(carrier, tester, SUPPORT, MENU)
    ends(carrier, tester, sid, "completed")
    tester.set(f"[data-person='{SUPPORT}']", "completed")


def test_a_callback_connects_the_page_with_the_person(open_page, carrier):
    """A placed call dials the page: both talk until the page hangs up."""
    tester = open_page()
    sid = places(carrier, tester, SUPPORT, f"<Dial><Number>{CALLER}</Number></Dial>")
    tester.comes_to("rung")
    tester.page.click("#answer")
    tester.comes_to("talking")
    assert carrier(f"/Calls/{sid}.json")["status"] == "in-progress"
    tester.hangs_up()
    ends(carrier, tester, sid, "completed")


def test_a_text_message_is_shown(open_page, carrier):
    """At the page with the number it is for."""
    tester = open_page()
    tester.page.wait_for_timeout(500)
    carrier("/Messages.json", {"To": CALLER, "From": OURS, "Body": "We are calling you now"})
    tester.sees("We are calling you now")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_serious_is_found_while_it_rings(open_page, carrier, width):
    """Axe, at both widths."""
    tester = open_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    places(carrier, tester, CALLER, MENU)
    tester.comes_to("rung")
    assert findings(tester.page) == []
    tester.page.click("#decline")
    tester.comes_to("ended")

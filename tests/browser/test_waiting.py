"""A tester calls when all are busy, is called back in turn, and reaches somebody who took the call: all in the page."""

import pytest
from server import Server

ANN, BEN = "+14155550111", "+14155550122"
PEOPLE = ("+18002636317", "+18056177000")


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A line of its own, whose people are busy for everybody."""
    with Server(tmp_path_factory.mktemp("waiting"), helpers=True) as server:
        yield server.base


def choose(tester, word):
    for number in PEOPLE:
        tester.set(f"[data-person='{number}']", word)


def waits_for_support(tester, number):
    tester.page.evaluate("document.querySelectorAll('.setup details').forEach((group) => { group.open = true; })")
    tester.page.fill("#from", number)
    tester.calls()
    tester.sees("To speak to a person, press 0.")
    tester.presses("0")
    tester.sees("Please hold for the next person who is free.")


@pytest.mark.slow  # a minute of waiting in line
def test_the_place_falls_and_who_hangs_up_with_a_callback_promised_is_called_in_turn(open_page):
    ann, ben = open_page(), open_page()
    for tester in (ann, ben):
        tester.page.evaluate("window.voiceEnds = true")  # in a queue time passes as it does for others
    choose(ann, "busy")
    choose(ben, "busy")
    waits_for_support(ann, ANN)
    ann.sees("You're next in line.")
    waits_for_support(ben, BEN)
    ben.sees("Your place in line is two.")
    ann.hangs_up()
    ben.page.locator("#transcript", has_text="You're next in line.").wait_for(timeout=60_000)  # said now and again
    ben.presses("1")
    ben.sees("We can call you at 1, 4 1 5, 5 5 5, 0 1 2 2.")
    ben.presses("1")
    ben.sees("You keep your place in line.")
    ben.hangs_up()
    choose(ben, "completed")
    ben.page.wait_for_selector("#phone[data-state=rung]", timeout=60_000)  # after the rest of those who were busy
    ben.page.click("#answer")
    ben.sees("You asked us to call you back.")
    ben.sees("To talk to us now, press 1.")
    ben.presses("1")
    ben.comes_to("talking")
    ben.hangs_up()

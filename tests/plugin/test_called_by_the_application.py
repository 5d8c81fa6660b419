"""`.call` files of a line that calls people itself: agents for its queue, and callers who asked for it."""

import pytest

CONFTEST = """
import pytest
from callback_line import OURS, SID, app, dispatch
from ivr.simulator.checks import Application
from ivr.simulator.plans import Queue

pytest_plugins = ["ivr.simulator.pytest_plugin"]

@pytest.fixture
def call_application():
    return Application(app, "/voice", account_sid=SID, to=OURS, queues={"*": Queue()})

@pytest.fixture
def call_acts():
    return {"dispatches": lambda performance, _: dispatch(performance.phone.rest_url)}
"""
CALLED_BACK = """
caller     +14155550188
hears      To be called back, press 1.
presses    1
hears      We will call you back.
ends
dispatches
text       +14155550188: about to ... call
is         rung
hears      You asked us to call you.
presses    1
ends       completed
"""
DECLINED = CALLED_BACK.replace("presses    1\nends       completed", "hangs      up\nends       completed")
SERVED = """
caller     +14155550188
waits
dispatches
is         rung +15005550006
hears      Press 1 for a caller.
presses    1
at         +14155550188
ends       completed
at         +15005550006
ends
"""
UNSERVED = """
people     +15005550006=declines
caller     +14155550188
waits
dispatches
hangs      up
ends       completed
"""
GONE = """
people     +15005550006=completed
caller     +14155550188
waits
dispatches
hangs up while talking
ends       completed
"""

pytest_plugins = ["pytester"]


@pytest.fixture
def project(project_with):
    """Another project, whose application places calls."""
    return project_with(CONFTEST)


@pytest.mark.parametrize("story", [CALLED_BACK, DECLINED, SERVED, UNSERVED, GONE])
def test_what_the_application_places_is_a_call_of_the_file(project, story):
    """Somebody is called back, or a queue is served, in one file."""
    project.makefile(".call", story=story)
    project.runpytest_inprocess("-v").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("presses    1\n", "waits\n"), "*We will call you back*"),
        (("dispatches\ntext       +14155550188: about to ... call\n", ""), "*14155550188 was not rung"),
        (("about to", "some day"), "*no such text was sent there, but*We are about to call you*"),
        (("is         rung\n", "is         fine\n"), "*somebody is rung, and nothing else*"),
        (("ends       completed", "at         +1555"), "*there is no call at +1555, but at +14155550188"),
    ],
)
def test_what_did_not_happen_is_told(project, change, told):
    """In one line, with the place in the file."""
    project.makefile(".call", story=CALLED_BACK.replace(*change))
    result = project.runpytest_inprocess("-v")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([told])

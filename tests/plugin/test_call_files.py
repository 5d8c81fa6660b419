"""`.call` files of a project that shares nothing with this one, collected by a pytest of their own."""

import pytest

from ivr.simulator.callfile import CallFileError, parse

CONFTEST = """
import pytest
pytest_plugins = ["ivr.simulator.pytest_plugin"]
"""
ACTS = """
@pytest.fixture
def call_acts():
    def takes(performance, rest):
        assert performance.call.time_s < float(rest), f"took {performance.call.time_s} s"
    return {"takes": takes}
"""
TREE = """# A ticket to Dagobah.
called   +18005550142
caller   +14155550188
hears    To talk to us, press 0.
presses  2
hears    Dagobah it ... ticket
lacks    Brodo
ends     completed
people   +15005550006=busy
caller
waits
presses  0
rings    +15005550006
hears    Nobody is there.
ends
"""

pytest_plugins = ["pytester"]


@pytest.fixture
def project(project_with):
    """Another project, whose settings name the phone tree."""
    return project_with(CONFTEST, "call_application = phone_tree:app", "call_voice = /voice", "call_fallback = /sorry")


def run(project):
    return project.runpytest_inprocess("-v")


def test_a_call_file_is_one_test_of_its_name(project):
    project.makefile(".call", ticket=TREE)
    result = run(project)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*ticket.call::ticket PASSED*"])


def test_a_failure_names_the_line_and_tells_the_call(project):
    project.makefile(".call", wrong="caller\npresses 1\nhears Dagobah\n")
    result = run(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "wrong.call:3: hears Dagobah", "the caller did not hear: Dagobah", "*presses  1", "POST http://localhost/menu",
        "<Response>*", "python -m ivr.simulator http://localhost/voice --fallback /sorry --script 1",
    ])  # fmt: skip
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("caller\nshouts loudly\n", "*line 2: no such act as 'shouts'; there are people,*"),
        ("hears Welcome\n", "*nobody has called yet; begin with `caller`"),
        ("caller\npresses x\n", "*not telephone keys: 'x'*"),
        ("people engaged\n", "*people react with completed, busy*"),
        ("caller\nhangs up\npresses 1\n", "*the call is over"),
    ],
)
def test_a_mistake_in_a_file_is_told_without_a_traceback(project, text, told):
    project.makefile(".call", mistake=text)
    result = run(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([told])
    assert "Traceback" not in result.stdout.str()


def test_a_file_breaks_the_application(project):
    project.makefile(
        ".call",
        broken="fault down\ncaller\nhears sorry\nends\ncaller\nfault error\npresses 1\nhears sorry\n"
        "caller\nfault broken always\nfault none\npresses 1\nhears Brodo\n",
        wrong="fault fire\ncaller\n",
    )
    result = run(project)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["wrong.call:1: fault fire", "a fault is one of down, slow, error, broken*"])


def test_a_project_adds_acts_of_its_own(project):
    project.makeconftest(CONFTEST + ACTS)
    project.makefile(".call", quick="caller\npresses 1\ntakes 60\n", slow="caller\npresses 1\ntakes 1\n")
    result = run(project)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["slow.call:3: takes 1", "took *", "The call so far:"])


def test_the_application_may_be_a_fixture(project):
    project.makeconftest(
        CONFTEST + "import phone_tree\n"
        "@pytest.fixture\ndef call_application():\n    return phone_tree.create_app()\n"
        "@pytest.fixture\ndef call_acts():\n"
        "    def caller(performance, _):\n        performance.placed = performance.phone.dial('/voice')\n"
        "    return {'caller': caller}\n"
    )
    project.makefile(".call", ticket="caller\npresses 1\nhears Brodo\n")
    run(project).assert_outcomes(passed=1)


def test_without_an_application_the_test_says_what_is_missing(project):
    project.makeini("[pytest]\naddopts = -p no:cacheprovider\n")
    project.makefile(".call", lost="caller\n")
    result = run(project)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*say which application is called: in the setting call_application*"])


def test_remarks_have_lines_of_their_own_so_that_the_pound_key_can_be_heard():
    (caller, hears) = parse("# A remark\n\ncaller\nhears  then press #\n")
    assert (caller.number, hears.rest) == (3, "then press #")
    with pytest.raises(CallFileError, match="line 1"):
        parse("caller# no remark\n")

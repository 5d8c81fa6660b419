"""What a failing test says: the call so far, the TwiML, and a command that repeats it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import phone_tree
import pytest

ROOT = Path(__file__).parents[2]


def failure(check):
    with pytest.raises(AssertionError) as caught:
        check()
    return str(caught.value)


def test_a_failure_tells_the_call_the_twiml_and_how_to_repeat_it(phone):
    call = phone.dial(phone_tree.app, "/voice", from_="+14155550188", people={"+15005550006": "busy"}).press("8")
    told = failure(lambda: call.hears("Tatooine"))
    assert told.startswith("the caller did not hear: Tatooine\nbut heard: There is no such planet.")
    assert "presses  8" in told
    assert "POST http://localhost/voice\n<Response><Gather action='/menu'" in told
    (command,) = re.findall(r"python -m ivr.simulator .*", told)
    assert command == (
        "python -m ivr.simulator http://localhost/voice --from +14155550188 --dial +15005550006=busy --script 8"
    )


def test_the_command_repeats_the_call(phone):
    sys_path = [sys.executable, "-u", ROOT / "tests" / "plugin" / "waiting_line.py"]
    with subprocess.Popen(sys_path, stdout=subprocess.PIPE, text=True) as process:
        call = phone.dial(process.stdout.readline().strip()).waits().press("1")
        _, *words = shlex.split(call.story.splitlines()[-1])
        done = subprocess.run(
            [sys.executable, *words, "--auth-token", "x"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        process.terminate()
    # Numbers of seconds aside, which are the same, the transcripts are equal.
    shown = [line for line in call.transcript.splitlines() if not re.search(r"\d  (request|response) ", line)]
    assert [line.split() for line in done.stdout.splitlines()] == [line.split() for line in shown]


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (lambda call: call.lacks("Welcome"), "the caller heard: Welcome"),
        (lambda call: call.rings("+1555"), "+1555 was not rung, but nobody"),
        (lambda call: call.is_transferred_to("+1555"), "+1555 was not reached; dialled: nobody"),
        (lambda call: call.ends(), "the call is still going on"),
        (lambda call: call.hangs_up().ends("busy"), "the call ended completed, not busy"),
        (lambda call: call.hangs_up().ends(by="error"), "the call was ended by the caller, not by the error"),
    ],
)
def test_each_check_says_what_is_wrong(phone, check, told):
    call = phone.dial(phone_tree.app, "/voice")
    assert failure(lambda: check(call)).startswith(told)


def test_a_transfer_that_nobody_answers_is_none(phone):
    call = phone.dial(phone_tree.app, "/voice", people={"*": "busy"}).press("0").rings(phone_tree.PERSON)
    assert "was not reached" in failure(lambda: call.is_transferred_to(phone_tree.PERSON))


def test_whoever_acts_after_the_end_is_told_so(phone):
    with pytest.raises(RuntimeError, match="the call is over"):
        phone.dial(phone_tree.app, "/voice").hangs_up().press("1")

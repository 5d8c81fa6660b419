"""What the documentation leaves open: each switch has its default and its other position tested.

Those not here stand beside their rule: blank digits and type-ahead (gather), silent recordings (record), the alert for
a server error, unknown verbs and the base after a redirect (failures), the first member of a queue (updates).
"""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from twiml_app import Reply, codes, wav

from ivr.simulator.acts import Keys, Silence, Speech
from ivr.simulator.signature import sign
from ivr.simulator.switches import Switches

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", [field.name for field in fields(Switches)])
def test_every_switch_is_explained_and_tested(name):
    """In the docstring, and by a test that sets it."""
    assert f"{name}:" in Switches.__doc__
    assert any(f"Switches({name}=" in path.read_text() for path in HERE.glob("test_*.py"))


@pytest.mark.parametrize(("sends", "paths"), [(False, ["/voice"]), (True, ["/voice", "/m"])])
def test_digits_of_a_caller_who_hangs_up(line, sends, paths):
    """They are lost, or sent to the action, whose answer is not run."""
    phone = line(
        {"/voice": "<Gather action='/m'/>", "/m": "<Say>M</Say>"}, switches=Switches(sends_digits_on_hangup=sends)
    )
    call = phone.dials().press("12").hang_up()
    assert (phone.app.paths(), call.heard, call.ended.by) == (paths, [], "caller")
    assert not sends or phone.app.last("/m").form["Digits"] == "12"


@pytest.mark.parametrize(("fails", "heard"), [(False, ["A"]), (True, ["Sorry"])])
def test_a_file_that_cannot_be_played(line, fails, heard):
    """Is skipped with a warning, or leads to the fallback."""
    pages = {"/voice": "<Play>/gone</Play><Say>A</Say>", "/f": "<Say>Sorry</Say>"}
    assert line(pages, switches=Switches(media_failure_fails=fails)).dials(fallback="/f").heard == heard


@pytest.mark.parametrize(("ends", "heard"), [(True, ["A"]), (False, ["A", "B"])])
def test_a_reject_in_an_answered_call(line, ends, heard):
    """Ends it, or is skipped."""
    call = line("<Say>A</Say><Reject/><Say>B</Say>", switches=Switches(late_reject_ends=ends)).dials()
    assert (call.heard, call.ended.status) == (heard, "completed")


@pytest.mark.parametrize(("shared", "cookies"), [(False, [None, None, None]), (True, [None, "seat=12", None])])
def test_cookies_of_a_second_call(line, shared, cookies):
    """They belong to one call, or for four hours to a pair of numbers."""
    began = datetime(2027, 3, 1, tzinfo=UTC)
    page = Reply("<Hangup/>", headers=(("Set-Cookie", "seat=12; Path=/"),))
    phone = line(page, switches=Switches(cookies_by_numbers=shared))
    for hours in (0, 3, 5):
        phone.dials(started_at=began + timedelta(hours=hours))
    assert [s.headers.get("cookie") for s in phone.app.seen] == cookies


@pytest.mark.parametrize(("most", "error", "heard"), [(0, [], ["A"]), (2, [0], ["Sorry"])])
def test_redirects_in_a_row(line, most, error, heard):
    """Have no limit of their own, or one."""
    pages = {f"/{n}": f"<Redirect>/{n + 1}</Redirect>" for n in range(5)} | {
        "/5": "<Say>A</Say>",
        "/f": "<Say>Sorry</Say>",
    }
    call = line(pages, switches=Switches(most_redirects=most)).dials("/0", fallback="/f")
    assert (codes(call, "error"), call.heard) == (error, heard)


@pytest.mark.parametrize(("most", "warned"), [(1000, [11200]), (10_000, [])])
def test_the_largest_file(line, most, warned):
    """Has as many bytes as the switch says."""
    pages = {"/voice": "<Play>/a</Play>", "/a": Reply(wav(1), content_type="audio/wav")}
    assert codes(line(pages, switches=Switches(most_media_bytes=most)).dials()) == warned


@pytest.mark.parametrize("value", ["TN-Validation-Passed-A", "TN-Validation-Failed-C", ""])
def test_what_is_said_of_the_callers_number(line, value):
    """Any text, or nothing at all."""
    phone = line("<Hangup/>", switches=Switches(stir_verstat=value))
    phone.dials()
    assert phone.app.seen[0].form.get("StirVerstat", "") == value


@pytest.mark.parametrize("every", [True, False])
def test_what_is_signed(line, every):
    """All parameters, or all but the token and the attestation."""
    phone = line("<Hangup/>", switches=Switches(signs_every_parameter=every))
    phone.dials()
    seen = phone.app.seen[0]
    left_out = set() if every else {"CallToken", "StirVerstat"}
    signed = {name: value for name, value in seen.form.items() if name not in left_out}
    assert seen.headers["x-twilio-signature"] == sign(seen.url, signed, "12345")


@pytest.mark.parametrize(
    ("default", "attribute", "at"),
    [(True, "", 0.5), (False, "", 2), (True, "bargeIn='false'", 2), (False, "bargeIn='true'", 0.5)],
)
def test_whether_a_key_cuts_a_prompt_off(line, default, attribute, at):
    """By default it does; a Gather may say otherwise; the key counts in both cases."""
    pages = {
        "/voice": f"<Gather {attribute} numDigits='1' action='/m'><Play>/a</Play></Gather>",
        "/a": Reply(wav(2), content_type="audio/wav"),
        "/m": "<Gather/>",
    }
    phone = line(pages, switches=Switches(barge_in=default))
    phone.phone.dial("/voice", caller=Once())
    assert phone.app.last("/m").form["Digits"] == "1"
    call = phone.dials(caller=Once())
    assert [e for e in call.events if e.event == "request"][-1].at == at


class Once:
    """Presses 1 half a second after the call begins, and then waits until the Gather after the menu hangs up."""

    def __init__(self):
        self.acts = 0

    def act(self, _listening):
        self.acts += 1
        return Keys("1") if self.acts == 1 else Silence()


@pytest.mark.parametrize(("most", "attribute", "at"), [(60, "", 60), (10, "", 10), (10, "maxSpeechTime='20'", 20)])
def test_the_longest_speech(line, most, attribute, at):
    """A minute by default; a Gather may say otherwise."""
    pages = {"/voice": f"<Gather input='speech' {attribute} action='/m'/>", "/m": "<Hangup/>"}
    call = line(pages, switches=Switches(max_speech_s=most)).dials().act(Speech("on and on", after_s=0, seconds=300))
    assert call.time_s == at

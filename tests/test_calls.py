"""Telephone calls, as transcripts in `tests/calls/`, through the simulator and the real webhooks."""

from pathlib import Path

import pytest
from callfile import Actor, parse

CALLS = sorted((Path(__file__).parent / "calls").glob("*.call"))


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_call(path, phone, demo):
    Actor(phone, demo).play(path)


def test_an_act_that_does_not_exist_is_named_with_its_line():
    with pytest.raises(ValueError, match="line 2: no such act as 'shouts'"):
        parse("caller\nshouts loudly\n")


@pytest.mark.usefixtures("demo")
def test_the_three_ways_of_not_knowing_a_caller_sound_the_same(phone):
    """An unknown account, a wrong PIN and a locked account: the same steps, the same words, the same log."""

    def transcript(number, pin, caller):
        call = phone.dial("/voice", from_=caller, to="+18005550100")
        heard = []
        for keys in ["3", "1", number, pin, number, pin, number, pin]:
            call.press(keys)
            heard.append(list(call.heard))
        return heard

    unknown = transcript("99999999", "204816", "+14155550190")
    assert transcript("70000012", "111999", "+14155550191") == unknown
    assert transcript("70000071", "894137", "+14155550192") == unknown, "locked: even the right PIN"
    assert "For your security" in " ".join(unknown[-1])

"""Calls as tests see them; those in `tests/calls/` are collected by `ivr.simulator.pytest_plugin`."""

import pytest


@pytest.mark.usefixtures("demo")
def test_the_three_ways_of_not_knowing_a_caller_sound_the_same(phone):
    """An unknown account, a wrong PIN and a locked account: the same steps, the same words, the same log."""

    def transcript(number, pin, caller):
        call = phone.dial(from_=caller)
        heard = []
        for keys in ["3", "1", number, pin, number, pin, number, pin]:
            call.press(keys)
            heard.append(list(call.heard))
        return heard

    unknown = transcript("99999999", "204816", "+14155550190")
    assert transcript("70000012", "111999", "+14155550191") == unknown
    assert transcript("70000071", "894137", "+14155550192") == unknown, "locked: even the right PIN"
    assert "For your security" in " ".join(unknown[-1])

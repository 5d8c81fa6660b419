"""Every wait, whatever the caller does there, under every fault of the database: something useful is heard."""

import random

import pytest
from never_silent import LINE, WAITS, table

APOLOGY = "apology"
IN_LINE = {"waits in line", "callback.promised"}  # by what the database still takes


def check(rows):
    count = 0
    for at, act, cells in rows:
        for fault, heard in cells.items():
            assert heard, f"{at} is silent after {act} with the database {fault}"
            assert not heard.startswith(APOLOGY) or at.flow in LINE.legs, f"{at}, {act}, {fault}: {heard}"
            if act.get("Digits") == "0" and at.flow not in LINE.legs:
                served = heard.startswith("rings ") or heard in IN_LINE
                assert served, f"{at}: who wants a person gets {heard}, with the database {fault}"
            count += 1
    return count


def test_a_sample_of_waits_answers_under_every_fault(app):
    kinds = {type(LINE.node(at)): at for at in WAITS if at.flow not in LINE.legs}
    assert check(table(app, kinds.values(), lambda acts: random.sample(acts, 2))) > 40


@pytest.mark.slow
def test_every_wait_answers_whatever_is_done_there_under_every_fault(app):
    assert check(table(app)) > 2000

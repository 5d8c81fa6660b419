"""Every figure, computed a second time and by other means from the raw rows of a few hundred random calls."""

from dataclasses import asdict, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from once import filled
from random_calls import leave_simulated, place_calls
from recount import Recount

from ivr.db.console.call_filter import CallFilter, Simulated
from ivr.db.console.figures import count_calls, total
from ivr.db.console.paths import count_bands
from ivr.db.console.scope import Scope
from ivr.db.console.search import every
from ivr.db.console.turn_figures import answer_times, count_hand_overs, count_nodes, count_tasks, reply_times
from ivr.db.database import reading
from ivr.figures import percentile
from ivr.measured import measured


@pytest.fixture
def after(demo, phone, clock, call_application):  # noqa: ARG001 it is what the phone calls
    """Place so many calls: `line, scope = after(200)`."""

    def count(calls):
        begun = clock.now()

        def fill():
            place_calls(phone, clock, calls, seed=61)
            leave_simulated(demo.database, every=9)

        filled(f"{calls} random calls", demo.database, clock, fill)
        return demo, Scope(begun, clock.now() + timedelta(days=1), clock.now())

    return count


def recounts(line, scope, among):
    with reading(line.database) as session:
        return Recount(session, scope.now, among)


def check(line, scope, recount):
    """Compare everything; what is compared is not empty."""
    marks = measured(line.line)
    assert asdict(total(one.tally for one in count_calls(line.database, scope, marks.handed_over))) == recount.tally()
    nodes = {
        (str(node.at), node.kind): (node.waits, node.calls, node.asked, node.silent, node.wrong)
        for node in count_nodes(line.database, scope)
    }
    assert nodes == recount.nodes()
    answers, times = answer_times(line.database, scope, frozenset(marks.topics)), recount.answers()
    assert {str(at) for at in answers} == times.keys()
    for at, counts in answers.items():
        told = times[str(at)]
        assert sum(counts.values()) == len(told)
        assert percentile(counts, 0.5) == round(10 * told[-(-len(told) // 2) - 1])
        assert percentile(counts, 0.9) == round(10 * told[-(-len(told) * 9 // 10) - 1])
    assert count_tasks(line.database, scope, marks.tasks) == recount.tasks()
    hand_overs = count_hand_overs(line.database, scope, marks.waits)
    assert {one.department: (one.offered, one.accepted, one.left) for one in hand_overs} == recount.hand_overs()
    assert reply_times(line.database, scope) == recount.replies()
    bands = count_bands(line.database, scope)
    assert {(band.at, band.origin, band.to, band.disposition): n for band, n in bands.items()} == recount.bands()
    return bands


@pytest.mark.slow
def test_every_figure_equals_a_second_computation(after):
    line, scope = after(240)
    real = recounts(line, scope, lambda call: not call.simulated)
    check(line, scope, real)
    # The calls are of use only if each figure has something to count.
    tally, nodes = real.tally(), real.nodes().values()
    assert all(tally.values()), tally
    assert all(any(node[i] for node in nodes) for i in range(5))
    assert all(chosen > done > 0 for chosen, done in real.tasks().values()), real.tasks()
    assert all(sum(counts) > 0 for counts in zip(*real.hand_overs().values(), strict=True)), real.hand_overs()
    assert len(real.answers()) >= 5
    assert any(to == "_later" for _, _, to, _ in real.bands())

    # Of any part of them, too: with the simulated ones, of a department, of a span of time.
    check(line, replace(scope, wanted=CallFilter(simulated=Simulated.SHOWN)), recounts(line, scope, lambda _: True))
    support = replace(scope, wanted=CallFilter(department="support"))
    check(line, support, recounts(line, scope, lambda call: not call.simulated and call.department == "support"))
    middle = scope.since + (scope.now - scope.since) / 2
    late = replace(scope, since=middle)
    check(line, late, recounts(line, scope, lambda call: not call.simulated and call.at >= middle))


def test_a_band_is_as_wide_as_the_list_behind_it_is_long(after):
    line, scope = after(60)
    bands = count_bands(line.database, scope)
    assert len(bands) > 30
    for band, calls in bands.items():
        listed = [
            sid for batch in every(line.database, band.filter(scope), scope.now, ZoneInfo("UTC")) for sid in batch
        ]
        assert len(set(listed)) == len(listed) == calls, band


def test_the_bands_of_a_step_hold_every_call_that_goes_so_far(after):
    line, scope = after(60)
    bands = count_bands(line.database, scope)
    assert sum(calls for band, calls in bands.items() if band.at == 0) == sum(
        calls for band, calls in bands.items() if band.disposition
    )
    for step in range(1, 7):
        arrive = sum(calls for band, calls in bands.items() if band.at == step - 1 and band.to)
        leave = sum(calls for band, calls in bands.items() if band.at == step)
        assert arrive == leave

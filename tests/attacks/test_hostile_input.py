"""Whatever is sent to whatever address, signed or not: no 500, no stack trace, valid TwiML or a clean refusal.

Every request has a number, and `Attacker.request(number)` makes it again, but for the calls that others have begun.
"""

import resource
from datetime import UTC, datetime

import pytest
from hostile_target import Target
from tables import show

TODAY = datetime(2027, 3, 1, 18, 0, tzinfo=UTC)
ALL, SOME, GROWN_MB = 100_000, 400, 150


@pytest.fixture
def target(tmp_path, monkeypatch):
    made = []

    def make(backend):
        made.append(Target(tmp_path / "instance", backend, TODAY, monkeypatch))
        return made[-1]

    yield make
    for each in made:
        each.close()


def memory_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_some_hostile_requests_meet_answers_or_refusals(target):
    line = target("sqlite")
    line.attack(range(SOME))
    assert line.judge.wrong == []


@pytest.mark.attack
@pytest.mark.parametrize(("backend", "numbers"), [("sqlite", range(90_000)), ("postgresql", range(90_000, ALL))])
def test_a_hundred_thousand_hostile_requests_meet_answers_or_refusals(target, backend, numbers):
    line = target(backend)
    line.attack(numbers[:2000])
    before = memory_mb()
    line.attack(numbers[2000:])
    judge, grown = line.judge, memory_mb() - before
    shown = sorted((*key, count) for key, count in judge.answers.items())
    show(f"Hostile input on {backend}: {len(numbers)} requests", ("part", "as", "answers", "number"), shown)
    limits = [
        ("slowest, ms of a processor", round(1000 * judge.slowest[0]), judge.slowest[1].partition(" {")[0][:90]),
        ("largest answer, bytes", judge.largest[0], judge.largest[1].partition(" {")[0][:90]),
        ("memory that came with them, MB", round(grown), ""),
        ("wrong answers", len(judge.wrong), ""),
    ]
    show(f"Hostile input on {backend}: the worst of it", ("what", "most", "by"), limits)
    assert judge.wrong == []
    assert grown < GROWN_MB

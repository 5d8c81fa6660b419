"""Whether the database is asked at all: who finds it away spares the others the wait, until it is back."""

import pytest

from ivr.degraded.breaker import PROBE_EVERY_S, Breaker
from ivr.service_errors import ServiceError

AWAY = ServiceError("away")


class World:
    def __init__(self):
        self.now, self.away, self.started, self.caught_up, self.told, self.probes = 0.0, False, [], 0, [], 0
        self.left = []
        self.breaker = Breaker(
            self.probe,
            self.catch_up,
            lambda: self.left,
            start=self.started.append,
            pause=self.passes,
            now=lambda: self.now,
        )
        self.breaker.watcher = self.told.append

    def probe(self):
        self.probes += 1
        if self.away:
            raise AWAY

    def catch_up(self):
        self.caught_up += 1

    def passes(self, seconds):
        self.now += seconds
        self.away = self.now < 5

    def background(self):
        while self.started:
            self.started.pop(0)()


@pytest.fixture
def world():
    world = World()
    assert world.breaker.admits()
    return world


def test_closed_it_costs_a_look_and_nothing_runs(world):
    assert world.breaker.is_closed
    assert world.started == []


def test_open_it_keeps_everybody_away_and_one_probes(world):
    for _ in range(3):
        world.breaker.trip(AWAY)
    assert not world.breaker.admits()
    assert len(world.started) == 1
    assert world.told == [True]


def test_it_closes_by_itself_and_catches_up_once_it_has(world):
    world.away = True
    world.breaker.trip(AWAY)
    world.background()
    assert world.breaker.is_closed
    assert (world.now, world.probes, world.caught_up) == (5 * PROBE_EVERY_S, 6, 1)
    assert world.told == [True, False]


def test_where_catching_up_finds_it_away_it_is_tried_again(world, monkeypatch):
    outcomes = [AWAY, RuntimeError("a mistake of ours"), None]

    def catch_up():
        if error := outcomes.pop(0):
            raise error

    monkeypatch.setattr(world.breaker, "_catch_up", catch_up)
    world.breaker.trip(AWAY)
    world.background()
    assert outcomes == []
    assert world.breaker.is_closed


def test_what_is_put_aside_while_it_closes_is_caught_up_with_too(world, monkeypatch):
    def catch_up():
        world.caught_up += 1
        if world.caught_up == 1:
            world.breaker.wake()  # a webhook was on its way to the disk

    monkeypatch.setattr(world.breaker, "_catch_up", catch_up)
    world.breaker.trip(AWAY)
    world.background()
    assert world.caught_up == 2


def test_the_first_webhook_of_a_process_sees_to_what_another_has_left():
    world = World()
    world.left.append("a file")
    assert world.breaker.admits()
    world.background()
    assert (world.probes, world.caught_up) == (0, 1)


# A line that could not begin a thread once, under a limit of the system's, is not without its database for ever.
def test_where_no_thread_is_to_be_had_the_next_webhook_sees_to_it(world):
    def refused(_work):
        world.breaker._start = world.started.append
        raise RuntimeError("can't start new thread")

    world.breaker._start = refused
    world.breaker.trip(AWAY)
    assert world.started == []
    assert not world.breaker.admits()
    assert not world.breaker.admits()
    assert len(world.started) == 1
    world.background()
    assert world.breaker.admits()


def test_it_says_for_how_long_it_has_been_open(world):
    assert world.breaker.open_s == 0.0
    world.breaker.trip(AWAY)
    world.passes(7)
    assert world.breaker.open_s == 7.0


def test_where_no_thread_is_to_be_had_whoever_asks_next_tries_again(world, monkeypatch):
    def none_left(_work):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(world.breaker, "_start", none_left)
        world.breaker.trip(AWAY)
    assert not world.breaker.admits()
    world.background()
    assert world.breaker.admits()

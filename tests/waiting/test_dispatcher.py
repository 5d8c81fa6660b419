"""The dispatcher on days when the carrier errs, and when the clock does."""

import logging
from datetime import timedelta

import pytest
from waiting_room_of import CALLER, FIRST, OTHER, SECOND, late, places, room_of, states, waits

from ivr.db.offers import Offers
from ivr.dispatch.dispatcher import Dispatcher
from ivr.dispatch.steady import DOUBT_S, JUMP_S, SteadyClock
from ivr.service_errors import RefusedError, ServiceError, UnknownOutcomeError
from ivr.waiting import ABSENT_S, LEEWAY_S, REST_S


class Calls:
    """Rings, or raises what is next in `faults`."""

    def __init__(self):
        self.rung, self.asked, self.faults = [], [], []

    def place(self, *, to, from_, url, fallback, status_callback, ring_s):
        self.rung.append(to)
        self.asked.append(
            {"from_": from_, "url": url, "fallback": fallback, "status_callback": status_callback, "ring_s": ring_s}
        )
        if fault := self.faults.pop(0) if self.faults else None:
            raise fault
        return "CA1"


@pytest.fixture
def calls():
    return Calls()


@pytest.fixture
def room(engine, clock):
    return room_of(engine, clock)


@pytest.fixture
def dispatcher(room, calls, clock):
    began = clock.now()

    def passed_s():
        return (clock.now() - began).total_seconds()

    return Dispatcher(room, calls, "leg {}".format, "status {}".format, "fallback", SteadyClock(clock, passed_s))


def test_whoever_is_next_is_offered_to_the_first_number_under_the_number_that_was_dialled(
    room, dispatcher, calls, engine
):
    waits(room, "1")
    assert dispatcher.run() == 1
    (place,) = places(engine)
    assert calls.rung == [FIRST]
    offer = place.offer
    assert calls.asked == [
        {
            "from_": "+18005550100",
            "url": f"leg {offer}",
            "fallback": "fallback",
            "status_callback": f"status {offer}",
            "ring_s": 25,
        }
    ]


@pytest.mark.parametrize("fault", [RefusedError(21211, "no such number"), ServiceError("away")])
def test_a_number_that_cannot_be_rung_is_followed_by_the_next_and_after_the_last_all_rest(
    room, dispatcher, calls, clock, fault
):
    waits(room, "1")
    calls.faults = [fault, fault]
    dispatcher.run()
    assert calls.rung == [FIRST, SECOND]
    late(clock, REST_S - 1)
    assert dispatcher.run() == 0
    late(clock, 1)
    assert dispatcher.run() == 1
    assert calls.rung == [FIRST, SECOND, FIRST]


def test_nobody_behind_one_who_rests_goes_ahead(room, dispatcher, calls, engine):
    waits(room, "1")
    waits(room, "2", OTHER)
    calls.faults = [ServiceError("away"), ServiceError("away")]
    dispatcher.run()
    assert states(engine) == ["on-line waiting"] * 2


def test_what_may_be_ringing_is_not_rung_again_until_the_offer_has_run_out(room, dispatcher, calls, clock, engine):
    call = waits(room, "1")
    calls.faults = [UnknownOutcomeError("no answer")]
    dispatcher.run()
    late(clock, 25 + LEEWAY_S - 1)
    assert dispatcher.run() == 0
    assert room.hold(call.sid)
    assert states(engine) == ["on-line offered"]
    late(clock, 1)
    assert dispatcher.run() == 1
    assert calls.rung == [FIRST, SECOND]


def test_it_can_be_taken_meanwhile_if_it_did_ring(room, dispatcher, calls, engine):
    waits(room, "1")
    calls.faults = [UnknownOutcomeError("no answer")]
    dispatcher.run()
    assert room.take(places(engine)[0].offer, FIRST)
    assert states(engine) == ["on-line talking"]


def test_an_offer_that_has_run_out_is_taken_by_nobody_though_no_dispatcher_has_looked_since(
    room, dispatcher, clock, engine
):
    """A machine that slept in between would have callers rung in the night."""
    waits(room, "1")
    dispatcher.run()
    late(clock, 25 + LEEWAY_S)
    assert room.take(places(engine)[0].offer, FIRST) is None


def test_one_department_in_trouble_does_not_hold_up_another(room, dispatcher, calls):
    waits(room, "1", department="sales")
    waits(room, "2", OTHER)
    calls.faults = [UnknownOutcomeError("no answer")]
    assert dispatcher.run() == 2


def test_two_that_look_at_once_offer_a_place_once(room):
    waits(room, "1")
    assert Offers(room.lines).next()
    assert Offers(room.lines).next() is None


def test_no_more_are_offered_than_can_be_taken(engine, clock, calls):
    room = room_of(engine, clock, capacity=1)
    dispatcher = Dispatcher(room, calls, str, str, "", SteadyClock(clock, lambda: 0.0))
    for sid in "12":
        waits(room, sid)
    dispatcher.run()
    assert room.take(places(engine)[0].offer, FIRST)
    assert dispatcher.run() == 0
    room.finish(places(engine)[0].offer)
    assert dispatcher.run() == 1


def test_logs_show_two_digits_of_a_number(room, dispatcher, calls, caplog, clock):
    waits(room, "1")
    calls.faults = [UnknownOutcomeError("lost"), RefusedError(21211, "no"), ServiceError("away")]
    with caplog.at_level(logging.DEBUG, logger="answerline"):
        dispatcher.run()
        late(clock, ABSENT_S / 2)
        dispatcher.run()
        late(clock, REST_S)
        dispatcher.run()
    assert len(caplog.records) == 3
    assert "…02" in caplog.text
    assert not any(number in caplog.text for number in (FIRST, SECOND, CALLER, CALLER[1:]))


class TestSteadyClock:
    @pytest.fixture
    def passed(self):
        return [0.0]

    @pytest.fixture
    def steady(self, clock, passed):
        steady = SteadyClock(clock, lambda: passed[0])
        assert steady.is_steady()
        return steady

    @pytest.mark.parametrize("jump_s", [JUMP_S + 1, 8 * 3600, -JUMP_S - 1, -8 * 3600])
    def test_a_clock_that_jumps_is_not_believed_for_ten_minutes(self, steady, clock, passed, caplog, jump_s):
        late(clock, jump_s)
        assert not steady.is_steady()
        assert f"jumped by {jump_s:.0f} s" in caplog.text
        passed[0] += DOUBT_S - 1
        late(clock, DOUBT_S - 1)
        assert not steady.is_steady()
        passed[0] += 1
        late(clock, 1)
        assert steady.is_steady()

    @pytest.mark.parametrize("slow_s", [0, 1, 3600, 8 * 3600])
    def test_a_machine_that_is_slow_or_sleeps_has_no_jump(self, steady, clock, passed, slow_s):
        passed[0] += slow_s
        late(clock, slow_s + JUMP_S)
        assert steady.is_steady()

    def test_nobody_is_rung_while_it_is_not_believed(self, room, calls, clock):
        passed = [0.0]
        dispatcher = Dispatcher(room, calls, str, str, "", SteadyClock(clock, lambda: passed[0]))
        waits(room, "1")
        dispatcher.run()
        clock.time += timedelta(hours=10)
        waits(room, "2", department="sales")
        assert dispatcher.run() == 0
        assert len(calls.rung) == 1
        passed[0] = DOUBT_S
        clock.time += timedelta(seconds=DOUBT_S)
        dispatcher.run()
        assert len(calls.rung) == 2

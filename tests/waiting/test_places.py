"""The rules of a place in line, one by one; test_histories.py holds them against what can happen to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from waiting_room_of import CALLER, FIRST, OTHER, SECOND, books, call_of, late, opens, places, room_of, states, waits
from waiting_world import ALWAYS, NEVER

from ivr.db.offers import Offers
from ivr.departments import Department
from ivr.waiting import ABSENT_S, LEEWAY_S, RETRY_S, TRIES, Kind, Place, PlaceState, outlook
from ivr.waiting_room import Ended, Entry

NOW = datetime(2027, 3, 1, 18, tzinfo=UTC)
SUPPORT = Department("support", "support", (FIRST,), ALWAYS, capacity=1)


@pytest.fixture
def room(engine, clock):
    return room_of(engine, clock)


def place(state=PlaceState.WAITING, kind=Kind.ON_LINE, **more):
    number = CALLER if kind is Kind.CALLBACK else ""
    return Place(1, "support", "CA1", CALLER, "+18005550100", NOW, kind, state, number, **more)


@pytest.mark.parametrize(
    ("kind", "state", "tries", "then"),
    [
        (Kind.ON_LINE, PlaceState.CONNECTING, 0, PlaceState.LEFT),
        (Kind.ON_LINE, PlaceState.AWAY, 0, PlaceState.LEFT),
        (Kind.ON_LINE, PlaceState.WAITING, 0, PlaceState.LEFT),
        (Kind.ON_LINE, PlaceState.OFFERED, 0, PlaceState.WAITING),
        (Kind.ON_LINE, PlaceState.TALKING, 0, PlaceState.SERVED),
        (Kind.CALLBACK, PlaceState.OFFERED, 0, PlaceState.WAITING),
        (Kind.CALLBACK, PlaceState.RINGING, 0, PlaceState.WAITING),
        (Kind.CALLBACK, PlaceState.RINGING, TRIES - 1, PlaceState.UNREACHED),
        (Kind.CALLBACK, PlaceState.TALKING, 0, PlaceState.SERVED),
    ],
)
def test_what_nothing_is_heard_of_goes_on_by_itself(kind, state, tries, then):
    after = place(state, kind, tries=tries, offer="offer").is_forgotten(NOW, numbers=1)
    assert after.state is then
    assert after.offer == ""


def test_what_a_caller_is_told_never_rises():
    mine, ahead = replace(place(), id=9), [replace(place(), id=number) for number in range(1, 4)]
    told = outlook(mine, ahead[:1], SUPPORT, [600.0])
    assert (told.told_place, told.told_minutes) == (2, 20)
    told = outlook(told, ahead, SUPPORT, [1200.0])
    assert (told.told_place, told.told_minutes) == (2, 20)
    told = outlook(told, [], SUPPORT, [60.0])
    assert (told.told_place, told.told_minutes) == (1, 1)


def test_who_is_between_two_tries_is_ahead_of_nobody():
    tried = replace(place(kind=Kind.CALLBACK), tries=1, not_before=NOW + timedelta(hours=1))
    assert outlook(replace(place(), id=9), [tried], SUPPORT, []).told_place == 1


# No callback is made outside hours, also where somebody was asked before the department closed.


def test_a_callback_that_is_taken_after_closing_waits_for_the_next_opening(room, engine):
    call = books(room, "1")
    first = Offers(room.lines).next()
    room.finish(first.id)
    offer = Offers(room.lines).next()
    assert (first.number, offer.number) == (FIRST, SECOND)
    opens(room, NEVER)
    assert room.offered(offer.id).closed
    assert room.take(offer.id, SECOND).closed
    assert states(engine) == ["callback waiting"]
    assert room.promised(call) == CALLER
    assert room.take(offer.id, SECOND) is None, "the offer is over"
    assert Offers(room.lines).next() is None
    opens(room, ALWAYS)
    again = Offers(room.lines).next()
    assert again.number == FIRST, "asked from the first number on"
    assert not room.take(again.id, FIRST).closed


def test_a_callback_that_nobody_takes_before_closing_is_asked_from_the_first_number_on(room):
    books(room, "1")
    offer = Offers(room.lines).next()
    opens(room, NEVER)
    room.finish(offer.id)
    opens(room, ALWAYS)
    assert Offers(room.lines).next().number == FIRST


def test_who_waits_on_the_line_may_be_taken_when_the_department_has_closed(room, engine):
    """They are there, and nobody has to be rung."""
    waits(room, "1")
    offer = Offers(room.lines).next()
    opens(room, NEVER)
    assert not room.offered(offer.id).closed
    assert room.take(offer.id, FIRST)
    assert states(engine) == ["on-line talking"]


def test_a_callback_that_was_taken_before_closing_goes_on(room, engine):
    """The caller's telephone rings already."""
    books(room, "1")
    offer = Offers(room.lines).next()
    room.take(offer.id, FIRST)
    opens(room, NEVER)
    assert not room.offered(offer.id).closed
    assert not room.take(offer.id, FIRST).closed, "the same again is the same"
    assert room.reach(offer.id)
    assert states(engine) == ["callback talking"]


# What random histories brought to light.


def test_who_asks_again_in_the_call_that_booked_a_callback_hears_that_it_stands(room, engine):
    call = books(room, "1")
    assert room.enter(call) == (Entry.PROMISED, "")
    room.hangs_up(call.sid)
    assert states(engine) == ["callback waiting"]


def test_what_a_call_does_in_one_line_leaves_the_callback_alone_that_another_has_promised(room, engine):
    """Support is waited for on the line, and sales calls back."""
    waits(room, "1")
    books(room, "1", department="sales")
    assert room.hold("CA1").place == 1
    assert room.leave("CA1", "2")
    assert room.left_by("CA1") == "2"
    room.hangs_up("CA1")
    assert states(engine) == ["on-line left", "callback waiting"]


def test_who_calls_after_a_try_in_vain_and_waits_on_the_line_is_due_at_once(room, clock):
    books(room, "1")
    offer = Offers(room.lines).next()
    room.take(offer.id, FIRST)
    assert room.finish(offer.id) is Ended.AGAIN
    late(clock, RETRY_S / 2)
    again = call_of("2")
    assert room.enter(again)[0] is Entry.PROMISED
    room.rejoin(again)
    room.wait(again)
    assert room.hold("CA2")
    assert Offers(room.lines).next()
    assert not room.was_taken("CA2"), "who took it before has not taken this call"


def test_who_waited_elsewhere_before_and_takes_the_place_of_a_callback_waits_in_it(room, engine):
    """That place is older than the one the same call has left."""
    books(room, "1", department="sales")
    waits(room, "2")
    room.leave("CA2", "*")
    again = call_of("2", department="sales")
    assert room.enter(again)[0] is Entry.PROMISED
    room.rejoin(again)
    room.enter(again)
    room.wait(again)
    assert states(engine) == ["on-line away", "on-line left"]
    assert room.hold("CA2").place == 1


def test_who_takes_a_call_and_hangs_up_before_they_meet_has_not_served_it(room, engine, clock):
    """The caller is in the carrier's queue still, and keeps their place."""
    waits(room, "1")
    waits(room, "2", OTHER)
    offer = Offers(room.lines).next()
    assert room.take(offer.id, FIRST)
    room.finish(offer.id)
    assert states(engine)[0] == "on-line served"
    late(clock, 45)
    assert room.hold("CA1").place == 1
    assert Offers(room.lines).next()
    assert states(engine) == ["on-line offered", "on-line waiting"]


def test_who_is_taken_and_met_by_nobody_is_next_again_within_a_minute(room, engine, clock):
    """Who took the call has gone, and the webhooks that say so are lost."""
    waits(room, "1")
    assert room.take(Offers(room.lines).next().id, FIRST)
    assert room.hold("CA1").place == 0
    late(clock, LEEWAY_S)
    assert room.hold("CA1").place == 1
    assert states(engine) == ["on-line waiting"]


def test_who_was_served_long_ago_is_in_no_queue(room, clock):
    waits(room, "1")
    offer = Offers(room.lines).next().id
    room.take(offer, FIRST)
    room.finish(offer)
    late(clock, ABSENT_S)
    assert room.hold("CA1") is None


def test_an_old_offer_takes_nothing(room, engine):
    waits(room, "1")
    first = Offers(room.lines).next()
    room.finish(first.id)
    second = Offers(room.lines).next()
    assert room.take(first.id, FIRST) is None
    assert room.offered(first.id) is None
    assert room.take(second.id, FIRST)
    assert room.take(second.id, FIRST), "the same again is the same"
    assert len(places(engine)) == 1

"""Waiting in line, as callers on hold hear it: how it stands, the choices, and who is taken out of the queue."""

from dataclasses import dataclass, replace

import pytest
from puppets import DIRECTORY, puppet_line

from ivr.call import Call, Position
from ivr.engine import PLACES_TOLD, Engine
from ivr.services import Services
from ivr.waiting import HOLD_S, Outlook

CALL = Call("CA1", "+14155550123", "+18005550100", turn=4)
HOLD = Position("support", "hold")


@dataclass
class Room:
    """A waiting room with one caller in it."""

    outlook: Outlook | None
    taken: bool = False
    left_with: str | None = None

    def hold(self, call_sid):
        assert call_sid == CALL.sid
        return self.outlook

    def leave(self, call_sid, key):
        assert call_sid == CALL.sid
        self.left_with = None if self.taken else key
        return not self.taken


def holding_in(room, keys="", queued_s=0.0, at=HOLD):
    services = replace(Services(None, None, None, DIRECTORY), waiting=room)
    return Engine(puppet_line(lambda _, outcomes: outcomes[0]), services).hold(CALL, at, keys, queued_s)


def said(holding):
    return [prompt.id for prompt in holding.prompts]


def test_a_caller_on_hold_hears_their_place_the_wait_and_the_choices():
    holding = holding_in(Room(Outlook(3, 7)))
    choices = ("support.hold.1", "support.hold.2", "common.key_star", "common.key_9")
    assert said(holding) == ["common.hold_place", "common.hold_wait", *choices]
    assert holding.values == {"position": "3", "wait": "7"}


# The keys of somebody on hold go where this says: they are for this place, and for this turn of this call.
@pytest.mark.parametrize("room", [Room(Outlook(3, 7)), Room(Outlook(0, 0), taken=True)])
def test_keys_on_hold_go_to_the_place_and_the_turn_that_the_caller_is_in(room):
    holding = holding_in(room)
    assert (holding.at, holding.turn) == (HOLD, CALL.turn)


@pytest.mark.parametrize(
    ("place", "told"),
    [(1, "hold_next"), (2, "hold_place"), (PLACES_TOLD, "hold_place"), (PLACES_TOLD + 1, "hold_far")],
)
def test_a_place_is_told_by_number_unless_it_is_the_next_or_too_far_away_to_comfort(place, told):
    assert said(holding_in(Room(Outlook(place, 60))))[0] == f"common.{told}"
    assert PLACES_TOLD == 30


@pytest.mark.parametrize("key", "129*")
def test_a_key_that_means_something_on_hold_takes_the_caller_out_of_the_queue(key):
    room = Room(Outlook(1, 1))
    assert holding_in(room, key) is None
    assert room.left_with == key


def test_the_first_of_two_keys_counts():
    room = Room(Outlook(1, 1))
    assert holding_in(room, "17") is None
    assert room.left_with == "1"
    assert holding_in(Room(Outlook(1, 1)), "71") is not None


@pytest.mark.parametrize("key", ["0", "#", "7"])
def test_zero_is_what_a_caller_on_hold_waits_for_and_other_keys_say_again_how_it_stands(key):
    room = Room(Outlook(1, 1))
    assert said(holding_in(room, key))[0] == "common.hold_next"
    assert room.left_with is None


def test_nobody_is_held_for_more_than_half_an_hour_or_once_the_place_is_gone():
    assert HOLD_S == 1800
    assert holding_in(Room(Outlook(1, 1)), queued_s=1800) is not None
    late = Room(Outlook(1, 1))
    assert holding_in(late, queued_s=1801) is None
    assert late.left_with == "", "no choice of the caller's"
    assert holding_in(Room(None)) is None


@pytest.mark.parametrize(("keys", "queued_s"), [("1", 0), ("", 1801)])
def test_neither_a_key_nor_the_clock_takes_a_caller_away_from_somebody_who_is_taking_the_call(keys, queued_s):
    holding = holding_in(Room(Outlook(0, 0), taken=True), keys, queued_s)
    assert said(holding) == ["common.hold_taken"], "and no choices any more"
    assert holding.values == {}


def test_whoever_is_on_hold_where_a_deploy_has_put_something_else_is_taken_out():
    assert holding_in(Room(Outlook(1, 1)), at=Position("main", "menu")) is None
    assert holding_in(Room(Outlook(1, 1)), at=Position("support", "gone")) is None

"""A place in line: who waits for which department, since when, and how it goes on.

Rules only: a place is a frozen value, and each step returns the next one. Where places are kept, and how two who step
at once are kept apart, is `db.waiting_room`. Decision 42.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Self

from ivr.departments import Department

TRIES = 3  # times that a caller is called back
RETRY_S = 1800.0  # from one to the next: three tries in an hour
REST_S = 20.0  # after nobody at any number has taken a call, until they are asked again
LEEWAY_S = 60.0  # how long the carrier's word on an end may take
ABSENT_S = 180.0  # a caller who is put on hold is heard of every 45 s
MENU_S = 3600.0  # longest that anybody stays at menus with a place in line
TALK_S = 2 * 60 * 60  # every call is cut then, whoever talks: longer than any, and half of what carriers let pass
HANDLING_S = 240.0  # how long a call takes an agent where nothing is known yet
HOLD_S = 1800.0  # longest wait on the line; after that a message or a callback is offered


class Kind(StrEnum):
    """How a caller waits."""

    ON_LINE = "on-line"
    CALLBACK = "callback"


class PlaceState(StrEnum):
    """Where a place has come to."""

    CONNECTING = "connecting"  # put through without waiting, as nobody was ahead
    AWAY = "away"  # at a menu: keeps the place, and is not offered to anybody meanwhile
    WAITING = "waiting"
    OFFERED = "offered"  # somebody is being asked to take the call
    RINGING = "ringing"  # taken, and the caller is being called back
    TALKING = "talking"
    SERVED = "served"
    LEFT = "left"  # hung up, or went elsewhere
    CANCELLED = "cancelled"
    UNREACHED = "unreached"  # called back as often as we do, in vain


IN_LINE = frozenset({PlaceState.AWAY, PlaceState.WAITING, PlaceState.OFFERED})
BUSY = frozenset({PlaceState.CONNECTING, PlaceState.OFFERED, PlaceState.RINGING, PlaceState.TALKING})
OPEN = IN_LINE | BUSY


@dataclass(frozen=True)
class Place:
    """One caller's place in the line of one department.

    call_sid: the call they came with last. caller: as the carrier sent it. number: where to call back, E.164; '' where
    they wait on the line. arrived_at: when they first asked; the order of the line. topic, proved: what the person who
    takes the call is told. tries: callbacks made in vain. not_before: when the next one may be. offer: proves that who
    answers was asked for this place, and is still. asked: how many of the department's numbers have been asked in vain;
    rest_until: after all have. until: when this state is over if nothing is heard. told_place, told_minutes: what the
    caller was told last. key: what they pressed to leave the queue. taken_at: when somebody took the call.
    """

    id: int
    department: str
    call_sid: str
    caller: str
    called: str
    arrived_at: datetime
    kind: Kind = Kind.ON_LINE
    state: PlaceState = PlaceState.AWAY
    number: str = ""
    topic: str = ""
    proved: bool = False
    tries: int = 0
    not_before: datetime | None = None
    offer: str = ""
    asked: int = 0
    rest_until: datetime | None = None
    until: datetime | None = None
    told_place: int | None = None
    told_minutes: int | None = None
    key: str = ""
    taken_at: datetime | None = None
    over_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the caller still waits for something, or talks."""
        return self.state in OPEN

    # What the caller does.

    def connects(self, offer: str, now: datetime, department: Department) -> Self:
        """Be put through at once."""
        longest = (department.ring_s + LEEWAY_S) * len(department.numbers)
        return self._to(PlaceState.CONNECTING, until=now + timedelta(seconds=longest), offer=offer)

    def goes_away(self, now: datetime, key: str = "") -> Self:
        """Leave the queue for a menu. key: what was pressed."""
        until = now + timedelta(seconds=MENU_S)
        away = self._to(PlaceState.AWAY, until=until)
        return replace(away, kind=Kind.ON_LINE, number="", not_before=None, key=key)

    def holds(self, now: datetime) -> Self:
        """Be in the queue, as the carrier says; somebody who is offered stays so."""
        if self.state is PlaceState.OFFERED:
            return self
        return replace(self._to(PlaceState.WAITING, until=self._absent(now)), key="", over_at=None)

    def meets(self, now: datetime) -> bool:
        """Say whether somebody has just taken the call, and joins this caller in the queue any moment."""
        joined_by = timedelta(seconds=LEEWAY_S)
        return self.state is PlaceState.TALKING and self.taken_at is not None and now < self.taken_at + joined_by

    def was_not_met(self, now: datetime) -> bool:
        """Say of a caller in the queue whether who took the call has put down the telephone before they met."""
        recently = now - timedelta(seconds=ABSENT_S)
        return self.state is PlaceState.SERVED and self.over_at is not None and self.over_at > recently

    def books(self, number: str) -> Self:
        """Wait for a callback, in the same place."""
        return replace(self._to(PlaceState.WAITING), kind=Kind.CALLBACK, number=number, tries=0, not_before=None)

    def hangs_up(self, now: datetime) -> Self:
        """The call is over. Who waits for a callback goes on waiting."""
        if self.kind is Kind.CALLBACK or not self.is_open:
            return self
        return self.ends(PlaceState.SERVED if self.state is PlaceState.TALKING else PlaceState.LEFT, now)

    # What those who take calls do.

    def is_offered(self, offer: str, now: datetime, ring_s: int) -> Self:
        """Be offered to somebody."""
        return self._to(PlaceState.OFFERED, until=now + timedelta(seconds=ring_s + LEEWAY_S), offer=offer)

    def is_refused(self, now: datetime, numbers: int) -> Self:
        """Nobody took the call at this number: on to the next one, or, after the last, a rest for all of them."""
        waiting = self._to(PlaceState.WAITING, until=None if self.kind is Kind.CALLBACK else self._absent(now))
        if self.asked + 1 < numbers:
            return replace(waiting, asked=self.asked + 1)
        return replace(waiting, asked=0, rest_until=now + timedelta(seconds=REST_S))

    def is_put_off(self) -> Self:
        """The department has closed before anybody took this callback: it waits for the next opening, as if unasked."""
        return replace(self._to(PlaceState.WAITING), asked=0)

    def can_be_taken(self, now: datetime) -> bool:
        """Say whether who has been asked may still take the call: an offer that has run out is nobody's any more."""
        stands = self.state is PlaceState.OFFERED and self.until is not None and now < self.until
        return stands or self.state is PlaceState.CONNECTING

    def is_taken(self, now: datetime) -> Self:
        """Somebody takes the call; a callback is not a conversation yet."""
        calls_back = self.kind is Kind.CALLBACK
        state = PlaceState.RINGING if calls_back else PlaceState.TALKING
        longest = timedelta(seconds=2 * LEEWAY_S if calls_back else TALK_S)
        return replace(self._to(state, until=now + longest, offer=self.offer), taken_at=now)

    def is_reached(self, now: datetime) -> Self:
        """The caller who is called back wants to talk."""
        talking = self._to(PlaceState.TALKING, until=now + timedelta(seconds=TALK_S), offer=self.offer)
        return replace(talking, taken_at=self.taken_at)

    def is_over(self, now: datetime) -> Self:
        """Who took the call is done with it: they have talked, or the caller could not be reached."""
        if self.state is PlaceState.TALKING:
            return self.ends(PlaceState.SERVED, now)
        tries = self.tries + 1
        if tries >= TRIES:
            return replace(self.ends(PlaceState.UNREACHED, now), tries=tries)
        again = now + timedelta(seconds=RETRY_S)
        return replace(self._to(PlaceState.WAITING), tries=tries, asked=0, not_before=again)

    def is_forgotten(self, now: datetime, numbers: int) -> Self:
        """Nothing was heard for as long as this state can last."""
        match self.state:
            case PlaceState.OFFERED:
                return self.is_refused(now, numbers)
            case PlaceState.RINGING | PlaceState.TALKING:
                return self.is_over(now)
            case _:
                return self.ends(PlaceState.LEFT, now)

    def ends(self, state: PlaceState, now: datetime) -> Self:
        """Leave the line for good."""
        return replace(self._to(state), taken_at=self.taken_at, over_at=now)

    def _to(self, state: PlaceState, until: datetime | None = None, offer: str = "") -> Self:
        return replace(self, state=state, until=until, offer=offer, taken_at=None)

    def _absent(self, now: datetime) -> datetime:
        return now + timedelta(seconds=ABSENT_S)


@dataclass(frozen=True)
class Outlook:
    """What a caller on hold can expect. place: 1 is next. minutes: rounded up."""

    place: int
    minutes: int


def in_order(places: Iterable[Place]) -> list[Place]:
    """Sort places as they arrived."""
    return sorted(places, key=lambda place: (place.arrived_at, place.id))


def is_due(place: Place, now: datetime) -> bool:
    """Say whether somebody in line could be served now; a callback between two tries could not."""
    return place.state in IN_LINE and (place.not_before is None or place.not_before <= now)


def next_up(places: Iterable[Place], now: datetime) -> Place | None:
    """Return who is to be offered next, of the places of one department; None while there is nothing to do.

    One at a time, and the oldest first: so nobody is served before somebody who came earlier and could be served.
    """
    line = [place for place in in_order(places) if is_due(place, now)]
    if any(place.state is PlaceState.OFFERED for place in line):
        return None
    first = next((place for place in line if place.state is PlaceState.WAITING), None)
    rests = first is not None and first.rest_until is not None and first.rest_until > now
    return None if rests else first


def has_room(places: Iterable[Place], department: Department) -> bool:
    """Say whether the department can take one call more."""
    return department.capacity is None or sum(place.state in BUSY for place in places) < department.capacity


def outlook(place: Place, places: Iterable[Place], department: Department, talks_s: Sequence[float]) -> Place:
    """Work out what to tell a caller on hold: never more than before. talks_s: how long the last calls took."""
    ahead = sum(1 for other in in_order(places) if _is_ahead(other, place)) + 1
    handling_s = sum(talks_s) / len(talks_s) if talks_s else HANDLING_S
    servers = department.capacity or len(department.numbers)
    minutes = ceil(ahead * handling_s / servers / 60)
    return replace(place, told_place=_least(place.told_place, ahead), told_minutes=_least(place.told_minutes, minutes))


def _is_ahead(other: Place, place: Place) -> bool:
    waits = other.state in IN_LINE and (other.not_before is None)
    return waits and (other.arrived_at, other.id) < (place.arrived_at, place.id)


def _least(told: int | None, now: int) -> int:
    return now if told is None else min(told, now)

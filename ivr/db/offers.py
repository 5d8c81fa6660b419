"""Whom to offer next to the people of a department: decided and written in one transaction, whoever asks."""

from dataclasses import dataclass
from uuid import uuid4

from ivr.db import place_rows as rows
from ivr.db.lines import Lines
from ivr.departments import Department
from ivr.waiting import has_room, next_up


@dataclass(frozen=True)
class Offer:
    """A call to place: somebody is to be asked whether they take the call of a place in line.

    id: goes with the call, and proves that it is about this offer. number: E.164. shown: the number that the caller
    dialled. ring_s: how long to ring.
    """

    id: str
    department: str
    number: str
    shown: str
    ring_s: int


class Offers:
    """Hands out offers; two processes that ask at once get different ones, or none."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def next(self) -> Offer | None:
        """Offer the next place that can be served now to the next number of its department; None for nothing to do."""
        now, departments = self._lines.clock.now(), self._lines.departments.current()
        with self._lines.looking() as connection:  # most of the time nobody waits, and nothing is locked to see that
            waited_for = rows.waited_for(connection, departments)
        for name, department in departments.items():
            if name in waited_for and department.is_open(now) and (offer := self._next_of(department)) is not None:
                return offer
        return None

    def forget(self) -> int:
        """End what nothing has been heard of for as long as it can last; return how many places that changed."""
        now = self._lines.clock.now()
        with self._lines.looking() as connection:
            late = rows.late(connection, now)
        forgotten = 0
        for name in late:
            with self._lines.of(name) as (connection, places):
                for place in places:
                    if place.until is not None and place.until <= now:
                        self._lines.write(connection, place, place.is_forgotten(now, self._lines.numbers(name)))
                        forgotten += 1
        return forgotten

    def _next_of(self, department: Department) -> Offer | None:
        now = self._lines.clock.now()
        with self._lines.of(department.name) as (connection, places):
            place = next_up(places, now)
            if place is None or not has_room(places, department):
                return None
            offer = uuid4().hex
            rows.write(connection, place.is_offered(offer, now, department.ring_s))
            number = department.numbers[min(place.asked, len(department.numbers) - 1)]
            return Offer(offer, department.name, number, place.called, department.ring_s)

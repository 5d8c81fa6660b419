"""Where callers wait, in the database, behind `ivr.waiting_room`: what each side does to a place in line.

The rules of the steps are `ivr.waiting`; here they are applied to what is there now. `lines` keeps steps apart.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, Engine

from ivr.call import Call, withheld
from ivr.clock import Clock
from ivr.db import place_rows as rows
from ivr.db.calls import SqlCallLog
from ivr.db.database import lock, storable
from ivr.db.event_outbox import NOBODY, SqlEvents
from ivr.db.lines import Lines
from ivr.db.place_rows import Which
from ivr.departments import Departments
from ivr.waiting import IN_LINE, Kind, Outlook, Place, PlaceState, has_room, is_due, outlook
from ivr.waiting_room import Ended, Entry, Taken

CALLBACKS_A_DAY = 3  # to one number, whoever asks for them
TALKS_KNOWN = 20  # calls that the expected waiting time is worked out from


class SqlWaitingRoom:
    """Places in the database. Every method raises ServiceError where that does not answer."""

    def __init__(
        self, engine: Engine, calls: SqlCallLog, clock: Clock, departments: Departments, events: SqlEvents = NOBODY
    ) -> None:
        self.lines, self._calls, self._clock = Lines(engine, clock, departments, events), calls, clock
        self._ever_waited = rows.ever_waited(engine.dialect)

    # Callers.

    def enter(self, call: Call) -> tuple[Entry, str]:
        """Ask for a department; a call keeps the place it has there."""
        name, now = call.department, self._clock.now()
        department = self.lines.departments.current()[name]
        with self.lines.of(name, *self.lines.departments.current()) as (connection, places):
            own = _own(places, call)
            known = own or _promised(places, call)
            if known is not None and known.kind is Kind.CALLBACK:
                return Entry.PROMISED, ""
            _leave_others(connection, call, now)
            others = [place for place in places if place is not own]
            ahead = [
                place for place in others if own is None or (place.arrived_at, place.id) < (own.arrived_at, own.id)
            ]
            if any(is_due(place, now) for place in ahead) or not has_room(others, department):
                rows.write(connection, (own or _place(call, now)).goes_away(now))
                return Entry.IN_LINE, ""
            offer = uuid4().hex
            rows.write(connection, (own or _place(call, now)).connects(offer, now, department))
            return Entry.AT_ONCE, offer if department.accept else ""

    def wait(self, call: Call) -> None:
        """Join the line, in the place this call has had since it entered."""
        now = self._clock.now()
        with self.lines.of(call.department) as (connection, places):
            own = _own(places, call)
            if own is None or own.kind is Kind.ON_LINE:
                rows.write(connection, (own or _place(call, now)).goes_away(now))

    def hold(self, call_sid: str) -> Outlook | None:
        """Note that the carrier has this call in its queue, and say what the caller can expect."""
        now, waits = self._clock.now(), Which(call_sid=call_sid)
        with self.lines.looking() as connection:
            known = waits.find(connection) or rows.last_of_call(connection, call_sid)
        if known is None:
            return None
        department = self.lines.departments.current()[known.department]
        with self.lines.of(known.department) as (connection, places):
            own = waits.among(places) or rows.last_of_call(connection, call_sid)
            if own is None or not (own.is_open or own.was_not_met(now)):
                return None
            if own.meets(now):
                return Outlook(0, 0)
            if not department.is_open(now) and own.state is not PlaceState.OFFERED:
                rows.write(connection, own.goes_away(now))
                return None
            told = outlook(own.holds(now), places, department, _talks_s(connection, department.name))
            rows.write(connection, told)
            return Outlook(told.told_place or 1, told.told_minutes or 1)

    def leave(self, call_sid: str, key: str) -> bool:
        """Note which key ends the waiting; False where somebody is taking the call this moment."""
        now = self._clock.now()

        def away(place: Place) -> Place:
            return place if place.state is PlaceState.TALKING else place.goes_away(now, key)

        left = self.lines.step(Which(call_sid=call_sid), away)
        return left is None or left.state is not PlaceState.TALKING

    def left_by(self, call_sid: str) -> str:
        """Return the key that ended the waiting."""
        place = self.lines.find(Which(call_sid=call_sid))
        return place.key if place else ""

    def was_taken(self, call_sid: str) -> bool:
        """Say whether somebody took this call."""
        with self.lines.looking() as connection:
            return rows.was_taken(connection, call_sid)

    def book(self, call: Call, number: str) -> bool:
        """Promise a callback, in the place this call has, or that was promised to this caller before."""
        now = self._clock.now()
        with self.lines.of(call.department) as (connection, places):
            own = _own(places, call) or _promised(places, call)
            if own is not None and own.kind is Kind.CALLBACK and own.number == number:
                return True
            lock(connection, f"callbacks to {number}")
            if rows.promises_to(connection, storable(number), now - timedelta(days=1)) >= CALLBACKS_A_DAY:
                return False
            self.lines.write(connection, own, (own or _place(call, now)).books(number))
            return True

    def promised(self, call: Call) -> str:
        """Return the number at which we are going to call this caller back."""
        with self.lines.looking() as connection:
            places = rows.line(connection, call.department)
        place = _own(places, call) or _promised(places, call)
        return place.number if place and place.kind is Kind.CALLBACK else ""

    def rejoin(self, call: Call) -> None:
        """Take the place of a promised callback for this call."""
        now = self._clock.now()
        with self.lines.of(call.department) as (connection, places):
            place = _own(places, call) or _promised(places, call)
            if place is not None and place.kind is Kind.CALLBACK:
                by_this_call = replace(place, call_sid=storable(call.sid), called=storable(call.called))
                self.lines.write(connection, place, by_this_call.goes_away(now))

    def cancel(self, call: Call) -> None:
        """Take back the callback promised to this caller."""
        now = self._clock.now()
        with self.lines.of(call.department) as (connection, places):
            place = _own(places, call) or _promised(places, call)
            if place is not None and place.kind is Kind.CALLBACK:
                self.lines.write(connection, place, place.ends(PlaceState.CANCELLED, now))

    def answered(self, call_sid: str, number: str) -> None:
        """Note that somebody at `number` has answered who is put through without being asked first."""
        now = self._clock.now()
        self.lines.step(Which(call_sid=call_sid), lambda place: place.is_taken(now) if _connects(place) else place)
        self._calls.bridged(call_sid, number)

    def hangs_up(self, call_sid: str) -> None:
        """Note that a call is over."""
        if self._calls.quick.read(self._ever_waited, {"of": storable(call_sid)}) is None:  # as nearly all calls
            return
        now = self._clock.now()
        self.lines.step(Which(call_sid=call_sid), lambda place: place.hangs_up(now))

    # Those who take calls, and callers who are called back.

    def offered(self, offer: str) -> Taken | None:
        """Return whose call is offered."""
        now, place = self._clock.now(), self.lines.find(Which(offer=offer)) if offer else None
        return _taken(place, now, closed=self.lines.has_closed(place, now)) if place else None

    def take(self, offer: str, by: str) -> Taken | None:
        """Take a call; the same offer again gives the same. A callback whose department has closed is put off."""
        now, direct, closed = self._clock.now(), False, False

        def taken(place: Place) -> Place:
            nonlocal direct, closed
            direct, closed = _connects(place), self.lines.has_closed(place, now)
            if closed:
                return place.is_put_off()
            return place.is_taken(now) if place.can_be_taken(now) else place

        place = self.lines.step(Which(offer=offer), taken) if offer else None
        if place is None or not (closed or place.state in {PlaceState.TALKING, PlaceState.RINGING}):
            return None
        if place.kind is Kind.ON_LINE:
            self._calls.bridged(place.call_sid, by)
        return _taken(place, now, direct=direct, closed=closed)

    def reach(self, offer: str) -> bool:
        """Note that the caller who is called back wants to talk."""
        now = self._clock.now()

        def reached(place: Place) -> Place:
            return place.is_reached(now) if place.state is PlaceState.RINGING else place

        place = self.lines.step(Which(offer=offer), reached) if offer else None
        return place is not None and place.state is PlaceState.TALKING

    def drop(self, offer: str) -> None:
        """Note that the caller who is called back wants no callback any more."""
        now = self._clock.now()
        if offer:
            self.lines.step(Which(offer=offer), lambda place: place.ends(PlaceState.CANCELLED, now))

    def finish(self, offer: str) -> Ended:
        """Note that who was offered a call, or took it, is done with it."""
        now, ended = self._clock.now(), Ended.GONE

        def over(place: Place) -> Place:
            nonlocal ended
            ended = Ended.AGAIN
            if self.lines.has_closed(place, now):
                return place.is_put_off()
            if place.state is PlaceState.OFFERED:
                return place.is_refused(now, self.lines.numbers(place.department))
            if _connects(place):  # the next number is rung by the caller's own call
                return place
            after = place.is_over(now)
            ended = _ENDED.get(after.state, Ended.AGAIN)
            return after

        if offer:
            self.lines.step(Which(offer=offer), over)
        return ended


_ENDED = {PlaceState.SERVED: Ended.SERVED, PlaceState.UNREACHED: Ended.UNREACHED}


def _leave_others(connection: Connection, call: Call, now: datetime) -> None:
    """Give up the place this call had in another department's line."""
    for place in rows.elsewhere(connection, storable(call.sid), call.department):
        rows.write(connection, place.ends(PlaceState.LEFT, now))


def _talks_s(connection: Connection, department: str) -> list[float]:
    return [max(0.0, talk.total_seconds()) for talk in rows.last_talks(connection, department, TALKS_KNOWN)]


def _place(call: Call, now: datetime) -> Place:
    return Place(
        0,
        department=call.department,
        call_sid=storable(call.sid),
        caller=storable(call.caller),
        called=storable(call.called),
        arrived_at=now,
        topic=call.trail[-1].flow if call.trail else "",
        proved=call.account_id is not None,
    )


def _own(places: Iterable[Place], call: Call) -> Place | None:
    return next((place for place in places if place.call_sid == call.sid), None)


def _promised(places: Iterable[Place], call: Call) -> Place | None:
    """Find the callback that waits for who calls now: at the number they call from, or that they called from before."""
    if withheld(call.caller):
        return None
    return next(
        (
            place
            for place in places
            if place.kind is Kind.CALLBACK and place.state in IN_LINE and call.caller in {place.caller, place.number}
        ),
        None,
    )


def _connects(place: Place) -> bool:
    return place.state is PlaceState.CONNECTING


def _taken(place: Place, now: datetime, *, direct: bool = False, closed: bool = False) -> Taken:
    return Taken(
        kind=place.kind,
        direct=direct or _connects(place),
        department=place.department,
        call_sid=place.call_sid,
        number=place.number,
        called=place.called,
        topic=place.topic,
        proved=place.proved,
        waited_s=max(0.0, (now - place.arrived_at).total_seconds()),
        closed=closed,
    )

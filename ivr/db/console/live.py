"""What goes on this moment: calls in progress, and the line of each department. One look at the database for all."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Engine, Table, select

from ivr.call import Disposition
from ivr.db import place_rows as rows
from ivr.db.database import transaction
from ivr.db.models.calls import CallRow
from ivr.departments import Department, Departments
from ivr.waiting import BUSY, IN_LINE, Kind, Place, PlaceState, in_order, outlook

MOST = 200  # calls shown at once; more than anybody reads
_CALLS = cast("Table", CallRow.__table__)
_IS = _CALLS.c
_IN_PROGRESS = (
    select(_IS.sid, _IS.caller, _IS.started_at, _IS.pending, _IS.simulated, _IS.disposition, _IS.account_number)
    .where(_IS.ended_at.is_(None), _IS.leg.is_(None))
    .order_by(_IS.started_at)
    .limit(MOST + 1)
)


@dataclass(frozen=True)
class LiveCall:
    """A call in progress. flow, node, kind: where it is, and what it waits for there. here_since: when it came there.

    waiting_since: when it joined a line; null where it is in none. place: its state there.
    """

    sid: str
    caller: str
    started_at: datetime
    flow: str
    node: str
    kind: str
    here_since: datetime
    account_number: str | None
    simulated: bool
    waiting_since: datetime | None = None
    place: PlaceState | None = None


@dataclass(frozen=True)
class Waiter:
    """Somebody in line. position: 1 is next; 0 for who is past waiting. minutes: to be expected; null where unknown.

    asked: number that is being rung for them; ''.
    """

    id: int
    position: int
    call_sid: str
    caller: str
    kind: Kind
    state: PlaceState
    since: datetime
    minutes: int | None
    asked: str
    tries: int
    not_before: datetime | None


@dataclass(frozen=True)
class DepartmentLine:
    """A department. next_opening: when it is closed, and that can be foreseen. free: people; null for no bound.

    removed: it is not in the file of departments any more, and somebody still waits.
    """

    name: str
    title: str
    is_open: bool
    next_opening: datetime | None
    busy: int
    free: int | None
    waiters: tuple[Waiter, ...]
    removed: bool = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(waiter.position > 0 for waiter in self.waiters)


@dataclass(frozen=True)
class Moment:
    """What goes on. more: there are calls beyond those shown. tag: the same while nothing has happened."""

    at: datetime
    calls: tuple[LiveCall, ...]
    lines: tuple[DepartmentLine, ...]
    more: bool

    @property
    def tag(self) -> str:
        """Name what is shown, all but the time it was looked at."""
        return hashlib.sha256(repr((self.calls, self.lines, self.more)).encode()).hexdigest()[:24]


def look(engine: Engine, departments: Departments, now: datetime) -> Moment:
    """Look at the line. Raises: ServiceError where the database does not answer."""
    with transaction(engine) as connection:
        found = connection.execute(_IN_PROGRESS).all()
        known = departments.current()
        names = dict.fromkeys([*known, *rows.departments(connection)])
        by_department = {name: rows.line(connection, name) for name in names}
        lines = tuple(
            _line(known[name], places, _talks_s(connection, name) if places else [], now)
            if name in known
            else _removed(name, places, now)
            for name, places in by_department.items()
            if name in known or places
        )
    waits = {p.call_sid: p for places in by_department.values() for p in places if p.kind is Kind.ON_LINE}
    calls = tuple(_call(row, waits.get(row.sid)) for row in found[:MOST])
    return Moment(now, calls, lines, more=len(found) > MOST)


def _call(row: object, place: Place | None) -> LiveCall:
    sid, caller, started_at, pending, simulated, _disposition, account = cast(
        "tuple[str, str, datetime, dict[str, str] | None, bool, Disposition | None, str | None]", row
    )
    at = pending or {"flow": "", "node": "", "kind": "", "at": started_at.isoformat()}
    return LiveCall(
        sid=sid,
        caller=caller,
        started_at=started_at,
        flow=at["flow"],
        node=at["node"],
        kind=at["kind"],
        here_since=datetime.fromisoformat(at["at"]),
        account_number=account,
        simulated=simulated,
        waiting_since=place.arrived_at if place else None,
        place=place.state if place else None,
    )


def _line(department: Department, places: list[Place], talks_s: list[float], now: datetime) -> DepartmentLine:
    is_open = department.is_open(now)
    waiters = _waiters(places, now)
    for number, (waiter, place) in enumerate(zip(waiters, in_order(places), strict=True)):
        fresh = replace(place, told_place=None, told_minutes=None)
        minutes = outlook(fresh, places, department, talks_s).told_minutes if waiter.position and is_open else None
        asked = department.numbers[min(place.asked, len(department.numbers) - 1)]
        rung = asked if place.state is PlaceState.OFFERED else ""
        waiters[number] = replace(waiter, minutes=minutes, asked=rung)
    busy = sum(place.state in BUSY for place in places)
    return DepartmentLine(
        name=department.name,
        title=department.title,
        is_open=is_open,
        next_opening=None if is_open else department.hours.next_opening(now),
        busy=busy,
        free=None if department.capacity is None else max(0, department.capacity - busy),
        waiters=tuple(waiters),
    )


def _removed(name: str, places: list[Place], now: datetime) -> DepartmentLine:
    busy = sum(place.state in BUSY for place in places)
    waiters = tuple(_waiters(places, now))
    return DepartmentLine(name, name, False, None, busy=busy, free=None, waiters=waiters, removed=True)


def _waiters(places: list[Place], now: datetime) -> list[Waiter]:
    """List who is in line, but for what only the department tells."""
    position, found = 0, list[Waiter]()
    for place in in_order(places):
        in_line = place.state in IN_LINE
        position += in_line
        found.append(
            Waiter(
                id=place.id,
                position=position if in_line else 0,
                call_sid=place.call_sid,
                caller=place.number or place.caller,
                kind=place.kind,
                state=place.state,
                since=place.arrived_at,
                minutes=None,
                asked="",
                tries=place.tries,
                not_before=place.not_before if place.not_before and place.not_before > now else None,
            )
        )
    return found


def _talks_s(connection: Connection, department: str) -> list[float]:
    return [max(0.0, talk.total_seconds()) for talk in rows.last_talks(connection, department, 20)]

"""A waiting room for tests of one rule: two departments, and places put into it by name."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from waiting_rules import PLACES
from waiting_world import ALWAYS, Directory

from ivr.call import Call
from ivr.db.calls import SqlCallLog
from ivr.db.waiting_room import SqlWaitingRoom
from ivr.departments import Department
from ivr.opening_hours import OpeningHours

FIRST, SECOND = "+18885550101", "+18885550102"
CALLER, OTHER = "+14155550123", "+14155550199"


def room_of(engine: Any, clock: Any, **more: Any) -> SqlWaitingRoom:
    """Make a waiting room; `more` is about both departments."""
    given = {"numbers": (FIRST, SECOND), "hours": ALWAYS, **more}
    directory = Directory({name: Department(name, name, **given) for name in ("sales", "support")})
    return SqlWaitingRoom(engine, SqlCallLog(engine, lambda name, _: name), clock, directory)


def call_of(sid: str, caller: str = CALLER, department: str = "support") -> Call:
    return Call(f"CA{sid}", caller, "+18005550100", department=department)


def waits(room: SqlWaitingRoom, sid: str, caller: str = CALLER, department: str = "support") -> Call:
    """Have a caller wait on the line, as the carrier's queue has told."""
    call = call_of(sid, caller, department)
    room.enter(call)
    room.wait(call)
    assert room.hold(call.sid)
    return call


def books(room: SqlWaitingRoom, sid: str, caller: str = CALLER, department: str = "support") -> Call:
    call = call_of(sid, caller, department)
    assert room.book(call, caller)
    return call


def places(engine: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(PLACES).order_by(PLACES.c.id)))


def states(engine: Any) -> list[str]:
    return [f"{place.kind} {place.state}" for place in places(engine)]


def late(clock: Any, seconds: float) -> None:
    clock.time += timedelta(seconds=seconds)


def opens(room: SqlWaitingRoom, hours: OpeningHours) -> None:
    """Give both departments other hours."""
    known = room.lines.departments.current()
    known |= {name: replace(department, hours=hours) for name, department in known.items()}

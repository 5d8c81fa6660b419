"""Callbacks that were promised: listed, and ended by staff who have settled it, or heard that it is not wanted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.orm import Session

from ivr.call import masked
from ivr.db import place_rows
from ivr.db.console.audit import Act, record
from ivr.db.console.work import MOST
from ivr.db.database import reading, storable
from ivr.db.lines import Lines
from ivr.db.models.calls import CallRow
from ivr.db.models.places import PlaceRow
from ivr.waiting import IN_LINE, OPEN, Kind, PlaceState


class CallbackEnd(StrEnum):
    """Why staff end a callback before the line makes it. The value goes into a form."""

    SETTLED = "settled"  # somebody has talked to the caller
    UNWANTED = "unwanted"


class Ending(StrEnum):
    """What came of ending a callback. TOO_LATE: the caller is being called this moment."""

    ENDED = "ended"
    OVER = "over"
    TOO_LATE = "too late"


_STATES = {CallbackEnd.SETTLED: PlaceState.SERVED, CallbackEnd.UNWANTED: PlaceState.CANCELLED}


@dataclass(frozen=True)
class WaitingCallback:
    """A callback to be made. tries: made in vain. not_before: when the next may be made, where not at once."""

    id: int
    since: datetime
    department: str
    call_sid: str
    number: str
    topic: str
    proved: bool
    state: PlaceState
    tries: int
    not_before: datetime | None
    simulated: bool


def promised(session: Session) -> tuple[ColumnElement[bool], ...]:
    """Say of a place that it is a callback to be made; departments are named, so that it is found by their index."""
    departments = place_rows.departments(session.connection())
    return PlaceRow.department.in_(departments), PlaceRow.state.in_(OPEN), PlaceRow.kind == Kind.CALLBACK


def waiting_callbacks(engine: Engine) -> list[WaitingCallback]:
    """List callbacks that have not been made, oldest first, also of departments that are gone by now."""
    with reading(engine) as session:
        query = (
            select(PlaceRow, CallRow.simulated)
            .outerjoin(CallRow, CallRow.sid == PlaceRow.call_sid)
            .where(*promised(session))
            .order_by(PlaceRow.arrived_at, PlaceRow.id)
            .limit(MOST)
        )
        return [_waiting(row, simulated=bool(simulated)) for row, simulated in session.execute(query)]


def end_callback(lines: Lines, engine: Engine, number: int, end: CallbackEnd, *, who: str, reason: str) -> Ending:
    """End a callback, unless it is being made. number: id of the place."""
    now = lines.clock.now()
    with reading(engine) as session:
        department = session.scalar(select(PlaceRow.department).where(PlaceRow.id == number))
    if department is None:
        return Ending.OVER
    with lines.of(department) as (connection, places):
        place = next((each for each in places if each.id == number and each.kind is Kind.CALLBACK), None)
        if place is None:
            return Ending.OVER
        if place.state not in IN_LINE:
            return Ending.TOO_LATE
        with Session(connection) as session:
            told = {"end": end, "reason": storable(reason), "number": masked(place.number)}
            record(session, now, who, Act.CALLBACK_ENDED, place.call_sid, **told)
            session.flush()
        lines.write(connection, place, place.ends(_STATES[end], now))
    return Ending.ENDED


def _waiting(row: PlaceRow, *, simulated: bool) -> WaitingCallback:
    return WaitingCallback(
        id=row.id,
        since=row.arrived_at,
        department=row.department,
        call_sid=row.call_sid,
        number=row.number,
        topic=row.topic,
        proved=row.proved,
        state=row.state,
        tries=row.tries,
        not_before=row.not_before,
        simulated=simulated,
    )

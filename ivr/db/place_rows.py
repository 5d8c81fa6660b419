"""Places in line as rows: looked up and written, by statements that are built once.

To build one takes longer than to run it, and every webhook of a queue asks for several.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, bindparam, func, insert, select, update

from ivr.db.models.places import PlaceRow
from ivr.db.prepared import Prepared, once_a_dialect
from ivr.waiting import OPEN, Kind, Place, PlaceState

_PLACES = cast("Table", PlaceRow.__table__)
_IS = _PLACES.c
_COLUMNS = [_IS[field.name] for field in fields(Place)]
_LINE = select(*_COLUMNS).where(_IS.department == bindparam("department"), _IS.state.in_(OPEN))
_IN_ORDER = _LINE.order_by(_IS.arrived_at, _IS.id)
_NEWEST = select(*_COLUMNS).order_by(_IS.id.desc()).limit(1)
_WITH_OFFER = _NEWEST.where(_IS.offer == bindparam("value"), _IS.state.in_(OPEN))
_LAST_OF_CALL = _NEWEST.where(_IS.call_sid == bindparam("value"), _IS.kind == Kind.ON_LINE)
_ON_LINE = _LAST_OF_CALL.where(_IS.state.in_(OPEN))
_ELSEWHERE = select(*_COLUMNS).where(
    _IS.call_sid == bindparam("call_sid"),
    _IS.department != bindparam("department"),
    _IS.state.in_(OPEN),
    _IS.kind == Kind.ON_LINE,
)
_TAKEN = select(_IS.id).where(_IS.call_sid == bindparam("call_sid"), _IS.taken_at.is_not(None)).limit(1)
_PROMISED = select(func.count()).where(_IS.number == bindparam("number"), _IS.arrived_at > bindparam("since"))
_TALKS = (
    select(_IS.taken_at, _IS.over_at)
    .where(_IS.department == bindparam("department"), _IS.state == PlaceState.SERVED, _IS.taken_at.is_not(None))
    .order_by(_IS.id.desc())
    .limit(bindparam("talks"))
)
_LATE = select(_IS.department).where(_IS.until <= bindparam("now")).distinct()
_WAITED_FOR = (
    select(_IS.department)
    .where(_IS.department.in_(bindparam("names", expanding=True)), _IS.state == PlaceState.WAITING)
    .distinct()
)
_EVER_WAITED = select(_IS.id).where(_IS.call_sid == bindparam("of")).limit(1)
# From one name to the next by the index, since most places are over.
_FIRST = select(func.min(_IS.department).label("name")).cte("names", recursive=True)
_NEXT = select(func.min(_IS.department)).where(_IS.department > _FIRST.c.name).scalar_subquery()
_NAMES = _FIRST.union_all(select(_NEXT).where(_FIRST.c.name.is_not(None)))
_DEPARTMENTS = select(_NAMES.c.name).where(_NAMES.c.name.is_not(None))
ever_waited = once_a_dialect(lambda dialect: Prepared(_EVER_WAITED, dialect))
_ADD = insert(_PLACES)
_WRITE = update(_PLACES).where(_IS.id == bindparam("place"))


@dataclass(frozen=True)
class Which:
    """Names the newest open place that a call waits in itself, or that an offer is about."""

    call_sid: str = ""
    offer: str = ""

    def find(self, connection: Connection) -> Place | None:
        """Look for it in the database."""
        query, value = (_WITH_OFFER, self.offer) if self.offer else (_ON_LINE, self.call_sid)
        return _place(connection.execute(query, {"value": value}).first())

    def among(self, places: Iterable[Place]) -> Place | None:
        """Look for it among places that have been read."""
        return max(filter(self._is, places), key=lambda place: place.id, default=None)

    def _is(self, place: Place) -> bool:
        if self.offer:
            return place.offer == self.offer
        # A call may also have been promised a callback by another department.
        return place.call_sid == self.call_sid and place.kind is Kind.ON_LINE


def line(connection: Connection, department: str) -> list[Place]:
    """Return who is in line, or served, as they arrived."""
    return [Place(*row) for row in connection.execute(_IN_ORDER, {"department": department})]


def departments(connection: Connection) -> list[str]:
    """Name the departments that anybody has ever waited for, also those that are gone by now."""
    return list(connection.execute(_DEPARTMENTS).scalars())


def last_of_call(connection: Connection, call_sid: str) -> Place | None:
    """Return the newest place that a call has waited in itself; it may be over."""
    return _place(connection.execute(_LAST_OF_CALL, {"value": call_sid}).first())


def elsewhere(connection: Connection, call_sid: str, department: str) -> list[Place]:
    """Return the open places that a call waits in itself, but those in one department's line."""
    return [Place(*row) for row in connection.execute(_ELSEWHERE, {"call_sid": call_sid, "department": department})]


def was_taken(connection: Connection, call_sid: str) -> bool:
    """Say whether somebody has taken a call."""
    return connection.execute(_TAKEN, {"call_sid": call_sid}).first() is not None


def promises_to(connection: Connection, number: str, since: datetime) -> int:
    """Count the callbacks promised to a number."""
    return int(connection.execute(_PROMISED, {"number": number, "since": since}).scalar_one())


def last_talks(connection: Connection, department: str, how_many: int) -> list[timedelta]:
    """Return how long the last calls took that a department has served."""
    rows = connection.execute(_TALKS, {"department": department, "talks": how_many})
    return [over_at - taken_at for taken_at, over_at in rows if over_at]


def late(connection: Connection, now: datetime) -> list[str]:
    """Name the departments in which a state has lasted for as long as it can."""
    return list(connection.execute(_LATE, {"now": now}).scalars())


def waited_for(connection: Connection, departments: Iterable[str]) -> set[str]:
    """Name those departments that somebody waits for."""
    return set(connection.execute(_WAITED_FOR, {"names": list(departments)}).scalars())


def write(connection: Connection, place: Place) -> int:
    """Write a place, and return its id; one without an id is new."""
    values: dict[str, Any] = dict(vars(place))
    known = values.pop("id")
    if known:
        connection.execute(_WRITE, {**values, "place": known})
        return int(known)
    added = connection.execute(_ADD, values).inserted_primary_key
    return int(added[0]) if added else 0


def _place(row: Row[*tuple[Any, ...]] | None) -> Place | None:
    return Place(*row) if row else None

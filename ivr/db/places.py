"""Places in line, for those who look on."""

from typing import Any

from sqlalchemy import Engine, select

from ivr.db.database import reading
from ivr.db.models.places import PlaceRow
from ivr.waiting import OPEN

SHOWN = ("id", "department", "kind", "state", "call_sid", "caller", "number", "topic", "tries")


def list_places(engine: Engine, *, over: bool = False) -> list[dict[str, Any]]:
    """Return places as plain values, by department, as they arrived. over: those who wait no longer, too."""
    query = select(PlaceRow).order_by(PlaceRow.department, PlaceRow.arrived_at, PlaceRow.id)
    with reading(engine) as session:
        rows = session.scalars(query if over else query.where(PlaceRow.state.in_(OPEN)))
        return [
            {name: getattr(row, name) for name in SHOWN} | {"arrived_at": row.arrived_at.isoformat(timespec="seconds")}
            for row in rows
        ]

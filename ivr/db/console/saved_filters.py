"""Filters that colleagues keep by name, each their own."""

from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, select

from ivr.db.console.tables import FilterRow
from ivr.db.database import lock, reading, storable, writing

NAME_MAX, MOST = 64, 50


class SavedFilterError(ValueError):
    """A filter that cannot be kept; the message is a sentence for whoever wanted to."""


@dataclass(frozen=True)
class SavedFilter:
    """A filter with a name. query: of its address."""

    id: int
    name: str
    query: str


def saved_filters(engine: Engine, staff_id: int) -> list[SavedFilter]:
    """List somebody's filters, by name."""
    with reading(engine) as session:
        rows = session.scalars(select(FilterRow).where(FilterRow.staff_id == staff_id).order_by(FilterRow.name))
        return [SavedFilter(row.id, row.name, row.query) for row in rows]


def save_filter(engine: Engine, staff_id: int, name: str, query: str) -> bool:
    """Keep a filter; one of the same name is replaced. Returns whether there was one. Raises: SavedFilterError."""
    name = " ".join(storable(name).split())
    if not 0 < len(name) <= NAME_MAX:
        raise SavedFilterError(f"A filter's name has 1 to {NAME_MAX} characters.")
    with writing(engine) as session:
        lock(session, f"filters {staff_id}")
        mine = select(FilterRow).where(FilterRow.staff_id == staff_id)
        row = session.scalars(mine.where(FilterRow.name == name)).one_or_none()
        if row is not None:
            row.query = query
            return True
        if (session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST:
            raise SavedFilterError(f"You keep {MOST} filters already: delete one first.")
        session.add(FilterRow(staff_id=staff_id, name=name, query=query))
        return False


def delete_filter(engine: Engine, staff_id: int, filter_id: int) -> bool:
    """Delete one of somebody's own filters. Returns whether there was one of theirs."""
    with writing(engine) as session:
        mine = delete(FilterRow).where(FilterRow.id == filter_id, FilterRow.staff_id == staff_id)
        return session.scalar(mine.returning(FilterRow.id)) is not None

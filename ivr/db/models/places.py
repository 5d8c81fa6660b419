"""Places in line."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.db.base import ID, Base
from ivr.waiting import Kind, PlaceState


class PlaceRow(Base):
    """A caller's place in the line of a department: `waiting.Place` says what each column means."""

    __tablename__ = "places"
    __table_args__ = (
        Index("ix_places_department_state", "department", "state"),
        Index("ix_places_number_arrived_at", "number", "arrived_at"),
        Index("ix_places_until", "until"),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    department: Mapped[str] = mapped_column(Text)
    call_sid: Mapped[str] = mapped_column(Text, index=True)
    caller: Mapped[str] = mapped_column(Text)
    called: Mapped[str] = mapped_column(Text)
    arrived_at: Mapped[datetime]
    kind: Mapped[Kind]
    state: Mapped[PlaceState]
    number: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    proved: Mapped[bool]
    tries: Mapped[int]
    not_before: Mapped[datetime | None]
    offer: Mapped[str] = mapped_column(String(32), index=True)
    asked: Mapped[int]
    rest_until: Mapped[datetime | None]
    until: Mapped[datetime | None]
    told_place: Mapped[int | None]
    told_minutes: Mapped[int | None]
    key: Mapped[str] = mapped_column(String(1))
    taken_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]

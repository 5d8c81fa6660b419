"""Events to be told elsewhere, and the addresses that are told nothing now."""

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ivr.db.base import ID, Base, partial, words
from ivr.db.models.work import Attended, Claimed
from ivr.events import EventState


class EventRow(Attended, Claimed):
    """What one address is to be told, or was: the outbox of events.

    event_id: the receiver's means to tell a repeat, the same at every address and every time. key: of what happened, so
    that it is told once. subject: events of the same subject are sent one after the other. body: as it is signed.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("key", "endpoint"),
        partial("ix_events_waiting", "endpoint", "subject", "id", where="state = 'waiting'"),
        partial("ix_events_dead", "created_at", where="state = 'dead'"),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    event_id: Mapped[str] = mapped_column(String(64), index=True)
    key: Mapped[str] = mapped_column(Text)
    endpoint: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(Text)
    account_id: Mapped[str | None] = mapped_column(Text, index=True)
    call_sid: Mapped[str | None] = mapped_column(Text, index=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[EventState] = mapped_column(words(EventState))
    sent_at: Mapped[datetime | None]


class EndpointRow(Base):
    """An address that is told nothing now. disabled_at: it has answered 410 Gone. rest_until: it asked for a pause."""

    __tablename__ = "event_endpoints"

    url: Mapped[str] = mapped_column(Text, primary_key=True)
    disabled_at: Mapped[datetime | None]
    rest_until: Mapped[datetime | None]

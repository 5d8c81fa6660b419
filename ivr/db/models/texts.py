"""Text messages, and the numbers that want none."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.db.base import ID, Base, partial
from ivr.db.models.work import Attended, Claimed
from ivr.text import Purpose, StopSource, TextState


class TextRow(Attended, Claimed):
    """The outbox: a text message to be sent, or what became of it.

    key: idempotency key. to_number, body: '' when their days are over. message_sid: the carrier's name of it.
    """

    __tablename__ = "texts"
    __table_args__ = (
        Index("ix_texts_to_number_created_at", "to_number", "created_at"),
        partial("ix_texts_dead", "created_at", where="state = 'dead'"),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    to_number: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    purpose: Mapped[Purpose]
    call_sid: Mapped[str] = mapped_column(Text, index=True)
    created_at: Mapped[datetime]
    state: Mapped[TextState]
    message_sid: Mapped[str | None] = mapped_column(Text)


class TextStopRow(Base):
    """A number that is sent no texts."""

    __tablename__ = "text_stops"

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime]
    source: Mapped[StopSource]

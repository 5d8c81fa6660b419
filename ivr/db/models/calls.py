"""Calls, and their turns."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from ivr.call import Disposition
from ivr.db.base import ID, Base, partial


class CallRow(Base):
    """A call: what is known, where it waits (`pending`), and the answer last given. One row is read a webhook.

    leg: what somebody hears whom we ring, by its flow; null for a caller's own call. simulated: nobody called.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_started_at_sid", "started_at", "sid"),
        partial("ix_calls_in_progress", "started_at", where="ended_at IS NULL"),
    )

    sid: Mapped[str] = mapped_column(Text, primary_key=True)
    caller: Mapped[str] = mapped_column(Text)
    called: Mapped[str] = mapped_column(Text)
    turn: Mapped[int]
    account_number: Mapped[str | None] = mapped_column(String(8))
    disposition: Mapped[Disposition | None]
    transferred_to: Mapped[str | None] = mapped_column(Text)
    leg: Mapped[str | None] = mapped_column(String(32))
    simulated: Mapped[bool] = mapped_column(default=False, server_default=false())
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    duration_s: Mapped[int | None]
    status: Mapped[str] = mapped_column(Text)
    state: Mapped[dict[str, Any]]
    pending: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    answer: Mapped[str] = mapped_column(Text)


class TurnRow(Base):
    """A wait that is over: what was said, by prompt ids and values, and what came of it."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("call_sid", "number"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    call_sid: Mapped[str] = mapped_column(ForeignKey("calls.sid", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime]
    flow: Mapped[str] = mapped_column(Text)
    node: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))
    prompts: Mapped[list[str]] = mapped_column(JSON)
    values: Mapped[dict[str, Any]]
    input: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    ms: Mapped[int]

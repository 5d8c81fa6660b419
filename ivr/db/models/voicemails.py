"""Messages that callers leave."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.db.base import ID, partial
from ivr.db.models.work import Attended, Claimed
from ivr.messages import MessageState


class VoicemailRow(Attended, Claimed):
    """A caller's message: what was recorded, and how far it has come from the carrier to us.

    at: when we first heard of it. stored: where the sound is, below VOICEMAIL_STORAGE. transcript: '' where nothing
    was understood. deleted_at_carrier: the carrier has it no longer, or never had it.
    """

    __tablename__ = "voicemails"
    __table_args__ = (
        Index("ix_voicemails_kept_until", "kept_until"),
        partial("ix_voicemails_to_hear", "at", where="done_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    recording_sid: Mapped[str] = mapped_column(String(64), unique=True)
    call_sid: Mapped[str] = mapped_column(Text, index=True)
    department: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    caller: Mapped[str] = mapped_column(Text)
    account_number: Mapped[str | None] = mapped_column(String(8))
    seconds: Mapped[int | None]
    state: Mapped[MessageState]
    at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    stored: Mapped[str | None] = mapped_column(Text)
    deleted_at_carrier: Mapped[datetime | None]
    transcript: Mapped[str | None] = mapped_column(Text)
    kept_until: Mapped[datetime]

"""What the carrier says went wrong."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.db.base import ID, Base


class CarrierErrorRow(Base):
    """An error that the carrier told of: `db.carrier_errors.CarrierError` says what each column means."""

    __tablename__ = "carrier_errors"
    __table_args__ = (Index("ix_carrier_errors_at", "at"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[datetime]
    level: Mapped[str] = mapped_column(String(16))
    code: Mapped[int | None]
    call_sid: Mapped[str | None] = mapped_column(Text, index=True)
    resource_sid: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)

"""What tables of work have in common: somebody claims a row, or attends to it."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.db.base import Base


class Claimed(Base):
    """What a row of work has beside its own: see `ivr.db.claims`.

    next_try_at: when something is to be done about it; null for nothing. attempts: failures so far. claim,
    claimed_until: who is at it now.
    """

    __abstract__ = True

    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None]


class Attended:
    """What a row has that staff attend to. done_at, done_by: when, and by whom; null while it waits for somebody."""

    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(64))

"""Which processes are at work beside the server, on whatever machine: each writes down now and again that it is."""

import time
from datetime import datetime

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import String

from ivr.clock import Clock
from ivr.db.base import Base
from ivr.db.database import lock, reading, writing

EVERY_S = 30.0


class HeartbeatRow(Base):
    """A kind of process, and when one of them last finished a pass of its work."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class Heart:
    """Beats for one process. name: the command it runs, like `texts send`."""

    def __init__(self, engine: Engine, clock: Clock, name: str) -> None:
        self._engine, self._clock, self._name = engine, clock, name
        self._last = float("-inf")

    def beat(self) -> None:
        """Write down that a pass is done, twice a minute at most. Raises: ServiceError."""
        if time.monotonic() - self._last < EVERY_S:
            return
        with writing(self._engine) as session:
            lock(session, f"heartbeat {self._name}")
            session.execute(delete(HeartbeatRow).where(HeartbeatRow.name == self._name))
            session.add(HeartbeatRow(name=self._name, at=self._clock.now()))
        self._last = time.monotonic()


def heartbeats(engine: Engine) -> dict[str, datetime]:
    """Return when each kind of process last beat, by its name. Raises: ServiceError."""
    with reading(engine) as session:
        return {row.name: row.at for row in session.scalars(select(HeartbeatRow))}

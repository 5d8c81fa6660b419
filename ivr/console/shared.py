"""What many consoles ask for at once is looked up once: a value that is kept for a moment, per process.

Whoever comes while it is being looked up again is given the one before, so that a slow database keeps one thread
waiting, and not one for each console.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, Generic, TypeVar

from flask import current_app

from ivr.console.desk import now
from ivr.service_errors import ServiceError

T = TypeVar("T")
TOO_OLD_S = 3.0  # nobody is told that something older is how it stands now


@dataclass
class Shared(Generic[T]):
    """A value that is looked up by `make`, and good for so many seconds."""

    make: Callable[[], T]
    seconds: float
    _kept: tuple[datetime, T] | None = None
    _making: Lock = field(default_factory=Lock)

    def get(self) -> T:
        """Return it. Raises: whatever `make` raises, to the one who looks; ServiceError to others, after a while."""
        kept = self._kept
        if kept is not None and 0 <= (now() - kept[0]).total_seconds() < self.seconds:
            return kept[1]
        if not self._making.acquire(blocking=kept is None):
            assert kept is not None  # noqa: S101 or they would have waited
            if (now() - kept[0]).total_seconds() > self.seconds + TOO_OLD_S:
                raise ServiceError("somebody has been waiting for an answer for seconds")
            return kept[1]
        try:
            if self._kept is not kept and self._kept is not None:  # somebody else has looked meanwhile
                return self._kept[1]
            self._kept = now(), self.make()
            return self._kept[1]
        finally:
            self._making.release()

    def forget(self) -> None:
        """Look again the next time: something has been changed here."""
        self._kept = None


def shared(name: str, make: Callable[[], T], seconds: float) -> Shared[T]:
    """Return this application's value of that name."""
    all_: dict[str, Any] = current_app.extensions.setdefault("console_shared", {})
    found: Shared[T] = all_.setdefault(name, Shared(make, seconds))
    return found

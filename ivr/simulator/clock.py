"""Call time: seconds since the call began, which pass as fast as the test likes."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event
from time import monotonic


class Clock:
    """The time of one call. real_time: let call time pass no faster than the clock on the wall."""

    def __init__(self, *, real_time: bool = False, started_at: datetime | None = None) -> None:
        self.now = 0.0
        self._started_at = started_at or datetime.now(UTC)
        self._wall = monotonic() if real_time else None
        self._woken = Event() if real_time else None

    def advance_to(self, at: float) -> None:
        """Let time pass until `at`, or until somebody wakes a real-time clock; a time gone by changes nothing."""
        if self._wall is not None and self._woken is not None:
            woken = self._woken.wait(max(0.0, self._wall + at - monotonic()))
            if woken:
                self._woken.clear()
                at = min(at, monotonic() - self._wall)
        self.now = max(self.now, at)

    def wake(self) -> None:
        """Cut a real-time wait short."""
        if self._woken is not None:
            self._woken.set()

    def fork(self) -> "Clock":
        """Return a clock that begins now, for the other side of a call; it never waits."""
        clock = Clock(started_at=self._started_at)
        clock.now = self.now
        return clock

    @property
    def utc(self) -> datetime:
        """The time now, in UTC."""
        return self._started_at + timedelta(seconds=self.now)

    @property
    def stamp(self) -> str:
        """The time now as webhooks carry it: RFC 2822 in UTC."""
        return format_datetime(self._started_at + timedelta(seconds=int(self.now)))

"""Call time: seconds since the call began, which pass as fast as the test likes."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event, Lock
from time import monotonic


class Timeline:
    """The time of a phone: seconds since its first call began, as far as any of its calls has come.

    real_time: it passes by itself as well, as on the wall.
    """

    def __init__(self, *, real_time: bool = False) -> None:
        self._reached = 0.0
        self._lock = Lock()
        self._wall = monotonic() if real_time else None

    @property
    def now(self) -> float:
        """Seconds so far."""
        return self._reached if self._wall is None else max(self._reached, monotonic() - self._wall)

    def reach(self, at: float) -> None:
        """Take in how far a call has come."""
        if at > self._reached:
            with self._lock:
                self._reached = max(self._reached, at)


class Clock:
    """The time of one call. real_time: let call time pass no faster than the clock on the wall.

    timeline: of its phone; the call begins at its `now`.
    """

    def __init__(
        self, *, real_time: bool = False, started_at: datetime | None = None, timeline: Timeline | None = None
    ) -> None:
        self.now = 0.0
        self.timeline = timeline or Timeline()
        self._began = self.timeline.now
        self._started_at = started_at or datetime.now(UTC)
        self._wall = monotonic() if real_time else None
        self._woken = Event() if real_time else None

    @property
    def phone_now(self) -> float:
        """The time now as the phone counts it."""
        return self._began + self.now

    def advance_to(self, at: float) -> None:
        """Let time pass until `at`, or until somebody wakes a real-time clock; a time gone by changes nothing."""
        if self._wall is not None and self._woken is not None:
            woken = self._woken.wait(max(0.0, self._wall + at - monotonic()))
            if woken:
                self._woken.clear()
                at = min(at, monotonic() - self._wall)
        self._reach(at)

    def meet(self, phone_now: float) -> None:
        """Move on at once to a time of the phone, at which another call does something to this one."""
        at = phone_now - self._began
        if self._wall is not None:
            self._wall -= max(0.0, at - max(self.now, monotonic() - self._wall))
        self._reach(at)

    def wake(self) -> None:
        """Cut a real-time wait short."""
        if self._woken is not None:
            self._woken.set()

    def calm(self) -> None:
        """Take back a `wake`."""
        if self._woken is not None:
            self._woken.clear()

    def fork(self, *, anew: bool = False) -> "Clock":
        """Return a clock that begins now, for the other side of a call; it never waits.

        anew: it counts from 0 and, where this one does, waits, as that of a call of its own.
        """
        started = self.utc if anew else self._started_at
        clock = Clock(real_time=anew and self._wall is not None, started_at=started, timeline=self.timeline)
        clock.now, clock._began = (0.0, self.phone_now) if anew else (self.now, self._began)
        return clock

    @property
    def utc(self) -> datetime:
        """The time now, in UTC."""
        return self._started_at + timedelta(seconds=self.now)

    @property
    def stamp(self) -> str:
        """The time now as webhooks carry it: RFC 2822 in UTC."""
        return format_datetime(self._started_at + timedelta(seconds=int(self.now)))

    def _reach(self, at: float) -> None:
        if at > self.now:
            self.now = at
            self.timeline.reach(self._began + at)

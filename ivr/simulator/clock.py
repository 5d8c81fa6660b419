"""Call time: seconds since the call began, which pass as fast as the test likes."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic, sleep


class Clock:
    """The time of one call. real_time: let call time pass no faster than the clock on the wall."""

    def __init__(self, *, real_time: bool = False, started_at: datetime | None = None) -> None:
        self.now = 0.0
        self._started_at = started_at or datetime.now(UTC)
        self._wall = monotonic() if real_time else None

    def advance_to(self, at: float) -> None:
        """Let time pass until `at`; a time gone by changes nothing."""
        self.now = max(self.now, at)
        if self._wall is not None:
            sleep(max(0.0, self._wall + self.now - monotonic()))

    @property
    def stamp(self) -> str:
        """The time now as webhooks carry it: RFC 2822 in UTC."""
        return format_datetime(self._started_at + timedelta(seconds=int(self.now)))

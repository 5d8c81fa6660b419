"""What time it is: whoever needs to know is given a clock, so that a test can say."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """What time it is; a fake one in tests."""

    def now(self) -> datetime:
        """Now, aware UTC."""
        ...

    def today(self) -> date:
        """Today, by the company's calendar."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock, and the company's calendar."""

    zone: ZoneInfo

    def now(self) -> datetime:
        """Now, aware UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Today where the company is."""
        return datetime.now(self.zone).date()

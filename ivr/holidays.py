"""Holidays from an iCal file (RFC 5545): whole days and hours, those that come back, and exceptions to them."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ivr.opening_hours import Closure

DAYS_AHEAD = 2 * 366
BYTES_MAX = 1_000_000


class HolidayError(ValueError):
    """A calendar cannot be used; the message is one line."""


def read_holidays(path: Path, zone: ZoneInfo, today: date) -> list[Closure]:
    """Return when a department is closed, from yesterday on for two years. zone: of times and days that name none.

    Raises: HolidayError.
    """
    import recurring_ical_events  # type: ignore[import-untyped]  # noqa: PLC0415 only where there is a calendar
    from icalendar import Calendar  # noqa: PLC0415 the same

    try:
        content = path.read_bytes()
    except OSError as error:
        raise HolidayError(f"{path.name}: {error.strerror}") from None
    if len(content) > BYTES_MAX:
        raise HolidayError(f"{path.name} is too large for a calendar of holidays")
    try:
        calendar: Any = Calendar.from_ical(content)
        first = today - timedelta(days=1)
        events: list[Any] = recurring_ical_events.of(calendar).between(first, first + timedelta(days=DAYS_AHEAD))
        return sorted(_closure(event, zone) for event in events if event.get("STATUS") != "CANCELLED")
    except Exception as error:  # noqa: BLE001 what anybody wrote may make a parser raise anything
        reason = " ".join(str(error).split())[:100]
        raise HolidayError(f"{path.name} is no calendar that can be read ({reason})") from None


def _closure(event: Any, zone: ZoneInfo) -> Closure:
    begin, end = (_moment(event.get(name).dt, zone) for name in ("DTSTART", "DTEND"))
    return Closure(begin, end, " ".join(str(event.get("SUMMARY", "")).split()))


def _moment(when: date | datetime, zone: ZoneInfo) -> datetime:
    """Return an aware moment. A day begins at midnight where the department is."""
    if not isinstance(when, datetime):
        return datetime.combine(when, time(), zone).astimezone(UTC)
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)

"""When people call: by the hour and the day of the week."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

# How many of a day's calls come in each hour where the company is, and of a week's on each day, from Monday.
_HOURS = (2, 1, 1, 1, 2, 4, 10, 22, 48, 70, 78, 72, 60, 66, 72, 68, 58, 44, 28, 18, 12, 8, 5, 3)
_DAYS = (130, 118, 112, 108, 96, 38, 30)


def moments(rng: Random, count: int, first: datetime, last: datetime, zone: ZoneInfo) -> list[datetime]:
    """Spread `count` calls over the time from first to last, both aware; oldest first."""
    days = list(_days(first.astimezone(zone).date(), last.astimezone(zone).date()))
    picked = rng.choices(days, [_DAYS[day.weekday()] for day in days], k=count * 2)
    hours = rng.choices(range(24), _HOURS, k=count * 2)
    found: list[datetime] = []
    for day, hour in zip(picked, hours, strict=True):
        at = datetime.combine(day, time(hour), zone) + timedelta(seconds=rng.random() * 3600)
        if first <= at <= last:
            found.append(at)
        if len(found) == count:
            break
    return sorted(found)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)

"""When a department is open: weekly shifts by the clock on its wall, and days or hours on which it is closed.

A shift is a stretch of real time: it lasts from its first minute to its last even where the clocks are put back within
it, and one that would begin in an hour that the clocks skip begins when they have been put forward.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MINUTES_A_DAY = 24 * 60
BREAK = timedelta(hours=4)
SEARCH_DAYS = 400  # further ahead nobody plans to open


@dataclass(frozen=True, order=True)
class Shift:
    """A stretch of one weekday. weekday: 0 is Monday. opens, closes: minutes after midnight, 1440 is its end."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, order=True)
class Closure:
    """A time in which a department is closed though a shift says otherwise: begin and end are aware."""

    begin: datetime
    end: datetime
    name: str = ""


@dataclass(frozen=True)
class OpeningHours:
    """The shifts of a week, in order and apart from each other, and what is left out of them."""

    zone: ZoneInfo
    shifts: tuple[Shift, ...]
    closures: tuple[Closure, ...] = ()

    def is_open(self, moment: datetime) -> bool:
        """Say whether somebody is there. moment: aware."""
        return self.closure(moment) is None and any(
            begin <= moment < end for begin, end in self._stretches(moment - timedelta(days=1), days=3)
        )

    def closure(self, moment: datetime) -> Closure | None:
        """Return the holiday, or the like, that this moment lies in."""
        return next((closure for closure in self.closures if closure.begin <= moment < closure.end), None)

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return when somebody is there again, in UTC: now if somebody is; None if that is not to be foreseen."""
        for begin, end in self._stretches(moment - timedelta(days=1), SEARCH_DAYS):
            at = max(begin, moment)
            while at < end and (closure := self.closure(at)):
                at = closure.end.astimezone(UTC)
            if at < end:
                return at.astimezone(UTC)
        return None

    def last_closing(self, moment: datetime) -> datetime | None:
        """Return when the team last went home before it came in the last time; None where it has not for a fortnight.

        What has come in since then is what they find when they come in, or have before them while they are there.
        A break that is shorter than `BREAK` is no closing.
        """
        there: list[tuple[datetime, datetime]] = []
        for begin, end in sorted(self._stretches(moment - timedelta(days=15), days=17)):
            for opens, closes in self._without_closures(begin, end):
                if opens > moment:
                    break
                if there and opens <= there[-1][1] + BREAK:
                    there[-1] = there[-1][0], max(closes, there[-1][1])
                else:
                    there.append((opens, closes))
        return there[-2][1] if len(there) > 1 else None

    def in_words(self) -> str:
        """Say the week as people do: `Monday to Friday, 9 a.m. to 5:30 p.m., Los Angeles time`."""
        if self.shifts == tuple(Shift(day, 0, MINUTES_A_DAY) for day in range(7)):
            return "around the clock"
        by_day = {day: tuple(shifts) for day, shifts in groupby(self.shifts, lambda shift: shift.weekday)}
        runs: list[tuple[int, int]] = []
        for day, shifts in by_day.items():
            if runs and runs[-1][1] == day - 1 and _times(by_day[runs[-1][0]]) == _times(shifts):
                runs[-1] = (runs[-1][0], day)
            else:
                runs.append((day, day))
        spoken = [f"{_days(first, last)}, {_times(by_day[first])}" for first, last in runs]
        return f"{', and '.join(spoken)}, {self.zone.key.split('/')[-1].replace('_', ' ')} time"

    def _without_closures(self, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        left = [(begin, end)]
        for closure in self.closures:
            parts = [((a, min(b, closure.begin)), (max(a, closure.end), b)) for a, b in left]
            left = [(a.astimezone(UTC), b.astimezone(UTC)) for pair in parts for a, b in pair if a < b]
        return sorted(left)

    def _stretches(self, moment: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """The shifts of so many days from this moment's on, as they fall, in UTC."""
        first = moment.astimezone(self.zone).date()
        for day in (first + timedelta(days=n) for n in range(days)):
            for shift in self.shifts:
                if shift.weekday == day.weekday():
                    yield (
                        instant(day, shift.opens, self.zone, last=False),
                        instant(day, shift.closes, self.zone, last=True),
                    )


def instant(day: date, minute: int, zone: ZoneInfo, *, last: bool) -> datetime:
    """Return when a wall clock shows a minute of a day, in UTC. last: the later time where it does so twice.

    A minute that the clocks skip is when they are put forward.
    """
    wall = datetime.combine(day + timedelta(days=minute // MINUTES_A_DAY), time()) + timedelta(
        minutes=minute % MINUTES_A_DAY
    )
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return late if last else early
    # In a gap the fold that counts from before it comes out later; between the two the clocks are put forward.
    before, after = late, early
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(second=0, microsecond=0)


def _days(first: int, last: int) -> str:
    if (first, last) == (0, 6):
        return "every day"
    joint = "and" if last - first == 1 else "to"
    return DAYS[first] if first == last else f"{DAYS[first]} {joint} {DAYS[last]}"


def _times(shifts: Sequence[Shift]) -> str:
    if [(shift.opens, shift.closes) for shift in shifts] == [(0, MINUTES_A_DAY)]:
        return "all day"
    return " and ".join(f"{clock(shift.opens)} to {clock(shift.closes)}" for shift in shifts)


def clock(minute: int) -> str:
    """Say a time of day: 540 is `9 a.m.`, 1050 is `5:30 p.m.`."""
    hour, minutes = divmod(minute % MINUTES_A_DAY, 60)
    if minutes == 0 and hour in {0, 12}:
        return "noon" if hour else "midnight"
    shown = f"{(hour - 1) % 12 + 1}" + (f":{minutes:02}" if minutes else "")
    return f"{shown} {'a.m.' if hour < 12 else 'p.m.'}"  # noqa: PLR2004 noon

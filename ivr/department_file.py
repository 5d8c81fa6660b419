"""Departments from a file that people write: read strictly, with the line of every mistake, and read again when saved.

A line that is running keeps the last good file; what is wrong with a new one is logged once.
"""

import logging
import re
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ivr.departments import RING_S, Department
from ivr.holidays import HolidayError, read_holidays
from ivr.opening_hours import DAYS, MINUTES_A_DAY, Closure, OpeningHours, Shift

log = logging.getLogger("answerline")
KEYS = ("title", "numbers", "hours", "time_zone", "closed_on", "holidays", "ring_s", "capacity", "accept")
NEEDED = ("title", "numbers", "hours")
RING_S_MAX = 120
_E164 = re.compile(r"\+[0-9]{7,15}")
_SHIFT = re.compile(r"([A-Z][a-z]{2})(?:-([A-Z][a-z]{2}))? +(\d\d):(\d\d)-(\d\d):(\d\d)")
_DAY = {day[:3]: number for number, day in enumerate(DAYS)}
Stamp = tuple[tuple[int, int] | None, ...]
_NAME = re.compile(r"[a-z][a-z_]*")
_LOOK_AGAIN = timedelta(days=1)  # holidays are known some years ahead, and the years go by


class DepartmentError(ValueError):
    """The file cannot be used; the message is one line, `FILE, line 12: ...` for each mistake."""


def read_departments(path: Path, numbers: Mapping[str, str], zone: str, today: date) -> dict[str, Department]:
    """Read departments. numbers: settings that may stand for telephone numbers. zone: where none is given.

    Raises: DepartmentError with every mistake and its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise DepartmentError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise DepartmentError(f"{path}: {error}") from None
    file = _File(path, text, numbers, zone, today)
    departments = {name: file.department(name, table) for name, table in tables.items()}
    if file.wrong:
        raise DepartmentError("; ".join(f"{path}, line {line}: {problem}" for line, problem in sorted(file.wrong)))
    return {name: department for name, department in departments.items() if department}


class DepartmentFile:
    """The departments of a file, read again when it is saved and once a day.

    on_change: is called with the departments when they have changed while the line runs.
    """

    def __init__(
        self,
        path: Path,
        numbers: Mapping[str, str],
        zone: str,
        on_change: Callable[[Mapping[str, Department]], None] = lambda _: None,
    ) -> None:
        """Read it. Raises: DepartmentError."""
        self._on_change = on_change
        self._path, self._numbers, self._zone = path, numbers, zone
        self._turn = threading.Lock()
        self._read_at = datetime.now(UTC)
        self._seen: Stamp = self._stamp()
        self._departments = read_departments(path, numbers, zone, self._read_at.date())

    def current(self) -> Mapping[str, Department]:
        """Return the departments of the last good file."""
        stamp, now = self._stamp(), datetime.now(UTC)
        if (stamp != self._seen or now - self._read_at > _LOOK_AGAIN) and self._turn.acquire(blocking=False):
            try:
                self._seen, self._read_at = stamp, now
                self._read_again(now)
            finally:
                self._turn.release()
        return self._departments

    def _read_again(self, now: datetime) -> None:
        try:
            fresh = read_departments(self._path, self._numbers, self._zone, now.date())
        except DepartmentError as error:
            log.error("departments stay as they were: %s", error)  # noqa: TRY400 the line is all there is to know
            return
        if missing := sorted(self._departments.keys() - fresh.keys()):
            log.error("departments stay as they were: %s: there is no [%s] any more", self._path, missing[0])
            return
        self._departments = fresh
        self._on_change(fresh)

    def _stamp(self) -> Stamp:
        """What a file looks like from outside, and the calendars beside it."""
        return tuple(_look(path) for path in (self._path, *sorted(self._path.parent.glob("*.ics"))))


def _look(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


class _Wrong(Exception):  # noqa: N818 told, not raised, to whoever reads the file
    """What a key holds cannot be used."""


@dataclass
class _File:
    path: Path
    text: str
    numbers: Mapping[str, str]
    zone: str
    today: date
    wrong: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def department(self, name: str, table: Any) -> Department | None:
        before = len(self.wrong)
        if not isinstance(table, dict) or not _NAME.fullmatch(name):
            self._note(name, "", f"[{name}] must be a table, with a name in small letters")
            return None
        table = cast("dict[str, Any]", table)
        for key in sorted(table.keys() - set(KEYS)):
            self._note(name, key, f"there is no {key!r}; there are {', '.join(KEYS)}")
        for key in NEEDED:
            if key not in table:
                self._note(name, "", f"[{name}] needs {key}")
        values = {key: self._value(name, key, table.get(key)) for key in KEYS}
        if len(self.wrong) > before:
            return None
        zone = values["time_zone"]
        closures = [*_days_off(values["closed_on"], zone), *self._holidays(name, values["holidays"], zone)]
        hours = OpeningHours(zone, values["hours"], tuple(sorted(closures)))
        own = {key: values[key] for key in ("title", "numbers", "ring_s", "capacity", "accept")}
        return Department(name, hours=hours, **own)

    def _value(self, name: str, key: str, value: Any) -> Any:
        if value is None and key in NEEDED:
            return None
        try:
            return getattr(self, f"_read_{key}")(value)
        except _Wrong as wrong:
            self._note(name, key, str(wrong))
            return None

    def _read_title(self, value: Any) -> str:
        if not (isinstance(value, str) and value.strip() and value.isprintable() and not set("{}") & set(value)):
            raise _Wrong("title is text, such as our sales team")
        return value.strip()

    def _read_numbers(self, value: Any) -> tuple[str, ...]:
        if not (numbers := _list(value)):
            raise _Wrong('numbers is a list, such as ["+18886460014"]')
        return tuple(self._number(number) for number in numbers)

    def _number(self, value: Any) -> str:
        number = self.numbers.get(value, value) if isinstance(value, str) else ""
        if not _E164.fullmatch(number):
            raise _Wrong(f"{value!r} is neither E.164, like +18886460014, nor one of {', '.join(self.numbers)}")
        return number

    def _read_hours(self, value: Any) -> tuple[Shift, ...]:
        if value == "always":
            return tuple(Shift(day, 0, MINUTES_A_DAY) for day in range(7))
        texts = _list(value)
        if not (texts and all(isinstance(text, str) for text in texts)):
            raise _Wrong('hours is "always", or a list such as ["Mon-Fri 09:00-17:30"]')
        shifts = sorted(shift for text in texts for shift in _shifts(text))
        for one, other in pairwise(shifts):
            if one.weekday == other.weekday and other.opens < one.closes:
                raise _Wrong(f"two shifts overlap on {DAYS[one.weekday]}")
        return _joined(shifts)

    def _read_time_zone(self, value: Any) -> ZoneInfo:
        name = self.zone if value is None else value
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
            raise _Wrong(f"time_zone is an IANA name, like Europe/London, not {value!r}") from None

    def _read_closed_on(self, value: Any) -> list[date]:
        days = [] if value is None else _list(value)
        if days is None or not all(type(day) is date for day in days):
            raise _Wrong("closed_on is a list of days, such as [2026-12-25]")
        return days

    def _read_holidays(self, value: Any) -> str:
        if value is not None and not isinstance(value, str):
            raise _Wrong("holidays is the name of an iCal file")
        return value or ""

    def _read_ring_s(self, value: Any) -> int:
        ring_s = RING_S if value is None else value
        if type(ring_s) is not int or not 1 <= ring_s <= RING_S_MAX:
            raise _Wrong(f"ring_s is a number of seconds up to {RING_S_MAX}, not {value!r}")
        return ring_s

    def _read_capacity(self, value: Any) -> int | None:
        if value is not None and (type(value) is not int or value < 1):
            raise _Wrong(f"capacity is a number of calls at once, not {value!r}")
        return value

    def _read_accept(self, value: Any) -> bool:
        if value is not None and not isinstance(value, bool):
            raise _Wrong(f"accept is true or false, not {value!r}")
        return value is not False

    def _holidays(self, name: str, file: str, zone: ZoneInfo) -> Iterator[Closure]:
        if file:
            try:
                yield from read_holidays(self.path.parent / file, zone, self.today)
            except HolidayError as error:
                self._note(name, "holidays", str(error))

    def _note(self, table: str, key: str, problem: str) -> None:
        self.wrong.append((_line(self.text, table, key), problem))


def _list(value: Any) -> list[Any] | None:
    return [*value] if isinstance(value, list) else None  # pyright: ignore[reportUnknownVariableType]


def _line(text: str, table: str, key: str) -> int:
    """Find where a table's key stands; the table's own line where it does not."""
    at = start = 0
    inside = False
    for number, row in enumerate(text.splitlines(), 1):
        stripped = row.strip()
        if stripped.startswith("["):
            inside = stripped.strip("[] ").strip("\"'") == table
            start = number if inside else start
        elif inside and key and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*=", stripped):
            at = number
    return at or start or 1


def _shifts(text: str) -> list[Shift]:
    """Read `Mon-Fri 09:00-17:30`."""
    read = _SHIFT.fullmatch(text.strip())
    if read is None or not {read[1], read[2] or read[1]} <= _DAY.keys():
        raise _Wrong(f"{text!r} is no shift; one is Mon-Fri 09:00-17:30")
    first, last = _DAY[read[1]], _DAY[read[2] or read[1]]
    opens, closes = (60 * int(read[at]) + int(read[at + 1]) for at in (3, 5))
    if max(int(read[4]), int(read[6])) > 59 or closes > MINUTES_A_DAY:  # noqa: PLR2004 minutes of an hour
        raise _Wrong(f"{text!r} names no time of day; the last one is 24:00")
    if opens >= closes:
        raise _Wrong(f"{text!r} crosses midnight or ends before it begins; write one shift to 24:00 and one from 00:00")
    days = range(first, last + 1) if first <= last else (*range(first, 7), *range(last + 1))
    return [Shift(day, opens, closes) for day in days]


def _joined(shifts: list[Shift]) -> tuple[Shift, ...]:
    """Make one of two shifts that touch."""
    joined: list[Shift] = []
    for shift in shifts:
        if joined and joined[-1].weekday == shift.weekday and joined[-1].closes == shift.opens:
            joined[-1] = Shift(shift.weekday, joined[-1].opens, shift.closes)
        else:
            joined.append(shift)
    return tuple(joined)


def _days_off(days: list[date], zone: ZoneInfo) -> Iterator[Closure]:
    for day in days:
        begin, end = (datetime.combine(at, time(), zone) for at in (day, day + timedelta(days=1)))
        yield Closure(begin, end, "")

"""Opening hours: by the clock on the department's wall, through every change of the clocks, in three continents."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.opening_hours import MINUTES_A_DAY, Closure, OpeningHours, Shift, clock, instant

NEW_YORK, LONDON, SYDNEY = (ZoneInfo(name) for name in ("America/New_York", "Europe/London", "Australia/Sydney"))
ALWAYS = tuple(Shift(day, 0, MINUTES_A_DAY) for day in range(7))


def week(opens, closes, days=range(7)):
    return tuple(Shift(day, opens * 60, closes * 60) for day in days)


def at(zone, *when, fold=0):
    return datetime(*when, tzinfo=zone, fold=fold)


OFFICE = OpeningHours(NEW_YORK, week(9, 17, range(5)))


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ((2027, 3, 5, 8, 59), False), ((2027, 3, 5, 9, 0), True), ((2027, 3, 5, 16, 59), True),
        ((2027, 3, 5, 17, 0), False), ((2027, 3, 6, 12, 0), False), ((2027, 3, 8, 9, 0), True),
    ],
)  # fmt: skip
def test_a_department_is_open_from_the_first_minute_of_a_shift_until_its_end(when, is_open):
    assert OFFICE.is_open(at(NEW_YORK, *when)) is is_open


def test_it_is_the_clock_of_the_department_that_counts():
    assert OFFICE.is_open(at(LONDON, 2027, 3, 5, 14, 0))
    assert not OFFICE.is_open(at(LONDON, 2027, 3, 5, 9, 0))


# When the clocks change: the last Sunday or the like, and how far they are put forward or back.
CHANGES = [
    pytest.param(NEW_YORK, date(2027, 3, 14), 2 * 60, +1, id="New York, forward"),
    pytest.param(NEW_YORK, date(2027, 11, 7), 1 * 60, -1, id="New York, back"),
    pytest.param(LONDON, date(2027, 3, 28), 1 * 60, +1, id="London, forward"),
    pytest.param(LONDON, date(2027, 10, 31), 1 * 60, -1, id="London, back"),
    pytest.param(SYDNEY, date(2027, 10, 3), 2 * 60, +1, id="Sydney, forward"),
    pytest.param(SYDNEY, date(2027, 4, 4), 2 * 60, -1, id="Sydney, back"),
]


@pytest.mark.parametrize(("zone", "day", "_minute", "_hours"), CHANGES)
def test_office_hours_are_the_same_on_the_wall_before_and_after_the_clocks_change(zone, day, _minute, _hours):
    hours = OpeningHours(zone, week(9, 17))
    for when in (day - timedelta(days=1), day, day + timedelta(days=1)):
        opens, closes = (at(zone, when.year, when.month, when.day, hour) for hour in (9, 17))
        assert hours.is_open(opens)
        assert not hours.is_open(opens - timedelta(minutes=1))
        assert not hours.is_open(closes)
        assert hours.next_opening(opens - timedelta(hours=3)) == opens


@pytest.mark.parametrize(("zone", "day", "minute", "hours"), CHANGES)
def test_a_night_shift_lasts_an_hour_less_or_more_when_the_clocks_change(zone, day, minute, hours):
    shift = OpeningHours(zone, week(0, 6))
    begin = instant(day, 0, zone, last=False)
    open_minutes = sum(shift.is_open(begin + timedelta(minutes=n)) for n in range(-120, 600))
    assert open_minutes == 6 * 60 - hours * 60
    assert minute < 6 * 60


@pytest.mark.parametrize(("zone", "day", "minute", "hours"), [change for change in CHANGES if change.values[3] > 0])
def test_a_shift_that_begins_in_the_hour_that_is_skipped_begins_when_the_clocks_are_put_forward(
    zone, day, minute, hours
):
    hours_of = OpeningHours(zone, (Shift(day.weekday(), minute + 30, 12 * 60),))
    opens = hours_of.next_opening(instant(day, 0, zone, last=False))
    assert opens.astimezone(zone).strftime("%H:%M") == f"{minute // 60 + hours:02}:00"
    assert hours_of.is_open(opens)
    assert not hours_of.is_open(opens - timedelta(minutes=1))


@pytest.mark.parametrize(("zone", "day", "minute", "_hours"), [change for change in CHANGES if change.values[3] < 0])
def test_a_shift_that_ends_in_the_hour_that_comes_twice_goes_on_until_its_second_time(zone, day, minute, _hours):
    shift = OpeningHours(zone, (Shift(day.weekday(), 0, minute + 30),))
    end = instant(day, minute + 30, zone, last=True)
    assert shift.is_open(end - timedelta(minutes=1))
    assert not shift.is_open(end)


def test_a_holiday_closes_the_day_and_the_next_opening_comes_after_it():
    day = Closure(at(NEW_YORK, 2026, 12, 25), at(NEW_YORK, 2026, 12, 26), "Christmas Day")
    hours = OpeningHours(NEW_YORK, OFFICE.shifts, (day,))
    noon = at(NEW_YORK, 2026, 12, 25, 12)
    assert not hours.is_open(noon)
    assert hours.closure(noon).name == "Christmas Day"
    assert hours.next_opening(noon) == at(NEW_YORK, 2026, 12, 28, 9)


def test_a_closure_of_some_hours_is_over_within_the_shift():
    party = Closure(at(NEW_YORK, 2027, 3, 5, 14), at(NEW_YORK, 2027, 3, 5, 15), "Party")
    hours = OpeningHours(NEW_YORK, OFFICE.shifts, (party,))
    assert hours.next_opening(at(NEW_YORK, 2027, 3, 5, 14, 30)) == at(NEW_YORK, 2027, 3, 5, 15)


def test_a_department_that_never_opens_again_has_no_next_opening():
    assert OpeningHours(LONDON, ()).next_opening(datetime.now(UTC)) is None


@given(
    st.sampled_from([NEW_YORK, LONDON, SYDNEY]),
    st.integers(0, 3 * 365 * 24 * 60),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 600)), min_size=1, max_size=4),
)
def test_it_is_closed_until_the_next_opening_and_open_then(zone, minutes, drawn):
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    taken, shifts = set(), []
    for day, opens, length in sorted(drawn):
        closes = min(opens + length, MINUTES_A_DAY)
        if day not in taken:
            taken.add(day)
            shifts.append(Shift(day, opens, closes))
    hours = OpeningHours(zone, tuple(shifts))
    opens = hours.next_opening(moment)
    assert hours.is_open(opens)
    assert (opens == moment) is hours.is_open(moment)
    if opens > moment:
        assert not hours.is_open(opens - timedelta(minutes=1))
        assert not hours.is_open(moment + (opens - moment) / 2)


@pytest.mark.parametrize(
    ("shifts", "words"),
    [
        (ALWAYS, "around the clock"),
        (week(9, 17, range(5)), "Monday to Friday, 9 a.m. to 5 p.m., New York time"),
        (
            (*week(9, 17, range(5)), Shift(5, 10 * 60 + 30, 12 * 60)),
            "Monday to Friday, 9 a.m. to 5 p.m., and Saturday, 10:30 a.m. to noon, New York time",
        ),
        (
            tuple(shift for day in (1, 2) for shift in (Shift(day, 480, 720), Shift(day, 780, 1440))),
            "Tuesday and Wednesday, 8 a.m. to noon and 1 p.m. to midnight, New York time",
        ),
        (week(9, 17), "every day, 9 a.m. to 5 p.m., New York time"),
        (week(0, 24, range(2)), "Monday and Tuesday, all day, New York time"),
    ],
)
def test_hours_are_said_as_people_say_them(shifts, words):
    assert OpeningHours(NEW_YORK, shifts).in_words() == words


@pytest.mark.parametrize(("minute", "words"), [(0, "midnight"), (1, "12:01 a.m."), (720, "noon"), (779, "12:59 p.m.")])
def test_times_of_day_are_said_as_people_say_them(minute, words):
    assert clock(minute) == words


# When the team last went home, before it came in: what has come in since then is theirs to see to.


@pytest.mark.parametrize(
    ("when", "closed"),
    [
        ((2027, 3, 4, 9, 0), (2027, 3, 3, 17, 0)),  # a Thursday: since Wednesday evening
        ((2027, 3, 4, 23, 0), (2027, 3, 3, 17, 0)),  # still what the team had before it on Thursday
        ((2027, 3, 8, 8, 59), (2027, 3, 4, 17, 0)),  # not in yet on Monday: they were there on Friday
        ((2027, 3, 8, 9, 0), (2027, 3, 5, 17, 0)),  # in: the weekend is new
    ],
)
def test_the_last_closing_is_the_one_before_the_last_opening(when, closed):
    assert OFFICE.last_closing(at(NEW_YORK, *when)) == at(NEW_YORK, *closed)


def test_a_holiday_is_no_opening():
    monday = Closure(at(NEW_YORK, 2027, 3, 8), at(NEW_YORK, 2027, 3, 9), "a holiday")
    hours = OpeningHours(NEW_YORK, week(9, 17, range(5)), (monday,))
    assert hours.last_closing(at(NEW_YORK, 2027, 3, 9, 10, 0)) == at(NEW_YORK, 2027, 3, 5, 17, 0)


def test_a_lunch_break_is_no_closing():
    hours = OpeningHours(NEW_YORK, tuple(sorted(week(9, 12) + week(13, 17))))
    assert hours.last_closing(at(NEW_YORK, 2027, 3, 4, 14, 0)) == at(NEW_YORK, 2027, 3, 3, 17, 0)


@pytest.mark.parametrize("shifts", [ALWAYS, ()])
def test_who_never_closes_or_never_opens_has_no_last_closing(shifts):
    assert OpeningHours(NEW_YORK, shifts).last_closing(at(NEW_YORK, 2027, 3, 4, 14, 0)) is None

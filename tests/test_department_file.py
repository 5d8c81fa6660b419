"""The file of departments: read strictly, with the line of every mistake; a line that runs keeps the last good one."""

import logging
import os
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.config import ROOT
from ivr.department_file import DepartmentError, DepartmentFile, read_departments
from ivr.opening_hours import Shift

TODAY = date(2026, 12, 1)
NUMBERS = {"SALES_NUMBER": "+18886460014"}
GOOD = """
[sales]
title = "our sales team"
numbers = ["SALES_NUMBER", "+14155550100"]
hours = ["Mon-Fri 09:00-12:00", "Mon-Fri 12:00-17:30", "Sat 22:00-24:00"]
time_zone = "America/New_York"
closed_on = [2026-12-24]
ring_s = 15
"""
HOLIDAYS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1@test
DTSTART;VALUE=DATE:20201225
DTEND;VALUE=DATE:20201226
RRULE:FREQ=YEARLY
EXDATE;VALUE=DATE:20271225
SUMMARY:Christmas Day
END:VEVENT
BEGIN:VEVENT
UID:2@test
DTSTART;TZID=America/New_York:20261231T120000
DTEND;TZID=America/New_York:20261231T235959
SUMMARY:Early finish
END:VEVENT
BEGIN:VEVENT
UID:3@test
DTSTART;VALUE=DATE:20261210
SUMMARY:Cancelled
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def read(folder: Path, text: str):
    path = folder / "departments.toml"
    path.write_text(text)
    return read_departments(path, NUMBERS, "Europe/London", TODAY)


def new_york(*when):
    return datetime(*when, tzinfo=ZoneInfo("America/New_York"))


def test_a_department_is_what_its_table_says(tmp_path):
    sales = read(tmp_path, GOOD)["sales"]
    assert (sales.title, sales.numbers, sales.ring_s) == ("our sales team", ("+18886460014", "+14155550100"), 15)
    assert sales.hours.zone.key == "America/New_York"
    assert sales.hours.shifts[:2] == (Shift(0, 540, 1050), Shift(1, 540, 1050)), "shifts that touch are one"
    assert not sales.is_open(new_york(2026, 12, 24, 10))
    assert sales.is_open(new_york(2026, 12, 23, 10))


def test_the_file_of_the_project_is_good():
    numbers = {**NUMBERS, "SUPPORT_NUMBER": "+18002636317", "SUPPORT_DIRECT_NUMBER": "+18056177000"}
    departments = read_departments(ROOT / "ivr" / "departments.toml", numbers, "Europe/London", TODAY)
    assert departments.keys() == {"sales", "support"}
    assert departments["sales"].hours.zone.key == "Europe/London", "where no time zone is given, that of the company"
    assert all(department.is_open(datetime.now(UTC)) for department in departments.values())


def test_holidays_come_back_have_exceptions_and_may_last_hours(tmp_path):
    (tmp_path / "us.ics").write_text(HOLIDAYS)
    hours = read(tmp_path, GOOD + 'holidays = "us.ics"\n')["sales"].hours
    assert hours.closure(new_york(2026, 12, 25, 10)).name == "Christmas Day"
    assert hours.closure(new_york(2027, 12, 24, 23)) is None
    assert hours.closure(new_york(2027, 12, 25, 10)) is None, "the exception"
    assert hours.is_open(new_york(2026, 12, 31, 11))
    assert not hours.is_open(new_york(2026, 12, 31, 13))
    assert hours.is_open(new_york(2026, 12, 10, 10)), "a cancelled event is none"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('"America/New_York"', '"Mars/One"', 6, "time_zone is an IANA name, like Europe/London, not 'Mars/One'"),
        ('"America/New_York"', "3", 6, "time_zone is an IANA name"),
        ("09:00-12:00", "09:00-13:00", 5, "two shifts overlap on Monday"),
        ("22:00-24:00", "22:00-02:00", 5, "'Sat 22:00-02:00' crosses midnight"),
        ("22:00-24:00", "22:00-24:30", 5, "names no time of day"),
        ("Sat 22", "Sam 22", 5, "'Sam 22:00-24:00' is no shift; one is Mon-Fri 09:00-17:30"),
        ('"+14155550100"', '"415 555 0100"', 4, "'415 555 0100' is neither E.164"),
        ("[2026-12-24]", '["Christmas"]', 7, "closed_on is a list of days"),
        ("ring_s = 15", "ring_s = 900", 8, "ring_s is a number of seconds up to 120, not 900"),
        ("ring_s = 15", "ring_s = true", 8, "ring_s is a number"),
        ("ring_s = 15", "rings = 15", 8, "there is no 'rings'; there are title, numbers"),
        ("ring_s = 15", 'holidays = "no.ics"', 8, "no.ics: No such file or directory"),
        ('title = "our sales team"', "", 2, "[sales] needs title"),
        ('"our sales team"', '"our {sales} team"', 3, "title is text"),
        ("[sales]", "[Sales]", 2, "must be a table, with a name in small letters"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, old, new, line, says):
    assert old in GOOD
    with pytest.raises(DepartmentError) as told:
        read(tmp_path, GOOD.replace(old, new))
    assert f"departments.toml, line {line}: " in str(told.value)
    assert says in str(told.value)
    assert "\n" not in str(told.value)


def test_a_file_that_is_no_toml_or_not_there_is_told_in_one_line(tmp_path):
    with pytest.raises(DepartmentError, match=r"departments\.toml: .*line 2"):
        read(tmp_path, "\n[sales\n")
    with pytest.raises(DepartmentError, match=r"none\.toml: No such file"):
        read_departments(tmp_path / "none.toml", NUMBERS, "Europe/London", TODAY)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xfe", HOLIDAYS[:200].encode(), b"x" * 1_000_001])
def test_a_calendar_that_cannot_be_read_is_told_with_the_line_that_names_it(tmp_path, content):
    (tmp_path / "us.ics").write_bytes(content)
    with pytest.raises(DepartmentError, match=r"line 9: us\.ics is "):
        read(tmp_path, GOOD + 'holidays = "us.ics"\n')


def save(path, text):
    path.write_text(text)
    later = path.stat().st_mtime + 1 + len(text) / 1e6
    os.utime(path, (later, later))


def test_a_running_line_takes_a_new_file_and_keeps_the_last_good_one(tmp_path, caplog):
    path, told = tmp_path / "departments.toml", []
    path.write_text(GOOD)
    file = DepartmentFile(path, NUMBERS, "Europe/London", told.append)
    first = file.current()
    save(path, GOOD.replace("ring_s = 15", "ring_s = 20"))
    assert file.current()["sales"].ring_s == 20
    assert [departments["sales"].ring_s for departments in told] == [20]
    with caplog.at_level(logging.ERROR, "answerline"):
        for broken in ("ring_s = never", GOOD.replace("[sales]", "[sellers]")):
            save(path, broken)
            assert file.current()["sales"].ring_s == 20
            assert file.current()["sales"].ring_s == 20
    assert len(caplog.records) == 2, "each is logged once"
    assert "there is no [sales] any more" in caplog.text
    path.unlink()
    assert file.current()["sales"].ring_s == 20
    assert first["sales"].ring_s == 15


def test_the_hours_are_shown_with_what_callers_hear(app, settings):
    settings.departments_file.write_text(
        settings.departments_file.read_text().replace('= "always"', '= ["Mon-Fri 09:00-17:00"]', 1)
    )
    run = app.test_cli_runner().invoke
    shown = " ".join(run(args=["line", "hours", "--at", "2027-03-06 10:00"], env={"COLUMNS": "240"}).output.split())
    assert "Saturday, March 6, 2027, 10:00 PST" in shown
    assert "no, until Mon 2027-03-08 09:00 PST" in shown
    assert "our sales team can't take calls right now" in shown
    assert "I'm connecting you to Global Customer Support" in shown
    wrong = run(args=["line", "hours", "--at", "Christmas"])
    assert (wrong.exit_code, "is no time; one is" in wrong.output) == (2, True)

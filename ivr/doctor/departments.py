"""Departments: whether anybody is ever there, and whether callers who are put through come back to this very line."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ivr.address import VOICE, same
from ivr.departments import Department
from ivr.doctor.findings import Findings, SkipError, broken, warning
from ivr.doctor.patient import Patient
from ivr.holidays import HolidayError, read_holidays


def opening(patient: Patient) -> Findings:
    """Departments that never open."""
    file = patient.settings.departments_file
    for department in _departments(patient):
        if department.hours.next_opening(patient.now()) is None:
            yield broken(
                "departments.closed",
                f"[{department.name}] is closed for more than a year, so its callers never reach anybody",
                f"correct its hours or holidays in {file}; `flask line hours` shows what they come to",
            )


def holidays(patient: Patient) -> Findings:
    """Calendars of years gone by."""
    file = patient.settings.departments_file
    for name, calendar in _calendars(file):
        try:
            ahead = read_holidays(calendar, ZoneInfo(patient.settings.time_zone), patient.now().date())
        except HolidayError as error:
            yield broken("departments.holidays", f"[{name}]: {error}", f"put a calendar there: {calendar}")
            continue
        if not any(closure.end > patient.now() for closure in ahead):
            yield warning(
                "departments.holidays",
                f"[{name}]: {calendar.name} has no holiday ahead, so callers are put through on all of them",
                f"replace {calendar} by one of this year and the next",
            )


def loops(patient: Patient) -> Findings:
    """Numbers of departments that are answered by this line."""
    settings = patient.settings
    here = settings.public_base_url.rstrip("/") + VOICE
    known = {settings.caller_id} - {""}
    try:
        known |= {one.number for one in patient.own_numbers() if same(one.webhooks.voice_url, here)}
    except SkipError:
        if not known:
            raise
    names = {value: name.upper() for name, value in vars(settings).items() if name.endswith("_number")}
    for department in _departments(patient):
        for number in department.numbers:
            if number in known:
                where = names.get(number, "")
                place = f"{where} in .env" if where else f"it under [{department.name}] in {settings.departments_file}"
                yield broken(
                    "departments.loop",
                    f"[{department.name}] rings {number}, a number of this line: callers come back to its greeting",
                    f"change {place} to the number of a telephone that somebody answers",
                )


def _departments(patient: Patient) -> Iterator[Department]:
    yield from patient.line.conversation.engine.services.departments.current().values()


def _calendars(file: Path) -> list[tuple[str, Path]]:
    tables: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return [(name, file.parent / table["holidays"]) for name, table in tables.items() if table.get("holidays")]

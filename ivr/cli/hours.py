"""`flask line hours`: what callers hear at a given time, department by department."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from ivr.bootstrap import Answerline, answerline
from ivr.call import Position
from ivr.departments import Department
from ivr.flow import Menu, Transfer
from ivr.prompts import text_prompt


@click.command("hours", help="Show who is there, now or at another time, and what callers hear.")
@click.option("--at", "when", metavar="TIME", help='Such as "2026-12-25 10:00", by the clock of TIME_ZONE.')
@with_appcontext
def hours(*, when: str | None) -> None:
    """Print a row for each department."""
    line = answerline()
    moment = _moment(when, ZoneInfo(line.settings.time_zone)) if when else line.clock.now()
    table = Table("department", "open", "hours", "callers hear")
    for name, department in line.conversation.engine.services.departments.current().items():
        table.add_row(name, _state(department, moment), department.hours.in_words(), _heard(line, department, moment))
    console = Console()
    console.print(f"{moment.astimezone(ZoneInfo(line.settings.time_zone)):%A, %B %-d, %Y, %H:%M %Z}")
    console.print(table)


def _moment(when: str, zone: ZoneInfo) -> datetime:
    try:
        read = datetime.fromisoformat(when)
    except ValueError:
        raise click.BadParameter(f'{when!r} is no time; one is "2026-12-25 10:00"', param_hint="--at") from None
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def _state(department: Department, moment: datetime) -> str:
    if department.is_open(moment):
        return "yes"
    closure = department.hours.closure(moment)
    why = f" ({closure.name or 'day off'})" if closure else ""
    opens = department.hours.next_opening(moment)
    until = f"until {opens.astimezone(department.hours.zone):%a %Y-%m-%d %H:%M %Z}" if opens else "for good"
    return f"no{why}, {until}"


def _heard(line: Answerline, department: Department, moment: datetime) -> str:
    """Return the first words of the department's flow; flows bear the names of departments."""
    flow = line.line.flows.get(department.name)
    wanted = Transfer if department.is_open(moment) else Menu
    for name, node in flow.nodes.items() if flow else ():
        if isinstance(node, wanted):
            prompts = text_prompt(Position(department.name, name), node)
            return " ".join(line.voice.speech.words(prompt, line.voice.speech.fixed) for prompt in prompts)
    return "-"

"""`flask waiting`: who waits, on the line or for a callback, and the process that serves them."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup

from ivr.bootstrap import Answerline, answerline
from ivr.call import masked
from ivr.cli.common import in_one_line, print_json
from ivr.cli.go_on import Loop, go_on
from ivr.db.console.sweep import sweep
from ivr.db.heartbeats import Heart
from ivr.db.places import list_places
from ivr.helpers import RING

POLL_S = 1.0
TROUBLE_S = 5.0
SWEEP_S = 600.0

waiting = AppGroup("waiting", help="Who waits, on the line or for a callback: list, serve.")


@waiting.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list on standard output.")
@click.option("--all", "everything", is_flag=True, help="Those who wait no longer, too.")
@in_one_line
def list_(*, as_json: bool, everything: bool) -> None:
    """List places in line, department by department, as they arrived."""
    found = list_places(answerline().database, over=everything)
    if as_json:
        print_json(found)
        return
    for place in found:
        click.echo(_in_a_line(place))
    if not found:
        click.echo("Nobody waits.", err=True)


@waiting.command("serve")
@click.option("--forever", is_flag=True, help="Go on, looking every second, until stopped.")
@click.option("--parent", type=int, hidden=True, help="Stop when this process is gone.")
@in_one_line
def serve(*, forever: bool, parent: int | None) -> None:
    """Ring somebody for who is next; several may run at once."""
    line = answerline()
    if forever:
        with waiting_loops(line) as loops:
            go_on(*loops, parent=parent)
        return
    from ivr.dispatch.crew import dispatcher_of  # noqa: PLC0415 webhooks start without it

    with dispatcher_of(line.settings, line.waiting, line.voice) as dispatcher:
        placed = dispatcher.run()
        click.echo(f"{placed} {'call' if placed == 1 else 'calls'} placed.")


@contextmanager
def waiting_loops(line: Answerline) -> Generator[list[Loop]]:
    """Yield what goes on for callers who wait. Raises: SettingsError where nobody can be rung."""
    from ivr.dispatch.crew import dispatcher_of  # noqa: PLC0415 webhooks start without it

    with dispatcher_of(line.settings, line.waiting, line.voice) as dispatcher:
        work = _with_sweeps(line, dispatcher.run)
        beat = Heart(line.database, line.clock, RING.command).beat
        yield [Loop(RING.called, work, POLL_S, TROUBLE_S, gently=False, beat=beat)]


def _with_sweeps(line: Answerline, run: Callable[[], object]) -> Callable[[], None]:
    """Close lost calls now and again, between the passes of a process that runs all the time."""
    swept_at = float("-inf")

    def work() -> None:
        nonlocal swept_at
        run()
        if time.monotonic() - swept_at > SWEEP_S:
            swept_at = time.monotonic()
            sweep(line.database, line.calls, line.waiting, line.clock.now())

    return work


def _in_a_line(place: dict[str, Any]) -> str:
    tries = f"{place['tries']} tries" if place["tries"] else ""
    who = masked(place["number"] or place["caller"])
    row = [f"{place['id']:>4}", place["arrived_at"], place["department"], place["kind"], place["state"], who, tries]
    return "  ".join(str(value) for value in row).rstrip()

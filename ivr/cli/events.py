"""`flask events`: what a company's own systems are told."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup

from ivr.bootstrap import Answerline, answerline
from ivr.cli.common import WrongUseError, at_most, in_one_line, plain, print_json, since_time
from ivr.cli.go_on import Loop, go_on
from ivr.db.event_history import Which, list_events, replay
from ivr.db.heartbeats import Heart
from ivr.events import EventState
from ivr.helpers import TELL

events = AppGroup("events", help="What your own systems are told: list, send, replay.")


@events.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list on standard output.")
@click.option("--since", metavar="ISO", help="Those that happened then or later; UTC unless it names a zone.")
@click.option("--account", default="", metavar="ID", help="Those of an account, by its account system's id.")
@click.option("--state", type=click.Choice([state.value for state in EventState]), help="Only those.")
@click.option("--limit", type=int, metavar="N", help="So many at most.")
@in_one_line
def list_(*, as_json: bool, since: str | None, account: str, state: str | None, limit: int | None) -> None:
    """List events, newest first, once for each address."""
    which = Which(since_time(since), account_id=account, state=EventState(state) if state else None)
    found = list_events(answerline().database, which, at_most(limit))
    if as_json:
        print_json(found)
        return
    for event in found:
        click.echo(_in_a_line(event))
    if not found:
        click.echo("No events.", err=True)


@events.command("send")
@click.option("--forever", is_flag=True, help="Go on, looking every five seconds, until stopped.")
@click.option("--parent", type=int, hidden=True, help="Stop when this process is gone.")
@in_one_line
def send(*, forever: bool, parent: int | None) -> None:
    """Send the events that are due; several may run at once."""
    with event_loops(answerline()) as loops:
        if forever:
            go_on(*loops, parent=parent)
            return
        tried = sum(int(str(loop.work())) for loop in loops)
        click.echo(f"{tried} {'event' if tried == 1 else 'events'} tried.")


@events.command("replay")
@click.option("--since", metavar="ISO", help="Those that happened then or later; UTC unless it names a zone.")
@click.option("--id", "ids", multiple=True, metavar="ID", help="The one with this webhook-id; may be repeated.")
@click.option("--account", default="", metavar="ID", help="Those of an account, by its account system's id.")
@click.option("--dead", is_flag=True, help="Only those that were given up.")
@in_one_line
def replay_(*, since: str | None, ids: tuple[str, ...], account: str, dead: bool) -> None:
    """Send events again, in order, with the webhook-id they had: a receiver knows those it has by it."""
    if not (since or ids or account or dead):
        raise WrongUseError("say which: --since, --id, --account or --dead, or several of them")
    line = answerline()
    if not line.settings.event_endpoints:
        raise click.ClickException("nobody is told of events: set EVENTS_URL and EVENTS_SECRET")
    which = Which(since_time(since), ids, account, EventState.DEAD if dead else None)
    again = replay(line.database, line.settings.event_endpoints, which, line.clock.now())
    click.echo(f"{again} {'event waits' if again == 1 else 'events wait'} to be sent again.")


@contextmanager
def event_loops(line: Answerline) -> Generator[list[Loop]]:
    """Yield what goes on for events: each address by itself. Raises: SettingsError where nobody is to be told."""
    from ivr.delivery.crew import events_workers_of  # noqa: PLC0415 webhooks start without it

    with events_workers_of(line.settings, line.database, line.clock) as workers:
        beat = Heart(line.database, line.clock, TELL.command).beat
        yield [
            Loop(f"events to {worker.queue.endpoint}", worker.run, beat=beat, counted=TELL.called) for worker in workers
        ]


def _in_a_line(event: dict[str, Any]) -> str:
    words = [event["type"], event["state"], event["endpoint"], event["account_id"], event["call_sid"], event["error"]]
    return "  ".join([event["id"], event["at"], *map(plain, words)])

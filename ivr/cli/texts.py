"""`flask texts`: text messages to callers."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup

from ivr.bootstrap import Answerline, answerline
from ivr.call import masked
from ivr.cli.common import in_one_line, plain, print_json
from ivr.cli.go_on import Loop, go_on
from ivr.db.heartbeats import Heart
from ivr.db.history import list_texts
from ivr.db.text_queue import TextQueue
from ivr.helpers import SEND

texts = AppGroup("texts", help="Text messages to callers: list, send, retry.")


@texts.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list on standard output.")
@click.option("--full", is_flag=True, help="With whole numbers, and what the texts say.")
@click.option("--state", type=click.Choice(["waiting", "sent", "dead", "suppressed"]), help="Only those.")
@in_one_line
def list_(*, as_json: bool, full: bool, state: str | None) -> None:
    """List texts, newest first."""
    found = [text for text in list_texts(answerline().database) if state in {None, text["state"]}]
    for text in found:
        if not full:
            del text["body"]
            text["to"] = masked(text["to"]) if text["to"] else ""
    if as_json:
        print_json(found)
        return
    for text in found:
        click.echo(_in_a_line(text))
    if not found:
        click.echo("No texts.", err=True)


@texts.command("send")
@click.option("--forever", is_flag=True, help="Go on, looking every five seconds, until stopped.")
@click.option("--parent", type=int, hidden=True, help="Stop when this process is gone.")
@in_one_line
def send(*, forever: bool, parent: int | None) -> None:
    """Send the texts that are due; several may run at once."""
    with text_loops(answerline()) as loops:
        if forever:
            go_on(*loops, parent=parent)
            return
        tried = sum(int(str(loop.work())) for loop in loops)
        click.echo(f"{tried} {'text' if tried == 1 else 'texts'} tried.")


@texts.command("retry")
@click.argument("number", metavar="ID", type=int)
@in_one_line
def retry(number: int) -> None:
    """Try a dead text again, from the start."""
    line = answerline()
    if reason := TextQueue(line.database, line.clock).retry(number):
        raise click.ClickException(f"text {number} cannot be tried again: {reason}")
    click.echo(f"Text {number} waits to be sent.")


@contextmanager
def text_loops(line: Answerline) -> Generator[list[Loop]]:
    """Yield what goes on for texts. Raises: SettingsError where none can be sent."""
    from ivr.texts.crew import texts_worker_of  # noqa: PLC0415 webhooks start without it

    with texts_worker_of(line.settings, line.database, line.clock) as worker:
        yield [Loop(SEND.called, worker.run, beat=Heart(line.database, line.clock, SEND.command).beat)]


def _in_a_line(text: dict[str, Any]) -> str:
    row = [f"{text['id']:>4}", text["at"], f"{text['state']:<10}", f"{text['purpose']:<6}", plain(text["to"])]
    said = [plain(text[name]) for name in ("error", "body") if text.get(name)]
    return "  ".join([*row, *said])

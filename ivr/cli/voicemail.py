"""`flask voicemail`: callers' messages."""

from typing import Any, BinaryIO

import click
from flask.cli import AppGroup

from ivr.bootstrap import answerline
from ivr.cli.common import in_one_line, plain, print_json
from ivr.cli.go_on import Loop, go_on
from ivr.db.heartbeats import Heart
from ivr.db.history import list_voicemails, show_voicemail
from ivr.helpers import FETCH

voicemail = AppGroup("voicemail", help="Callers' messages: list, export, fetch.")


@voicemail.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list on standard output.")
@click.option("--all", "everything", is_flag=True, help="Those that callers deleted, too, until they are gone.")
@in_one_line
def list_(*, as_json: bool, everything: bool) -> None:
    """List messages, newest first."""
    found = list_voicemails(answerline().database, discarded=everything)
    if as_json:
        print_json(found)
        return
    for message in found:
        click.echo(_in_a_line(message))
    if not found:
        click.echo("No messages.", err=True)


@voicemail.command("export")
@click.argument("number", metavar="ID", type=int)
@click.argument("file", type=click.File("wb", lazy=True))
@in_one_line
def export(number: int, file: BinaryIO) -> None:
    """Write a message as a WAV file; `-` is standard output, for a player."""
    from ivr.voicemail.storage import Storage  # noqa: PLC0415 webhooks start without it

    message = show_voicemail(answerline().database, number)
    if message is None:
        raise click.ClickException(f"there is no message {number}")
    if message["stored"] is None:
        raise click.ClickException(f"message {number} is not here: {message['error'] or 'not fetched yet'}")
    file.write(Storage(answerline().settings.voicemail_address).read(message["stored"]))


@voicemail.command("fetch")
@click.option("--forever", is_flag=True, help="Go on, looking every five seconds, until stopped.")
@click.option("--parent", type=int, hidden=True, help="Stop when this process is gone.")
@in_one_line
def fetch(*, forever: bool, parent: int | None) -> None:
    """Fetch what callers left at the carrier; several may run at once."""
    from ivr.voicemail.crew import worker_of  # noqa: PLC0415 webhooks start without it

    line = answerline()
    with worker_of(line.settings, line.database, line.clock) as worker:
        if not forever:
            steps = worker.run()
            click.echo(f"{steps} {'step' if steps == 1 else 'steps'} done.")
            return
        beat = Heart(line.database, line.clock, FETCH.command).beat
        go_on(Loop(FETCH.called, worker.run, beat=beat), parent=parent)


def _in_a_line(message: dict[str, Any]) -> str:
    seconds = "-" if message["seconds"] is None else f"{message['seconds']} s"
    here = "here" if message["stored"] else f"not here ({message['error'] or 'not fetched yet'})"
    words = [message["state"], message["department"], message["topic"], message["from"], message["account_number"]]
    row = [f"{message['id']:>4}", message["at"], f"{seconds:>6}", *map(plain, words), plain(here)]
    return "  ".join([*row, *([plain(message["transcript"])] if message["transcript"] else [])])

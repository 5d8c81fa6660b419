"""`flask calls`: the call log."""

from typing import Any

import click
from flask.cli import AppGroup

from ivr.bootstrap import answerline
from ivr.cli.common import at_most, in_one_line, plain, print_json, since_time
from ivr.db.console.backlog import digest_backlog
from ivr.db.history import list_calls, show_call

calls = AppGroup("calls", help="The call log: list, show, digest, sweep, purge, erase.")


@calls.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list on standard output.")
@click.option("--since", metavar="ISO", help="Calls that began then or later; UTC unless it names a zone.")
@click.option("--limit", type=int, metavar="N", help="So many at most.")
@in_one_line
def list_(*, as_json: bool, since: str | None, limit: int | None) -> None:
    """List calls, newest first."""
    found = list_calls(answerline().database, since_time(since), at_most(limit))
    if as_json:
        print_json(found)
        return
    for call in found:
        click.echo(_in_a_line(call))
    if not found:
        click.echo("No calls.", err=True)


@calls.command("show")
@click.argument("sid")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@in_one_line
def show(sid: str, *, as_json: bool) -> None:
    """Show the call with this SID, turn by turn."""
    call = show_call(answerline().database, sid, answerline().calls.speak)
    if call is None:
        raise click.ClickException(f"there is no call {plain(sid)}")
    if as_json:
        print_json(call)
        return
    click.echo(_in_a_line(call))
    for turn in call["turns"]:
        click.echo(f"\n{turn['at']}  {turn['flow']}.{turn['node']}")
        click.echo(f"  hears    {plain(turn['heard'])}")
        click.echo(f"  presses  {plain(turn['input'])}")
        click.echo(f"  outcome  {plain(turn['outcome'])}")


@calls.command("digest")
@in_one_line
def digest() -> None:
    """Let the console find calls that are older than it: write what they are searched by."""
    written = 0
    for written in digest_backlog(answerline().database):
        click.echo(f"\r{written} calls", nl=False, err=True)
    click.echo("\r", nl=False, err=True)
    click.echo(
        f"{written} call{'s' * (written != 1)} digested." if written else "Nothing to do: the console knows every call."
    )


def _in_a_line(call: dict[str, Any]) -> str:
    seconds = "-" if call["duration_s"] is None else f"{call['duration_s']} s"
    words = [call["call_sid"], call["from"], call["status"], call["disposition"], call["transferred_to"]]
    return "  ".join([call["started_at"], f"{seconds:>7}", *map(plain, words)])

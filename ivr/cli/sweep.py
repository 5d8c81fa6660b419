"""`flask calls sweep`: close the calls whose end the carrier never told."""

import click
from flask.cli import with_appcontext

from ivr.bootstrap import answerline
from ivr.cli.common import in_one_line
from ivr.db.console.sweep import sweep as sweep_calls


@click.command("sweep")
@with_appcontext
@in_one_line
def sweep() -> None:
    """Close calls that nothing has been heard of for four hours, as lost; `flask waiting serve` does it, too."""
    line = answerline()
    closed = sweep_calls(line.database, line.calls, line.waiting, line.clock.now())
    click.echo(f"{closed} {'call' if closed == 1 else 'calls'} closed as lost.")

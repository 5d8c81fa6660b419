"""`flask line ...`: look at the flows."""

import click
from flask.cli import AppGroup

from ivr import diagram as diagrams
from ivr.bootstrap import answerline

line = AppGroup("line", help="The flows: lint, diagram, docs.")


@line.command("lint", help="List problems in the flows; exit code 1 if there are any.")
def lint_command() -> None:
    """Print every problem of the flows, one a line."""
    from ivr.doctor.flows import flow_issues  # noqa: PLC0415 webhooks start without it

    parts = answerline()
    issues = flow_issues(parts)
    for issue in issues:
        click.echo(str(issue), err=True)
    if issues:
        raise click.exceptions.Exit(1)
    click.echo(f"{sum(1 for _ in parts.line.nodes())} nodes in {len(parts.line.flows)} flows, no problems")


@line.command("diagram", help="Print the flows as a Mermaid drawing.")
@click.option("--overview", is_flag=True, help="Only the flows and which leads to which.")
def diagram(*, overview: bool) -> None:
    """Print Mermaid text."""
    draw = diagrams.overview if overview else diagrams.mermaid
    click.echo(draw(answerline().line), nl=False)

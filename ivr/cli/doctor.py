"""`flask doctor`: what is wrong with the line, and what mends it."""

from dataclasses import asdict

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.markup import escape

from ivr.bootstrap import answerline
from ivr.cli.common import print_json
from ivr.doctor.findings import Report, Severity
from ivr.setting_rules import SettingsError

REFUSAL = "answerline_refusal"
COLOURS = {Severity.BROKEN: "red", Severity.WARNING: "yellow"}


@click.command("doctor", help="Find what is wrong, and say what mends it; exit code 1 if anything is broken.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@with_appcontext
def doctor(*, as_json: bool) -> None:
    """Look at everything, side by side, and print what was found."""
    from ivr.doctor.visit import visit, visit_without_line  # noqa: PLC0415 webhooks start without it

    refused: SettingsError | None = current_app.extensions.get(REFUSAL)
    report = visit(answerline()) if refused is None else visit_without_line(refused)
    if as_json:
        print_json(asdict(report))
    else:
        _show(report)
    if report.is_broken:
        raise click.exceptions.Exit(1)


def app_of(refused: SettingsError) -> Flask:
    """Return an application that does nothing but say why the line does not start."""
    app = Flask(__name__)
    app.extensions[REFUSAL] = refused
    app.cli.add_command(doctor)
    return app


def _show(report: Report) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for finding in report.findings:
        colour = COLOURS[finding.severity]
        console.print(f"[{colour}]{finding.severity:<8}[/] [bold]{finding.name}[/] {escape(finding.what)}")
        console.print(f"         mend: {escape(finding.mend)}")
    reasons: dict[str, list[str]] = {}
    for skipped in report.skipped:
        reasons.setdefault(skipped.why, []).append(skipped.check)
    for why, checks in reasons.items():
        console.print(f"[dim]skipped  {', '.join(checks)}: {escape(why)}[/]")
    for note in report.notes:
        console.print(f"[dim]note     {escape(note)}[/]")
    broken = sum(finding.severity is Severity.BROKEN for finding in report.findings)
    done = report.checks - len(report.skipped)
    console.print(f"{done} checks: {broken} broken, {len(report.findings) - broken} to look at.")

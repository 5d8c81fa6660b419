"""`flask line docs`: the generated parts of the README and docs, written in place or compared."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
from flask.cli import with_appcontext

from ivr import diagram
from ivr.bootstrap import answerline
from ivr.config import ROOT, Settings
from ivr.events import COMMON, TYPES
from ivr.line import Line
from ivr.telemetry.scrape import everything

README, FLOWS, SETTINGS = ROOT / "README.md", ROOT / "docs" / "flows.md", ROOT / "docs" / "settings.md"
OPERATIONS = ROOT / "docs" / "operations.md"
EVENTS, BUDGET = ROOT / "docs" / "events.md", ROOT / "docs" / "budget.md"


@click.command("docs", help="Write the generated parts of README.md and docs/; --check only compares.")
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 if something is out of date.")
@with_appcontext
def docs(*, check: bool) -> None:
    """Bring the documents up to date with the code."""
    flows = answerline().line
    stale = [path for path, text in documents(flows) if path.read_text() != text]
    if check and stale:
        names = ", ".join(str(path.relative_to(ROOT)) for path in stale)
        raise click.ClickException(f"out of date: {names}; run `make format`")
    for path, text in documents(flows):
        if not check:
            path.write_text(text)


def documents(flows: Line) -> Iterator[tuple[Path, str]]:
    """Every document with generated parts, as it should read."""
    yield SETTINGS, between(SETTINGS.read_text(), "settings", settings_table())
    yield OPERATIONS, between(OPERATIONS.read_text(), "metrics", metrics_table())
    yield EVENTS, between(EVENTS.read_text(), "events", events_table())
    yield README, between(README.read_text(), "flows", f"```mermaid\n{diagram.overview(flows)}```")
    yield FLOWS, between(FLOWS.read_text(), "flows", f"```mermaid\n{diagram.mermaid(flows)}```")


def settings_table() -> str:
    """Every setting with its default and what it means, as a Markdown table."""
    rows = ["| name | default | meaning |", "|---|---|---|"]
    for field in fields(Settings):
        shown, text = field.metadata["shown"], field.metadata["help"]
        default = shown if "`" in shown or " " in shown else f"`{shown}`"
        rows.append(f"| `{field.name.upper()}` | {default} | {text} |")
    return "\n".join(rows)


def metrics_table() -> str:
    """Every metric with its kind and labels, as a Markdown table."""
    rows = ["| metric | kind | labels | meaning |", "|---|---|---|---|"]
    for metric in everything():
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        rows.append(f"| `{metric.name}` | {metric.kind} | {labels} | {metric.help} |")
    return "\n".join(rows)


def events_table() -> str:
    """Every type of event with its fields, as a Markdown table."""
    rows = ["| type | field of `data` | JSON | meaning |", "|---|---|---|---|"]
    rows += [f"| all | `{name}` | {kind} | {text} |" for name, (kind, text) in COMMON.items()]
    for event in TYPES:
        rows.append(f"| **`{event.TYPE}`** | | | {event.WHEN} |")
        for field in fields(event):
            kind = " or ".join(_JSON[part] for part in str(field.type).replace("typing.", "").split(" | "))
            rows.append(f"| | `{field.name}` | {kind} | {field.metadata['means']} |")
    return "\n".join(rows)


_JSON = {"<class 'str'>": "string", "<class 'int'>": "number", "str": "string", "int": "number", "None": "null"}


def between(text: str, name: str, generated: str) -> str:
    """Replace what stands between two marks. Raises: ClickException where they are missing."""
    begin, end = f"<!-- {name}: generated -->\n", f"\n<!-- /{name} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise click.ClickException(f"the marks of the generated part {name!r} are missing")
    return pattern.sub(lambda _: begin + generated + end, text)

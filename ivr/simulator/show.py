"""What the command line prints: a call as it goes on, and what a swarm found."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from ivr.simulator.events import Event, Response

if TYPE_CHECKING:
    from ivr.simulator.swarm import WebhookTimes

STYLES = {
    "hears": "bold cyan", "presses": "bold yellow", "says": "bold yellow", "dials": "magenta", "records": "magenta",
    "warning": "yellow", "error": "bold red", "ends": "bold green",
}  # fmt: skip


def json_printer() -> Callable[[Event], None]:
    """Print events as JSON, one a line."""

    def show(event: Event) -> None:
        sys.stdout.write(json.dumps(event.to_json(), ensure_ascii=False) + "\n")
        sys.stdout.flush()

    return show


def printer(*, verbose: bool, explain: bool = False) -> Callable[[Event], None]:
    """Print events for people. verbose: the webhooks, too. explain: and the TwiML before what it causes."""
    from rich.console import Console  # noqa: PLC0415 --json does without it
    from rich.text import Text  # noqa: PLC0415 the same

    from ivr.simulator.transcript import Sentences, line_of  # noqa: PLC0415 the same

    console, sentences = Console(highlight=False), Sentences()

    def show(event: Event) -> None:
        for whole in sentences.take(event):
            tell(whole)

    def tell(event: Event) -> None:
        who, what = line_of(event)
        if who in STYLES or (who and (verbose or explain)):
            style, quiet = (STYLES[who], "") if who in STYLES else ("dim", "dim")
            line = Text.assemble((f"{event.at:7.1f}  ", "dim"), (f"{who:<9}", style), (what, quiet))
            console.print(line, soft_wrap=True)
        if explain and isinstance(event, Response):
            for row in indented(event.twiml).splitlines():
                console.print(Text(f"{'':9}| {row}", "dim green"), soft_wrap=True)

    return show


def indented(twiml: str) -> str:
    """Return TwiML with one verb a line; anything else as it is."""
    if "<!DOCTYPE" in twiml:
        return twiml
    try:
        root = ET.fromstring(twiml)  # noqa: S314 without a DOCTYPE there are no entities to expand
    except ET.ParseError:
        return twiml
    ET.indent(root)
    return ET.tostring(root, encoding="unicode")


def tally(calls: int) -> Callable[[int], None]:
    """Count calls that are over, in place on a terminal; elsewhere nothing is printed."""

    def show(over: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{over} of {calls} calls" + ("\n" if over == calls else ""))
            sys.stderr.flush()

    return show


def print_load(rows: "Sequence[WebhookTimes]", calls: int, broken: int, *, as_json: bool) -> None:
    """Print what a swarm found: a table, or one JSON document."""
    if as_json:
        found = {"calls": calls, "failed_calls": broken, "webhooks": [asdict(row) for row in rows]}
        sys.stdout.write(json.dumps(found) + "\n")
        return
    width = max([len("webhook"), *(len(row.webhook) for row in rows)])
    columns = ("requests", "failed", "p50 ms", "p90 ms", "p99 ms", "max ms")
    out = [f"{'webhook':<{width}}" + "".join(f"{name:>10}" for name in columns)]
    for row in rows:
        times = (row.p50_ms, row.p90_ms, row.p99_ms, row.max_ms)
        counts = f"{row.requests:>10}{row.failed:>10}"
        out.append(f"{row.webhook:<{width}}{counts}" + "".join(f"{ms:>10.1f}" for ms in times))
    out.append(f"{calls} calls, {broken} of them failed by the application")
    sys.stdout.write("\n".join(out) + "\n")

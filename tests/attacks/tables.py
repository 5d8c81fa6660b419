"""Tables that `make attack` prints to the terminal, and adds to `build/attack.md`."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

KEPT = Path(__file__).parents[2] / "build" / "attack.md"


def show(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table past pytest's capture, in columns that line up, and add it as Markdown to `build/attack.md`."""
    table = [[str(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    lines.insert(1, "  ".join("-" * width for width in widths))
    with _terminal() as terminal:
        terminal.write("\n".join(["", "", title, "", *lines, ""]))
    KEPT.parent.mkdir(exist_ok=True)
    marked = [f"| {' | '.join(row)} |" for row in table]
    marked.insert(1, "|---" * len(widths) + "|")
    with KEPT.open("a", encoding="utf-8") as kept:
        kept.write("\n".join(["", f"### {title}", "", *marked, ""]))


def _terminal():
    """Open what the terminal is under the capture; this needs `pytest -s`, and standard output will do for less."""
    return os.fdopen(os.dup(sys.__stdout__.fileno()), "w", encoding="utf-8")

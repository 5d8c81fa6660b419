"""Tables that `make attack` prints, and adds to `build/attack.md`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

KEPT = Path(__file__).parents[2] / "build" / "attack.md"


def show(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table in columns that line up (pytest's `-s` lets it through), and add it as Markdown to a file."""
    table = [[str(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    aligned = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    aligned.insert(1, "  ".join("-" * width for width in widths))
    print("\n", title, "", *aligned, sep="\n", flush=True)  # noqa: T201 it is what it is for
    marked = [f"| {' | '.join(row)} |" for row in table]
    marked.insert(1, "|---" * len(widths) + "|")
    KEPT.parent.mkdir(exist_ok=True)
    with KEPT.open("a", encoding="utf-8") as kept:
        kept.write("\n".join(["", f"### {title}", "", *marked, ""]))

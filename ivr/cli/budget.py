"""`flask line budget`: how long callers wait for the first word of each answer."""

import re
from collections.abc import Sequence

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from ivr.audio.store import ClipStore
from ivr.bootstrap import answerline
from ivr.budget import EXPERT_S_MAX, FIRST_TIME_S_MAX, MAIN_MENU_S_MAX, Budget, budgets, main_menu
from ivr.cli.docs import BUDGET, between
from ivr.lint import seconds
from ivr.prompts import Prompt
from ivr.speech import Speech

DRIFT_S = 1.0  # what another machine's rendering may differ by before docs/budget.md is called wrong
COLUMNS = ("what callers want", "keys", "first time", "typical", "expert")


@click.command("budget", help="Print the seconds to each answer; exit code 1 where a caller would wait too long.")
@click.option("--write", is_flag=True, help="Write the table into docs/budget.md.")
@with_appcontext
def budget(*, write: bool) -> None:
    """Work out the table, print it, and hold it to its limits and to what docs/budget.md promises."""
    line = answerline()
    length = Length(line.voice.speech, ClipStore(line.settings.clips_dir))
    rows, menu_s = list(budgets(line.line, length)), main_menu(line.line, length)
    table = Table(*COLUMNS, caption=f"main menu: {menu_s:.1f} s")
    for cells in _cells(rows):
        table.add_row(*cells)
    Console().print(table)
    if length.guessed:
        click.echo(
            f"{len(length.guessed)} prompts have no clip; their length is estimated. Run `flask prompts render`."
        )
    if write:
        BUDGET.write_text(between(BUDGET.read_text(), "budget", markdown(rows, menu_s)))
    late = [row.topic for row in rows if not row.is_kept] + (["the main menu"] if menu_s > MAIN_MENU_S_MAX else [])
    if late:
        limits = f"{FIRST_TIME_S_MAX:.0f} s first time, {EXPERT_S_MAX:.0f} s expert, {MAIN_MENU_S_MAX:.0f} s main menu"
        raise click.ClickException(f"too long for a caller ({limits}): {', '.join(late)}")
    if not length.guessed and (off := drift(BUDGET.read_text(), markdown(rows, menu_s))) > DRIFT_S:
        raise click.ClickException(f"docs/budget.md is {off:.1f} s off; run `flask line budget --write`")


class Length:
    """Seconds that prompts take, by their clips. guessed: prompts that have none, by id; their length is estimated."""

    def __init__(self, speech: Speech, clips: ClipStore) -> None:
        self._speech, self._clips = speech, clips
        self.guessed: set[str] = set()

    def __call__(self, prompt: Prompt) -> float:
        """Return the length of one."""
        found = [self._clips.find(clip) for clip in self._speech.clips(prompt, {})]
        if all(found):
            return sum(built.seconds for built in found if built)
        self.guessed.add(prompt.id)
        return seconds([prompt])


def markdown(rows: Sequence[Budget], menu_s: float) -> str:
    """Write the table as docs/budget.md shows it."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---|---|---:|---:|---:|", *(f"| {' | '.join(c)} |" for c in _cells(rows))]
    return "\n".join([*lines, "", f"The main menu takes {menu_s:.1f} s."])


def drift(there: str, here: str) -> float:
    """Return by how many seconds two tables differ at most; endlessly where their rows do."""
    theirs = there.partition("<!-- budget: generated -->\n")[2].partition("\n<!-- /budget -->")[0]
    number = re.compile(r"[0-9.]+(?= s)")
    if number.sub("", theirs) != number.sub("", here):
        return float("inf")
    pairs = zip(number.findall(theirs), number.findall(here), strict=True)
    return max(abs(float(one) - float(other)) for one, other in pairs)


def _cells(rows: Sequence[Budget]) -> list[tuple[str, ...]]:
    return [
        (row.topic, row.keys, f"{row.first_time:.1f} s", f"{row.typical:.1f} s", f"{row.expert:.1f} s") for row in rows
    ]

"""`flask prompts check`: the audio gate over every clip the line can play."""

from collections.abc import Collection
from statistics import median
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from ivr.audio.voice import VoiceError, check_tools
from ivr.cli.common import in_one_line
from ivr.cli.prompts import catalogue, sources

if TYPE_CHECKING:  # measuring needs tools that a line without a voice does not have
    from ivr.audio.measure import Measured


@click.command("check")
@with_appcontext
@in_one_line
def check() -> None:
    """Measure the audio of every prompt, and list what is wrong with it; exit code 1 if anything is."""
    try:
        check_tools()
    except VoiceError as error:
        raise click.ClickException(str(error)) from None
    from ivr.audio.gate import examine  # noqa: PLC0415 it needs those tools

    clips = catalogue()
    examined = examine(clips, sources().store)
    for finding in examined.findings:
        click.echo(str(finding))
    if examined.measured:
        Console().print(_table(examined.measured.values()))
    for clip_id, m in examined.music.items():
        click.echo(f"{clip_id}: {m.seconds:.1f} s, {m.loudness:.2f} LUFS, peak {m.peak_db:.2f} dBFS")
    if examined.findings:
        wrong = len({finding.clip for finding in examined.findings})
        raise click.ClickException(f"{wrong} of {len(clips)} clips must not be played to callers as they are")
    click.echo("No problems.")


def _table(clips: Collection["Measured"]) -> Table:
    loudness = [clip.loudness for clip in clips]
    table = Table(box=None, show_header=False)
    table.add_row("clips", str(len(clips)))
    table.add_row("loudness, LUFS", f"{min(loudness):.2f} to {max(loudness):.2f}, median {median(loudness):.2f}")
    table.add_row("highest peak, dBFS", f"{max(clip.peak_db for clip in clips):.2f}")
    table.add_row("together, s", f"{sum(clip.seconds for clip in clips):.0f}")
    return table

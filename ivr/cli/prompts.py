"""`flask prompts`: the audio of the prompts."""

import time
from collections.abc import Callable
from typing import Self

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ivr import prompts as texts
from ivr.audio.pronunciation import PronunciationError
from ivr.audio.recipe import Sources
from ivr.audio.render import Rendered, render
from ivr.audio.voice import VoiceError, find_voice
from ivr.bootstrap import answerline
from ivr.cli.needs import in_one_line, plain
from ivr.clip import Clip

prompts = AppGroup("prompts", help="The audio of the prompts: list, render, record.")


def catalogue() -> list[Clip]:
    """Return every clip the line can play."""
    line = answerline()
    return list(line.voice.speech.catalogue(texts.prompts(line.line)))


def sources() -> Sources:
    """Return what this line's clips are made from."""
    settings = answerline().settings
    try:
        voice, why = find_voice(settings.voice_model), ""
    except VoiceError as error:
        voice, why = None, str(error)
    return Sources(settings.prompts_dir, settings.say_language, voice, why)


def render_what_is_missing() -> None:
    """Render before the line serves. Whatever cannot be rendered is spoken with <Say>, and said in one line."""
    try:
        done = _render(lambda _: False)
    except (VoiceError, PronunciationError, OSError) as error:
        click.echo(f"Prompts without audio are spoken with <Say>: {error}", err=True)
    else:
        if done.failed:
            click.echo(f"Spoken with <Say>: {_many(len(done.failed))} that could not be rendered.", err=True)


@prompts.command("render")
@click.option("--all", "everything", is_flag=True, help="Every prompt, even if its audio is there.")
@click.option("--only", metavar="ID", help="This prompt, even if its audio is there.")
@in_one_line
def render_command(*, everything: bool, only: str | None) -> None:
    """Make the audio of every prompt that lacks it, or whose words, recording or voice have changed."""
    if only and only not in {clip.id for clip in catalogue()}:
        raise click.ClickException(f"there is no prompt {plain(only)}")
    began = time.monotonic()
    try:
        done = _render(lambda clip_id: everything or clip_id == only)
    except (VoiceError, PronunciationError) as error:
        raise click.ClickException(str(error)) from None
    if done.failed:
        raise click.ClickException(f"{_many(len(done.failed))} could not be rendered; see above")
    click.echo(f"Made {_many(done.made)} in {time.monotonic() - began:.0f} s." if done.made else "Nothing to do.")


def _render(again: Callable[[str], bool]) -> Rendered:
    with _Screen() as screen:
        return render(sources(), catalogue(), screen, again=again)


class _Screen:
    """A progress bar, or a line of text where there is no terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        shown = (TextColumn("Rendering prompts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*shown, console=self._console, transient=True, disable=not self._console.is_terminal)
        self._task = self._bar.add_task("", total=None, visible=False)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def waiting(self) -> None:
        self.trouble("Another process is rendering; waiting for it.")

    def begins(self, clips: int) -> None:
        self._bar.update(self._task, total=clips, visible=True)
        if not self._console.is_terminal:
            self.trouble(f"Rendering {_many(clips)}.")

    def tried(self) -> None:
        self._bar.advance(self._task)

    def trouble(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)


def _many(clips: int) -> str:
    return f"{clips} {'prompt' if clips == 1 else 'prompts'}"

"""`flask prompts`: the audio of the prompts."""

import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.table import Table

from ivr import prompts as texts
from ivr.audio.pronunciation import PronunciationError
from ivr.audio.recipe import RENDERED, Job, Sources
from ivr.audio.recordings import RecordingError
from ivr.audio.store import Built, write_whole
from ivr.audio.voice import VoiceError, check_tools, find_voice
from ivr.bootstrap import answerline
from ivr.cli.common import in_one_line, plain, print_json
from ivr.clip import HOLD_SOUND, Clip

if TYPE_CHECKING:
    from ivr.audio.audition import Judge

MISSING = "missing"

prompts = AppGroup("prompts", help="The audio of the prompts: list, render, record.")


def catalogue() -> list[Clip]:
    """Return every clip the line can play."""
    line = answerline()
    return [*line.voice.speech.catalogue(texts.prompts(line.line)), HOLD_SOUND]


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
    here, clips = sources(), catalogue()
    try:
        unmade = here.unmade(clips)
        able = _able(here, unmade)
        if mute := len(unmade) - len(able):
            click.echo(f"{_many(mute)} {'is' if mute == 1 else 'are'} spoken with <Say>: {here.no_voice}", err=True)
        if able:
            failed = make_clips(here, clips, only=able)[1]
            if failed:
                click.echo(f"{_many(failed)} without audio: spoken with <Say>.", err=True)
            return
    except (VoiceError, PronunciationError, OSError) as error:
        click.echo(f"Prompts without audio are spoken with <Say>: {plain(error)}", err=True)
    for row in here.store.built().values():
        if row.note:
            click.echo(f"{plain(row.note)}; the {row.source} clip is used.", err=True)


def _able(here: Sources, unmade: list[Job]) -> set[str]:
    """Return the ids of what can be made on this machine; without a voice, that is recordings and music."""
    if here.voice:
        return {job.clip.id for job in unmade}
    try:
        check_tools()
    except VoiceError:
        return set()
    return {job.clip.id for job in unmade if not job.needs_voice}


@prompts.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list on standard output.")
@click.option("--missing", is_flag=True, help="Only prompts without audio.")
@click.option("--stale", is_flag=True, help="Only prompts whose words, recording or voice have changed.")
@in_one_line
def list_(*, as_json: bool, missing: bool, stale: bool) -> None:
    """List the prompts, and the audio there is of them."""
    here = sources()
    built = here.store.built()
    rows = [_row(job, built.get(job.clip.id), here) for job in _jobs(here)]
    if missing or stale:
        rows = [row for row in rows if (missing and row.source == MISSING) or (stale and row.stale)]
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    table = Table("Id", "Text", "Seconds", "Audio", "")
    for row in rows:
        seconds = "" if row.seconds is None else f"{row.seconds:.1f}"
        table.add_row(row.id, row.text, seconds, row.source, "stale" if row.stale else plain(row.note).strip("-"))
    Console().print(table)
    click.echo(f"{_many(len(rows))}, {sum(row.seconds or 0 for row in rows):.0f} s of audio", err=True)


@prompts.command("render")
@click.option("--all", "everything", is_flag=True, help="Every prompt, even if its audio is there.")
@click.option("--only", metavar="ID", help="This prompt and no other, even if its audio is there.")
@in_one_line
def render_command(*, everything: bool, only: str | None) -> None:
    """Make the audio of every prompt that lacks it, or whose words, recording or voice have changed."""
    here, clips, began = sources(), catalogue(), time.monotonic()
    if only is not None:
        clip_named(only)
    if not (everything or only or _unmade(here, clips) or set(here.store.built()) != {clip.id for clip in clips}):
        click.echo("Nothing to do.")
        return
    try:
        made, failed = make_clips(here, clips, everything=everything, only={only} if only else ())
    except (VoiceError, PronunciationError) as error:
        raise click.ClickException(plain(error)) from None
    except OSError as error:
        raise click.ClickException(f"{here.store.folder}: {error.strerror}; PROMPTS_DIR names its place") from None
    if failed:
        raise click.ClickException(f"{_many(failed)} could not be rendered; the reason is above")
    click.echo(f"Made {_many(made)} in {time.monotonic() - began:.0f} s.")


@prompts.command("record")
@click.argument("clip_id", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
@in_one_line
def record(clip_id: str, file: Path) -> None:
    """Have a recording (WAV, MP3, Ogg, WebM, M4A) played for the prompt ID, if it can be understood as that."""
    here, clip = sources(), clip_named(clip_id)
    try:
        check_tools()
        wav = _heard_out(here, clip, file)
        write_whole(here.recordings / f"{clip_id}.wav", wav)
        make_clips(here, catalogue(), only={clip_id})
    except (RecordingError, VoiceError, PronunciationError) as error:
        raise click.ClickException(plain(error)) from None
    except OSError as error:
        raise click.ClickException(f"{here.recordings}: {error.strerror}; nothing was changed") from None
    click.echo(f"{clip_id} is played from {here.recordings / clip_id}.wav now, {len(wav) / 96_000:.1f} s.")


@dataclass(frozen=True)
class _Row:
    """A prompt and its audio. stale: there is some, but it is not what it would become. note: why not the recording."""

    id: str
    text: str
    seconds: float | None
    source: str
    stale: bool
    note: str


def _row(job: Job, built: Built | None, here: Sources) -> _Row:
    found, stale = here.store.find(job.clip), built is not None and not job.is_made(built)
    if found is None:
        return _Row(job.clip.id, job.clip.text, None, MISSING, stale, "")
    return _Row(job.clip.id, job.clip.text, found.seconds, found.source, stale, found.note)


def _jobs(here: Sources) -> list[Job]:
    try:
        return here.jobs(catalogue())
    except PronunciationError as error:
        raise click.ClickException(str(error)) from None


def _unmade(here: Sources, clips: list[Clip]) -> bool:
    try:
        return bool(here.unmade(clips))
    except PronunciationError as error:
        raise click.ClickException(str(error)) from None


def clip_named(clip_id: str) -> Clip:
    """Return a clip by its id. Raises: ClickException with the nearest ones where there is none."""
    clips = {clip.id: clip for clip in catalogue()}
    if clip_id in clips:
        return clips[clip_id]
    near = get_close_matches(clip_id, clips, 3)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; `flask prompts list` names them all"
    raise click.ClickException(f"there is no prompt {plain(clip_id)}{hint}")


def _heard_out(here: Sources, clip: Clip, file: Path) -> bytes:
    from ivr.audio.audition import Expected, audition  # noqa: PLC0415 loads scipy

    return audition(file, Expected(clip, spoken_s(here, clip)), _judge(here.language))


def spoken_s(here: Sources, clip: Clip) -> float | None:
    """Return how long the voice speaks for a clip, in seconds; None where it does not."""
    there = here.store.find(clip)
    return there.seconds - clip.lead_s - clip.tail_s if there and there.source == RENDERED else None


def judge_of(language: str) -> "Judge | None":
    """Return an ear for recordings, where there is one."""
    return _judge(language)


def _judge(language: str) -> "Judge | None":
    """Return an ear for recordings, where there is one on this machine that understands the language."""
    if language.split("-", maxsplit=1)[0] != "en" or find_spec("faster_whisper") is None:
        return None
    from ivr.audio.ear import DeafError, Ear  # noqa: PLC0415 loads scipy
    from ivr.audio.heard import word_errors  # noqa: PLC0415 for the ear alone

    try:
        ear = Ear()
    except DeafError:
        return None

    def judge(path: Path, meant: str) -> tuple[float, str]:
        heard = ear.hear(path, context=False)  # with it, a hum is heard as `GoToMeeting support`
        return word_errors(meant, heard), heard

    return judge


def make_clips(
    here: Sources, clips: list[Clip], *, everything: bool = False, only: Collection[str] = ()
) -> tuple[int, int]:
    """Return how many clips were made, and how many could not be. Raises: VoiceError, PronunciationError."""
    from ivr.audio.bench import forget_bench  # noqa: PLC0415 loads what only a rendering needs
    from ivr.audio.render import render  # noqa: PLC0415 loads what only a rendering needs
    from ivr.cli.progress import Progress  # noqa: PLC0415 the same

    try:
        with Progress() as progress:
            done = render(here, clips, progress, everything=everything, only=only)
    finally:
        forget_bench()
    return done.made, len(done.failed)


def _many(clips: int) -> str:
    return f"{clips} {'prompt' if clips == 1 else 'prompts'}"

"""`flask prompts try` and `flask prompts reset`: a recording before it is put in place, and the way back."""

from contextlib import suppress
from pathlib import Path

import click
from flask.cli import with_appcontext

from ivr.audio.lock import locked
from ivr.audio.pronunciation import PronunciationError
from ivr.audio.recipe import RECORDED, RENDERED
from ivr.audio.recordings import KINDS, RecordingError
from ivr.audio.voice import VoiceError, check_tools
from ivr.cli import prompts
from ivr.cli.common import in_one_line, plain, print_json


@click.command("try")
@click.argument("clip_id", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for it.")
@with_appcontext
@in_one_line
def try_(clip_id: str, file: Path, into: Path) -> None:
    """Say as JSON what is wrong with a recording for the prompt ID; write it, and the clip of it, into a folder."""
    here, clip = prompts.sources(), prompts.clip_named(clip_id)
    try:
        check_tools()
    except VoiceError as error:
        raise click.ClickException(str(error)) from None
    from ivr.audio.audition import Expected  # noqa: PLC0415 loads scipy
    from ivr.audio.draft import plain as in_words  # noqa: PLC0415 the same
    from ivr.audio.draft import try_recording  # noqa: PLC0415 the same

    try:
        expected = Expected(clip, prompts.spoken_s(here, clip))
        verdict = try_recording(file, expected, into, prompts.judge_of(here.language))
    except RecordingError as error:
        print_json({"seconds": None, "problems": [in_words(error, file)]})
    except OSError as error:
        raise click.ClickException(f"{into}: {error.strerror}") from None
    else:
        print_json({"seconds": verdict.seconds, "problems": list(verdict.problems)})


@click.command("reset")
@click.argument("clip_id", metavar="ID")
@with_appcontext
@in_one_line
def reset(clip_id: str) -> None:
    """Take a person's recording of the prompt ID away: the voice speaks it again."""
    here, clip = prompts.sources(), prompts.clip_named(clip_id)
    try:
        for kind in KINDS:
            with suppress(FileNotFoundError):
                (here.recordings / f"{clip_id}.{kind}").unlink()
        if here.voice or clip.music:
            made, _ = prompts.make_clips(here, prompts.catalogue(), only={clip_id})
        else:
            made = 0
        if not made:  # what was recorded must not be heard any more, whatever is heard instead
            with locked(here.store.folder / ".lock", lambda: None):
                rows = here.store.built()
                here.store.keep({name: row for name, row in rows.items() if name != clip_id or row.source != RECORDED})
    except (VoiceError, PronunciationError) as error:
        raise click.ClickException(plain(error)) from None
    except OSError as error:
        raise click.ClickException(f"{here.recordings}: {error.strerror}") from None
    click.echo(f"{clip_id} is {RENDERED} again." if made else f"{clip_id} is spoken with <Say>: {here.no_voice}")

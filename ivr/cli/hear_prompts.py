"""`flask prompts hear`: a speech recognizer listens to the prompts, and writes down what it understands."""

import time
from dataclasses import replace
from itertools import chain

import click
from flask.cli import with_appcontext

from ivr import prompts as texts
from ivr.audio.pronunciation import PronunciationError
from ivr.audio.recipe import Sources
from ivr.audio.sentence import Sentence, whole_clips
from ivr.audio.store import ClipStore
from ivr.audio.voice import VoiceError, check_tools
from ivr.bootstrap import answerline
from ivr.cli.common import in_one_line, plain
from ivr.cli.prompts import catalogue, make_clips, sources
from ivr.clip import Clip
from ivr.sentences import DRAWN, EAR_ONLY, drawn_sentences, ear_only_clips


@click.command("hear")
@click.option("--sentences", "count", default=DRAWN, show_default=True, help="How many sentences with values to draw.")
@click.option("--seed", default=1, show_default=True, help="Another number draws other values.")
@with_appcontext
@in_one_line
def hear(*, count: int, seed: int) -> None:
    """Have every whole prompt, and sentences with values, heard by a machine; exit code 1 where it heard others.

    Codes, dates, amounts, counts and minutes must be heard exactly, of all words at most 5 % may be wrong. Needs
    requirements-ear.txt and the voice, and understands English only.
    """
    line = answerline()
    speech = line.voice.speech
    whole = list(whole_clips(catalogue()))
    drawn = drawn_sentences(speech, chain(texts.prompts(line.line), EAR_ONLY), count, seed)
    here = sources()
    for_the_ear = replace(here, language=f"{here.language}.ear")  # beside the line's clips, which are left as they are
    _make(for_the_ear, ear_only_clips(drawn, catalogue()))
    began = time.monotonic()
    told = _tell([here.store, for_the_ear.store], list(chain(whole, drawn)))
    click.echo(
        f"{len(whole)} whole prompts and {len(drawn)} sentences with values in {time.monotonic() - began:.0f} s."
    )
    if told:
        raise click.ClickException(told)


def _make(here: Sources, clips: list[Clip]) -> None:
    """Render what only the ear is to hear, unless it is there from the last time. Raises: ClickException."""
    try:
        if not here.unmade(clips):
            return
        failed = make_clips(here, clips)[1]
    except (VoiceError, PronunciationError, OSError) as error:
        raise click.ClickException(plain(error)) from None
    if failed:
        raise click.ClickException(f"{failed} clips for the ear could not be rendered; the reason is above")


def _tell(stores: list[ClipStore], sentences: list[Sentence]) -> str:
    """Print what was misheard, one sentence after another. Return what is too much of it; '' where nothing is."""
    try:
        check_tools()
    except VoiceError as error:
        raise click.ClickException(str(error)) from None
    from ivr.audio.ear import DeafError  # noqa: PLC0415 it needs those tools
    from ivr.audio.listening import ERRORS, MissingClipError, listen  # noqa: PLC0415 the same

    words = errors = values = again = wrong = 0
    try:
        for heard in listen(stores, sentences):
            words, errors = words + heard.words, errors + heard.errors
            values += len(heard.sentence.values)
            again, wrong = again + len(heard.again), wrong + len(heard.wrong)
            if heard.worth_telling:
                marks = "".join(f"\n  WRONG: {value}" for value in heard.wrong)
                click.echo(f"{heard.sentence.id}: {heard.errors} of {heard.words} words")
                click.echo(f"  meant: {heard.sentence.words}\n  heard: {heard.text}{marks}")
    except (DeafError, MissingClipError) as error:
        raise click.ClickException(str(error)) from None
    share = errors / max(1, words)
    click.echo(f"{errors} of {words} words were misheard ({share:.1%}; at most {ERRORS:.0%}).")
    click.echo(f"{values} codes, dates, amounts and other values: {again} only at a second hearing, {wrong} never.")
    if wrong:
        return f"{wrong} values were not heard as they are"
    return f"more than {ERRORS:.0%} of the words were misheard" if share > ERRORS else ""

"""A recording that is tried: heard out as callers would hear it, with everything that is wrong with it in words."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ivr.audio.audition import Expected, Judge, audition
from ivr.audio.finish import MUSIC, SPOKEN, finish
from ivr.audio.gate import check
from ivr.audio.recipe import RECORDED
from ivr.audio.recordings import MOST_SECONDS, RecordingError, check_file
from ivr.audio.segments import UnreadableError, read_any, wav_of
from ivr.audio.store import ClipStore, write_whole

RECORDING, CLIP = "recording.wav", "clip.wav"


@dataclass(frozen=True)
class Verdict:
    """What came of it. seconds: of the clip. problems: one sentence each; none where it can be put in place."""

    seconds: float
    problems: tuple[str, ...]


def try_recording(path: Path, expected: Expected, folder: Path, judge: Judge | None = None) -> Verdict:
    """Write a recording, and the clip that callers would hear of it, into a folder; and say what is wrong with it.

    Raises: RecordingError where there is nothing to be heard at all.
    """
    clip = expected.clip
    try:
        sound = read_any(path, check_file(path), MOST_SECONDS)
        done = finish(sound, clip.lead_s, clip.tail_s, MUSIC if clip.music else SPOKEN)
    except UnreadableError as error:
        raise RecordingError(f"{path}: {error}") from None
    write_whole(folder / RECORDING, wav_of(sound))
    write_whole(folder / CLIP, done.wav)
    problems: list[str] = []
    try:
        audition(folder / RECORDING, expected, judge)
    except RecordingError as error:
        problems.append(plain(error, folder / RECORDING))
    with TemporaryDirectory() as bench:
        store = ClipStore(Path(bench))
        store.keep({clip.id: store.put(clip, done.wav, seconds=done.seconds, source=RECORDED, recipe="")})
        problems += (finding.text for finding in check([clip], store))
    return Verdict(done.seconds, tuple(problems))


def plain(error: RecordingError, path: Path) -> str:
    """Write what is wrong as a sentence, without the name of a file that nobody chose."""
    said = str(error).removeprefix(f"{path}: ").rstrip(".")
    return f"{said[:1].upper()}{said[1:]}."

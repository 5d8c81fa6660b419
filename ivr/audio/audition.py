"""Whether a recording can take the place of the voice: heard out before it is let in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ivr.audio.edges import speech_edges
from ivr.audio.finish import MUSIC, SPOKEN, finish
from ivr.audio.hold_gate import LEAST_S, MOST_S
from ivr.audio.recordings import MOST_SECONDS, RecordingError, check_file
from ivr.audio.segments import Samples, Segment, UnreadableError, read_any, samples_of, wav_of
from ivr.clip import Clip

_QUIET_DB = -45.0  # speech that is turned up by more than 25 dB brings its room with it
_CLIPPED_RUN, _CLIPPED_RUNS = 3, 5  # so many samples at the rail, so often
_RAIL = 0.995
_SLOWEST, _FASTEST = 80, 260  # words a minute
_SLACK_S = 0.6  # of a clip of one word
_RATIO = 2.0  # how much longer or shorter than the voice a person may be
_MOST_ERRORS = 0.34

Judge = Callable[[Path, str], tuple[float, str]]
"""Takes a WAV file and what it should say; returns the share of words that differ, and what was heard."""


@dataclass(frozen=True)
class Expected:
    """What a recording is for. seconds: how long the voice takes for it, without silence; None where not known."""

    clip: Clip
    seconds: float | None = None


def audition(path: Path, expected: Expected, judge: Judge | None = None) -> bytes:
    """Return the recording as it is to be kept: a WAV file of one channel and 16 bits.

    Raises: RecordingError, which says in one line why not.
    """
    clip = expected.clip
    try:
        sound = read_any(path, check_file(path), MOST_SECONDS)
        finish(sound, clip.lead_s, clip.tail_s, MUSIC if clip.music else SPOKEN)
    except UnreadableError as error:
        raise RecordingError(f"{path}: {error}") from None
    for problem in (_level(sound), _length(sound, expected)):
        if problem:
            raise RecordingError(f"{path}: {problem}")
    wav = wav_of(sound)
    if judge and not clip.music:
        with TemporaryDirectory() as folder:
            heard_as = Path(folder) / "recording.wav"
            heard_as.write_bytes(wav)
            errors, heard = judge(heard_as, clip.text)
        if errors > _MOST_ERRORS:
            raise RecordingError(f"{path}: heard {heard!r}, which is not {clip.text!r}")
    return wav


def _level(sound: Segment) -> str:
    samples = _speech(sound)
    level = 10 * np.log10(float(np.mean(samples**2)) + 1e-12)
    if level < _QUIET_DB:
        return f"too quiet: speech at {level:.0f} dB of full scale; record it louder than {_QUIET_DB:.0f}"
    rail = np.abs(samples) > _RAIL
    clipped = np.convolve(rail, np.ones(_CLIPPED_RUN), mode="valid") == _CLIPPED_RUN
    if (runs := int(np.count_nonzero(np.diff(clipped.astype(int)) == 1))) >= _CLIPPED_RUNS:
        return f"clipped in {runs} places; record it with less gain"
    return ""


def _length(sound: Segment, expected: Expected) -> str:
    seconds, words = len(_speech(sound)) / sound.frame_rate, len(expected.clip.text.split())
    if expected.clip.music:
        wrong = not LEAST_S <= seconds <= MOST_S
        return (
            f"{seconds:.1f} s; between two announcements callers hear {LEAST_S:.0f} to {MOST_S:.0f} s" if wrong else ""
        )
    if expected.seconds is None:
        least, most = words * 60 / _FASTEST, words * 60 / _SLOWEST
    else:
        least, most = expected.seconds / _RATIO, expected.seconds * _RATIO
    if max(least - _SLACK_S, 0) <= seconds <= most + _SLACK_S:
        return ""
    wanted = f"{max(least - _SLACK_S, 0):.1f} to {most + _SLACK_S:.1f} s"
    return f"{seconds:.1f} s of speech; {expected.clip.text!r} takes {wanted}"


def _speech(sound: Segment) -> Samples:
    samples, rate_hz = samples_of(sound)
    return samples[slice(*(speech_edges(samples, rate_hz) or (0, len(samples))))]

"""From any recording of a voice to a clip as the telephone carries it: band, edges, loudness, code."""

from dataclasses import dataclass

from ivr.audio import mulaw
from ivr.audio.band import RATE_HZ, telephone_band
from ivr.audio.edges import speech_edges
from ivr.audio.limiter import limit
from ivr.audio.loudness import loudness
from ivr.audio.segments import Samples, Segment, UnreadableError, samples_of, segment_of, silence

_NEAR_LU = 0.1
_ROUNDS = 6  # each round of limiting takes a little of the loudness away
_ONSET_S, _DECAY_S = 0.02, 0.06  # kept of what is too soft to count as speech, and faded


@dataclass(frozen=True)
class Level:
    """How loud clips are. loudness: in LUFS. ceiling: of the samples; coded, they may be a little higher."""

    loudness: float
    ceiling: float


SPOKEN = Level(-20.0, 10 ** (-3.2 / 20))
MUSIC = Level(-24.0, 10 ** (-6.3 / 20))  # waiting is softer than being spoken to


class SilentError(UnreadableError):
    """There is nothing to be heard."""


@dataclass(frozen=True)
class Finished:
    """A clip's file, and how long it is in seconds."""

    wav: bytes
    seconds: float


def finish(sound: Segment, lead_s: float, tail_s: float, level: Level = SPOKEN) -> Finished:
    """Make a clip of what was spoken or recorded, with so much silence before and after.

    Raises: SilentError.
    """
    clip = _around(_telephone(sound), lead_s, tail_s)
    return level_out(samples_of(clip)[0], level)


def level_out(samples: Samples, level: Level) -> Finished:
    """Bring a sound at 8 kHz to the loudness of others like it, and code it; what would be too high a peak is limited.

    Measured on the coded sound, as telephones play it.
    """
    gain_db, codes = 0.0, b""
    for _ in range(_ROUNDS):
        codes = mulaw.encode(limit(samples * 10 ** (gain_db / 20), RATE_HZ, level.ceiling))
        missing = level.loudness - loudness(mulaw.decode(codes), RATE_HZ)
        if abs(missing) < _NEAR_LU:
            break
        gain_db += missing
    return Finished(mulaw.wav(codes, RATE_HZ), len(codes) / RATE_HZ)


def _telephone(sound: Segment) -> Segment:
    samples, rate_hz = samples_of(sound)
    if len(samples) < 2:  # noqa: PLR2004 a filter needs something to go over
        raise SilentError("nothing is to be heard in it")
    return segment_of(telephone_band(samples, rate_hz), RATE_HZ)


def _around(sound: Segment, lead_s: float, tail_s: float) -> Segment:
    """Cut the sound to its speech, and put silence of exact length around it."""
    edges = speech_edges(*samples_of(sound))
    if edges is None:
        raise SilentError("nothing is to be heard in it")
    begin, end = (edge / RATE_HZ for edge in edges)
    onset, decay = min(_ONSET_S, lead_s, begin), min(_DECAY_S, tail_s, sound.duration_seconds - end)
    speech = sound[round((begin - onset) * 1000) : round((end + decay) * 1000)]
    speech = speech.fade_in(max(round(onset * 1000), 2)).fade_out(max(round(decay * 1000), 2))
    return silence(lead_s - onset, RATE_HZ) + speech + silence(tail_s - decay, RATE_HZ)

"""From any recording of a voice to a clip as the telephone carries it: band, edges, loudness, code."""

from dataclasses import dataclass

from ivr.audio import mulaw
from ivr.audio.band import RATE_HZ, telephone_band
from ivr.audio.edges import speech_edges
from ivr.audio.limiter import limit
from ivr.audio.loudness import loudness
from ivr.audio.segments import Segment, UnreadableError, samples_of, segment_of, silence

TARGET_LUFS = -20.0
CEILING = 10 ** (-3.2 / 20)  # of the samples; coded, and coarser, they stay below -3 dB
_NEAR_LU = 0.1
_ROUNDS = 6  # each round of limiting takes a little of the loudness away
_ONSET_S, _DECAY_S = 0.02, 0.06  # kept of what is too soft to count as speech, and faded


class SilentError(UnreadableError):
    """There is nothing to be heard."""


@dataclass(frozen=True)
class Finished:
    """A clip's file, and how long it is in seconds."""

    wav: bytes
    seconds: float


def finish(sound: Segment, lead_s: float, tail_s: float) -> Finished:
    """Make a clip of what was spoken or recorded, with so much silence before and after.

    Raises: SilentError.
    """
    clip = _around(_telephone(sound), lead_s, tail_s)
    codes = _levelled(clip)
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


def _levelled(sound: Segment) -> bytes:
    """Bring the coded clip to the loudness of all others; what would be too high a peak is limited."""
    samples, gain_db, codes = samples_of(sound)[0], 0.0, b""
    for _ in range(_ROUNDS):
        codes = mulaw.encode(limit(samples * 10 ** (gain_db / 20), RATE_HZ, CEILING))
        missing = TARGET_LUFS - loudness(mulaw.decode(codes), RATE_HZ)
        if abs(missing) < _NEAR_LU:
            break
        gain_db += missing
    return codes

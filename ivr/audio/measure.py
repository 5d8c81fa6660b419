"""What there is to measure in a clip."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ivr.audio.loudness import loudness
from ivr.audio.segments import Samples
from ivr.audio.tones import Tone, find_tones

_FRAME_S = 0.01
_SOUND_DB = -55.0  # a soft th at the end of `May ninth` is that soft; the silence that rendering adds is far softer
_PAUSE_S = 0.1  # shorter ones belong to a word: a p, a t or a k is closed so long
_FLAT = 3  # samples side by side at the highest value; a wave's own top is that flat only once in a while
_BREAK_S = 0.005
_LOUD_DB, _NONE_DB = -38.0, -65.0  # no voice falls from one to the other in 5 ms; in 22 minutes none fell from -49
_NOTHING = 1e-12  # of power, instead of none: -120 dB


@dataclass(frozen=True)
class Measured:
    """One clip. Levels are in dB of full scale, loudness in LUFS, times in seconds.

    lead_s, tail_s: silence before and after. gap_s: the longest in between. speech_s: without any silence. floor_db:
    the softest part. flat: share of the sounding samples that stand in a row at the highest value. offset: mean of the
    samples, of full scale. breaks_s: where the sound stops from one instant to the next.
    """

    seconds: float
    loudness: float
    peak_db: float
    lead_s: float
    tail_s: float
    gap_s: float
    speech_s: float
    floor_db: float
    flat: float
    offset: float
    breaks_s: tuple[float, ...]
    tones: tuple[Tone, ...]


def measure(samples: Samples, rate_hz: int) -> Measured:
    """Measure a sound. samples: -1 to 1, mono, at least one."""
    frame = max(1, round(rate_hz * _FRAME_S))
    offset = float(samples.mean())
    level = _levels_db(samples - offset, frame)
    runs = [(sounding, sum(1 for _ in run) * _FRAME_S) for sounding, run in groupby((level > _SOUND_DB).tolist())]
    lead = 0.0 if runs[0][0] else runs[0][1]
    tail = 0.0 if runs[-1][0] or len(runs) == 1 else runs[-1][1]
    pauses = [seconds for sounding, seconds in runs[bool(lead) : len(runs) - bool(tail)] if not sounding]
    seconds = len(samples) / rate_hz
    return Measured(
        seconds=seconds,
        loudness=loudness(samples, rate_hz),
        peak_db=_db(float(np.abs(samples).max())),
        lead_s=lead,
        tail_s=tail,
        gap_s=max(pauses, default=0.0),
        speech_s=max(0.0, seconds - lead - tail - sum(pause for pause in pauses if pause >= _PAUSE_S)),
        floor_db=float(level.min()),
        flat=_flat(samples, int((level > _SOUND_DB).sum()) * frame),
        offset=offset,
        breaks_s=tuple(_breaks_s(samples, rate_hz)),
        tones=tuple(find_tones(samples, rate_hz)),
    )


def _levels_db(samples: Samples, frame: int) -> Samples:
    frames = np.pad(samples, (0, -len(samples) % frame)).reshape(-1, frame)
    power: Samples = np.mean(np.square(frames), axis=1)
    return 10 * np.log10(np.maximum(power, _NOTHING))


def _breaks_s(samples: Samples, rate_hz: int) -> list[float]:
    """Return where a lost packet, or a cut, ends the sound: it is loud, and then nothing for twice 5 ms."""
    frame = max(2, round(rate_hz * _BREAK_S))
    found: set[int] = set()
    for start in (0, frame // 2):
        level = _levels_db(samples[start:], frame)
        none = level < _NONE_DB
        ends = np.flatnonzero((level[:-2] > _LOUD_DB) & none[1:-1] & none[2:])
        found |= {int(end + 1) * frame + start for end in ends}
    return sorted(at / rate_hz for at in found)


def _db(amplitude: float) -> float:
    return 10 * float(np.log10(max(amplitude**2, _NOTHING)))


def _flat(samples: Samples, sounding: int) -> float:
    """Return the share of samples in flat tops: there, a louder sound was cut off, whatever was done to it later."""
    flat = 0
    for top in (samples.max(), samples.min()):
        for at_top, run in groupby((samples == top).tolist()):
            length = sum(1 for _ in run)
            flat += length if at_top and length >= _FLAT else 0
    return flat / max(1, sounding)

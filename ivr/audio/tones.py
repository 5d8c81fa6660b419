"""Find what a telephone exchange would take for a key: a clip must never press one.

Works as receivers do: split the two groups of frequencies, and ask in each whether one of them is nearly all there is.
Speech is that pure in both at once only for an instant, so the shorter a tone, the purer it must be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import cast

import numpy as np
from numpy.typing import NDArray

KEYS = ("123A", "456B", "789C", "*0#D")
LOW_HZ, HIGH_HZ = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)

# How long, in seconds, and the share of its band's power that each tone must have. Receivers must accept what lasts
# 40 ms. Measured on 23 minutes of prompts: speech is as pure as 0.7 for 64 ms at most, as 0.5 for 112.
PURITY = MappingProxyType({0.040: 0.80, 0.056: 0.76, 0.072: 0.72, 0.096: 0.66, 0.144: 0.50})

_Samples = NDArray[np.float64]
_FILTERS_HZ = ((600.0, 1050.0), (1100.0, 1750.0))  # which split the groups
_TWIST_DB = (-10.0, 6.0)  # high against low; receivers accept -8 to 4
_OFF = (-0.01, 0.0, 0.01)  # where a frequency is looked for; receivers accept 1.5 % either way
_WEAKEST_DB = -40.0  # of full scale, each tone
_WINDOW, _HOP, _BINS = 256, 64, 512  # samples: at 8 kHz 32 ms, every 8 ms
_SHAPE = np.hanning(_WINDOW)
_SPREAD = _BINS * float((_SHAPE**2).sum()) / float(_SHAPE.sum()) ** 2  # power of a tone in all bins, against its peak


@dataclass(frozen=True)
class Tone:
    """A key that a receiver would hear. at_s: where it begins. seconds: how long it lasts."""

    key: str
    at_s: float
    seconds: float


def find_tones(samples: _Samples, rate_hz: int) -> list[Tone]:
    """Return the keys in a sound, in order, each once. samples: -1 to 1, mono."""
    if len(samples) < _WINDOW:
        return []
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP] * _SHAPE
    spectrum = np.abs(np.fft.rfft(frames, _BINS)) ** 2
    row, low, low_purity = _strongest(frames, spectrum, rate_hz, LOW_HZ, _FILTERS_HZ[0])
    column, high, high_purity = _strongest(frames, spectrum, rate_hz, HIGH_HZ, _FILTERS_HZ[1])
    twist = high - low
    level_fits = (np.minimum(low, high) > _WEAKEST_DB) & (twist > _TWIST_DB[0]) & (twist < _TWIST_DB[1])
    purity = np.where(level_fits, np.minimum(low_purity, high_purity), 0)
    keys = row * 4 + column
    found = [
        tone
        for seconds, least in PURITY.items()
        for tone in _runs(np.where(purity >= least, keys, -1), rate_hz)
        if tone.seconds >= seconds
    ]
    return _each_once(found)


def _strongest(
    frames: _Samples, spectrum: _Samples, rate_hz: int, tones_hz: tuple[float, ...], band_hz: tuple[float, float]
) -> tuple[NDArray[np.int64], _Samples, _Samples]:
    """Return, per frame, which tone is the strongest (Goertzel's sums), its level in dB, and its share of the band."""
    sums = np.zeros((len(frames), len(tones_hz)))
    for off in _OFF:
        turns = np.exp(-2j * np.pi * np.outer(np.arange(_WINDOW), tones_hz) * (1 + off) / rate_hz)
        sums = np.maximum(sums, np.abs(frames @ turns))
    hz = np.fft.rfftfreq(_BINS, 1 / rate_hz)
    band = spectrum[:, (hz >= band_hz[0]) & (hz <= band_hz[1])].sum(axis=1)
    most = sums.max(axis=1)
    return sums.argmax(axis=1), 20 * np.log10(most * 2 / _SHAPE.sum() + 1e-9), most**2 * _SPREAD / (band + 1e-12)


def _runs(keys: NDArray[np.int64], rate_hz: int) -> Iterator[Tone]:
    start, numbers = 0, cast("list[int]", keys.tolist())
    for key, run in groupby(numbers):
        count = len(list(run))
        if key >= 0:
            seconds = ((count - 1) * _HOP + _WINDOW) / rate_hz
            yield Tone(KEYS[key // 4][key % 4], start * _HOP / rate_hz, seconds)
        start += count


def _each_once(found: list[Tone]) -> list[Tone]:
    """Merge what several limits have found of the same tone."""
    tones: list[Tone] = []
    for tone in sorted(found, key=lambda tone: tone.at_s):
        if tones and tones[-1].key == tone.key and tone.at_s <= tones[-1].at_s + tones[-1].seconds:
            first = tones.pop()
            end = max(first.at_s + first.seconds, tone.at_s + tone.seconds)
            tones.append(Tone(tone.key, first.at_s, end - first.at_s))
        else:
            tones.append(tone)
    return tones

"""Find what machines on a telephone line take for a signal: ringing, an engaged line, a fax, a modem."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

import numpy as np

from ivr.audio.segments import Samples

# ITU-T E.180 and its supplement (tones of North America, 425 Hz elsewhere), T.30 (fax), V.25 (modems)
SIGNALS_HZ = MappingProxyType(
    {"dial tone": (350.0, 440.0), "ringing": (440.0, 480.0), "an engaged line": (480.0, 620.0)}
    | {"a tone of 425 Hz": (425.0,), "a calling fax": (1100.0,), "a calling modem": (1300.0,)}
    | {"a fax or modem that answers": (2100.0,)}
)
_LEAST_S = 0.4  # the shortest of them, a fax that calls, is on for half a second
_SHARE = 0.7  # of all power
_WEAKER = 0.1  # of all power, the weaker of two tones
_WEAKEST_DB = -50.0  # of full scale
_OFF_HZ = 12.0
_WINDOW, _HOP = 2048, 512  # samples: at 8 kHz 256 ms, every 64 ms
_SHAPE = np.hanning(_WINDOW)


@dataclass(frozen=True)
class Signal:
    """What a machine would hear. at_s: where it begins. seconds: how long it lasts."""

    name: str
    at_s: float
    seconds: float


def find_signals(samples: Samples, rate_hz: int) -> list[Signal]:
    """Return the steady signals in a sound. samples: -1 to 1, mono."""
    if len(samples) < _WINDOW:
        return []
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP] * _SHAPE
    power = np.abs(np.fft.rfft(frames)) ** 2
    hz = np.fft.rfftfreq(_WINDOW, 1 / rate_hz)
    total = power.sum(axis=1) + 1e-12
    loud = 10 * np.log10(np.mean(frames**2, axis=1) / np.mean(_SHAPE**2) + 1e-12) > _WEAKEST_DB
    found: list[Signal] = []
    for name, tones_hz in SIGNALS_HZ.items():
        shares = np.array([power[:, np.abs(hz - tone) <= _OFF_HZ].sum(axis=1) / total for tone in tones_hz])
        there = loud & (shares.sum(axis=0) >= _SHARE) & (shares.min(axis=0) >= _WEAKER)
        found += (
            Signal(name, at_s, seconds) for at_s, seconds in _runs(there.tolist(), rate_hz) if seconds >= _LEAST_S
        )
    return sorted(found, key=lambda signal: signal.at_s)


def _runs(there: list[bool], rate_hz: int) -> Iterator[tuple[float, float]]:
    start = 0
    for sounding, run in groupby(there):
        count = len(list(run))
        if sounding:
            yield start * _HOP / rate_hz, ((count - 1) * _HOP + _WINDOW) / rate_hz
        start += count

"""Where speech begins and ends in a sound."""

import numpy as np

from ivr.audio.segments import Samples

_WINDOW_S = 0.005  # how finely an edge is seen
_LOUD_S = 0.05  # what counts as loud lasts at least about this long; a click does not
_BELOW_LOUD_DB = 35.0  # a soft final consonant is this far below a vowel, and still part of its word
_ABOVE_FLOOR_DB = 12.0  # in a room that is not quiet
_NEVER_ABOVE_DB = 15.0
_SILENT_DB = -60.0
_CLICK_S, _APART_S = 0.015, 0.15  # so short, and so far from all else, is no speech


def speech_edges(samples: Samples, rate_hz: int) -> tuple[int, int] | None:
    """Return the first sample of speech and the one behind the last; None where nothing is to be heard.

    An edge is where the level comes within 35 dB of the loudest part, or stands out of the room's noise.
    """
    if len(samples) < rate_hz * _WINDOW_S:
        return None
    level = _level_db(samples, rate_hz, _WINDOW_S)
    loud = float(_level_db(samples, rate_hz, _LOUD_S).max())
    if loud < _SILENT_DB:
        return None
    floor = float(np.percentile(level, 5))
    threshold = min(max(loud - _BELOW_LOUD_DB, floor + _ABOVE_FLOOR_DB), loud - _NEVER_ABOVE_DB)
    runs = _without_clicks(_runs(level > threshold), rate_hz)
    return (runs[0][0], runs[-1][1]) if runs else None


def _level_db(samples: Samples, rate_hz: int, window_s: float) -> Samples:
    """Return the level around each sample, in dB of full scale."""
    size = min(max(round(rate_hz * window_s), 1), len(samples))
    power = np.convolve(samples**2, np.ones(size) / size, mode="same")
    return 10 * np.log10(np.maximum(power, 1e-12))


def _runs(sounding: np.typing.NDArray[np.bool_]) -> list[tuple[int, int]]:
    steps = np.flatnonzero(np.diff(np.concatenate(([0], sounding.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]


def _without_clicks(runs: list[tuple[int, int]], rate_hz: int) -> list[tuple[int, int]]:
    """Drop single clicks from both ends, never from within."""
    click, apart = _CLICK_S * rate_hz, _APART_S * rate_hz
    while len(runs) > 1 and runs[0][1] - runs[0][0] < click and runs[1][0] - runs[0][1] > apart:
        runs = runs[1:]
    while len(runs) > 1 and runs[-1][1] - runs[-1][0] < click and runs[-1][0] - runs[-2][1] > apart:
        runs = runs[:-1]
    return runs

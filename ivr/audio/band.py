"""The telephone's band: what it cannot carry is taken out before it does harm."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
from math import gcd

import numpy as np
from scipy import signal

from ivr.audio.segments import Samples

RATE_HZ = 8000
LOW_HZ, HIGH_HZ = 200, 3400
_LOW_ORDER, _HIGH_ORDER = 2, 10  # each goes over the sound twice


def telephone_band(samples: Samples, rate_hz: int) -> Samples:
    """Return the sound at 8 kHz with 200 to 3,400 Hz left in it, neither delayed nor smeared."""
    high = min(HIGH_HZ, 0.45 * rate_hz)
    for edge, order, kind in ((LOW_HZ, _LOW_ORDER, "highpass"), (high, _HIGH_ORDER, "lowpass")):
        sos = signal.butter(order, edge, kind, fs=rate_hz, output="sos")
        samples = signal.sosfiltfilt(sos, samples, padlen=min(3 * rate_hz // LOW_HZ, len(samples) - 1))
    common = gcd(RATE_HZ, rate_hz)
    return np.asarray(signal.resample_poly(samples, RATE_HZ // common, rate_hz // common), np.float64)

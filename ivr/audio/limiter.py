"""A limiter: peaks come down, and the loudness around them with as little harm as can be heard."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
import numpy as np
from scipy.ndimage import minimum_filter1d

from ivr.audio.segments import Samples

_LOOK_S = 0.005  # the gain begins to fall so long before a peak


def limit(samples: Samples, rate_hz: int, ceiling: float) -> Samples:
    """Turn the sound down around every sample above the ceiling, never suddenly.

    The gain is the least that any sample within 5 ms needs, smoothed over those 5 ms: an average of gains that are each
    low enough is low enough.
    """
    reach = max(round(rate_hz * _LOOK_S), 1)
    needed = ceiling / np.maximum(np.abs(samples), ceiling)
    if needed.min() >= 1:
        return samples
    least: Samples = minimum_filter1d(needed, 2 * reach + 1, mode="nearest")
    window = np.hanning(2 * reach + 3)[1:-1]
    gain = np.convolve(np.pad(least, reach, mode="edge"), window / window.sum(), mode="valid")
    return samples * np.asarray(gain, np.float64)

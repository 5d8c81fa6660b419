"""How loud a clip is, measured one way for all clips, whatever their length."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
from functools import cache
from typing import Any

import numpy as np
import pyloudnorm

from ivr.audio.edges import speech_edges
from ivr.audio.segments import Samples

NOTHING = float("-inf")
_BLOCK_S = 0.4  # of ITU-R BS.1770; what is shorter has no loudness there
_TILED_S = 1.0


def loudness(samples: Samples, rate_hz: int) -> float:
    """Return the integrated loudness (ITU-R BS.1770-4) of the speech in a clip, in LUFS; -inf for silence.

    Only from its first sound to its last, so that the silence around a short word does not make it count as quiet.
    Speech shorter than 0.4 s is repeated until it lasts 1 s.
    """
    edges = speech_edges(samples, rate_hz)
    if edges is None:
        return NOTHING
    speech = samples[slice(*edges)]
    if len(speech) < _BLOCK_S * rate_hz:
        speech = np.tile(speech, int(np.ceil(_TILED_S * rate_hz / len(speech))))
    return float(_meter(rate_hz).integrated_loudness(speech))


@cache
def _meter(rate_hz: int) -> Any:
    return pyloudnorm.Meter(rate_hz)

"""The shape of a recording: how loud it is from moment to moment, to be drawn."""

from array import array
from collections.abc import Sequence
from itertools import pairwise

from ivr.audio.wav import MULAW, BadWavError, parse

PEAKS = 240
_PCM, _BITS_8, _BITS_16 = 1, 8, 16
# Loudness of each μ-law code, 0 to 1 (ITU-T G.711): sign, three bits of exponent, four of mantissa, all inverted.
_MULAW = [((((~code & 15) << 3) + 132 << (~code >> 4 & 7)) - 132) / 32124 for code in range(256)]
_LOUD = {
    MULAW: bytes(round(255 * value) for value in _MULAW),
    _PCM: bytes(min(255, 2 * abs(code - 128)) for code in range(256)),
}


def peaks(content: bytes, count: int = PEAKS) -> list[float]:
    """Return the loudest moment of each of `count` stretches of a WAV file, 0 to 1, against the loudest of all.

    Fewer for a file of fewer samples. Raises: BadWavError for what is no WAV file, or one of a format not known here.
    """
    wav = parse(content)
    if wav.format == _PCM and wav.bits == _BITS_16:
        samples: Sequence[int] = array("h", wav.data[: len(wav.data) // 2 * 2])
    elif wav.bits == _BITS_8 and wav.format in _LOUD:
        samples = wav.data.translate(_LOUD[wav.format])
    else:
        raise BadWavError(f"its format is {wav.format} with {wav.bits} bits")
    total = len(samples)
    bounds = [round(i * total / count) for i in range(count + 1)] if total > count else list(range(total + 1))
    loud = [_loudest(samples[a:b]) for a, b in pairwise(bounds)]
    most = max(loud, default=0) or 1
    return [round(value / most, 3) for value in loud]


def _loudest(stretch: Sequence[int]) -> int:
    most, least = max(stretch), min(stretch)
    return max(most, -least)

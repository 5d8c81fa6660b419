"""μ-law WAV files (ITU-T G.711), as the telephone network carries sound: 8 kHz, one byte a sample."""

import struct

import numpy as np

from ivr.audio.segments import Samples

_FORMAT_MULAW = 7
_BIAS, _CLIP = 0x84, 32635  # of G.711, for 16-bit samples
_HEADER = struct.Struct("<4sI4s 4sIHHIIHHH 4sII 4sI")


def _decoded() -> Samples:
    """Return what each of the 256 codes stands for, between -1 and 1."""
    code = ~np.arange(256, dtype=np.uint8)
    size = (((code & 0x0F).astype(int) << 3) + _BIAS << (code >> 4 & 7)) - _BIAS
    return np.where(code & 0x80, -size, size) / 32768


_LEVELS = _decoded()


def encode(samples: Samples) -> bytes:
    """Return the μ-law code of each sample; what is beyond full scale is clipped."""
    whole = np.round(samples * 32768).astype(int)
    size = np.minimum(np.abs(whole), _CLIP) + _BIAS
    exponent = np.floor(np.log2(size)).astype(int) - 7
    code = (whole < 0) << 7 | exponent << 4 | (size >> exponent + 3) & 0x0F
    return bytes((~code & 0xFF).astype(np.uint8))


def decode(codes: bytes) -> Samples:
    """Return the samples, between -1 and 1, that a telephone makes of μ-law codes."""
    return _LEVELS[np.frombuffer(codes, np.uint8)]


def wav(codes: bytes, rate_hz: int) -> bytes:
    """Put μ-law codes into a WAV file, with the `fact` chunk that a format other than PCM must have."""
    size, padding = len(codes), len(codes) % 2
    header = _HEADER.pack(
        *(b"RIFF", _HEADER.size - 8 + size + padding, b"WAVE"),
        *(b"fmt ", 18, _FORMAT_MULAW, 1, rate_hz, rate_hz, 1, 8, 0),
        *(b"fact", 4, size),
        *(b"data", size),
    )
    return header + codes + bytes(padding)

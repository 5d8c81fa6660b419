"""Read the header of a WAV file, of any format: a clip that is not what it should be must be told apart."""

import struct
from dataclasses import dataclass

MULAW = 7  # the format's number in a WAV file
_HEADER = 12


class BadWavError(ValueError):
    """The file is no whole WAV file; the message says why in a few words."""


@dataclass(frozen=True)
class Wav:
    """What a WAV file holds. format: 1 is PCM, 7 μ-law. bits: of one sample. data: the samples as they stand there."""

    format: int
    channels: int
    rate_hz: int
    bits: int
    data: bytes


def parse(content: bytes) -> Wav:
    """Read a WAV file. Raises: BadWavError for another file, or one that is cut short."""
    if not content:
        raise BadWavError("the file is empty")
    if len(content) < _HEADER or content[:4] != b"RIFF" or content[8:_HEADER] != b"WAVE":
        raise BadWavError("it is no WAV file")
    chunks = _chunks(content)
    try:
        form, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
        return Wav(form, channels, rate_hz, bits, chunks[b"data"])
    except (KeyError, struct.error):
        raise BadWavError("its header is incomplete") from None


def _chunks(content: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = _HEADER
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        body = content[at + 8 : at + 8 + size]
        if len(body) < size:
            raise BadWavError(
                f"{size - len(body)} of its {size} bytes of {name.decode('ascii', 'replace')} are missing"
            )
        found.setdefault(name, body)
        at += 8 + size + size % 2
    return found

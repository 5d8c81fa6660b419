"""Files to play: are they sound, and how long are they."""

import struct
from collections.abc import Callable

from ivr.simulator.carrier import Failure, Reply
from ivr.simulator.documents import media_type

SOUND_TYPES = frozenset(
    f"audio/{kind}"
    for kind in ("mpeg", "wav", "wave", "x-wav", "aiff", "x-aifc", "x-aiff", "x-gsm", "gsm", "ulaw", "basic")
)
UNKNOWN_LENGTH_S = 1.0
_BYTES_PER_S = {"audio/ulaw": 8000, "audio/basic": 8000, "audio/gsm": 1650, "audio/x-gsm": 1650}
_CHUNK_HEADER = 8
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_ID3_HEADER, _SEARCH = 10, 4096


def seconds_of(reply: Reply, wrong_type: int = 13420) -> float | Failure:
    """Return how long a fetched file plays, in seconds; 1 where its header does not tell.

    wrong_type: the code for something that is not sound. Source: https://www.twilio.com/docs/voice/twiml/play
    """
    content_type, _ = media_type(reply.answer.headers.get("content-type", ""))
    if content_type not in SOUND_TYPES:
        return Failure(wrong_type, f"{reply.url} is {content_type or 'of no type'}, which cannot be played", reply.url)
    body = reply.answer.body
    if content_type in _BYTES_PER_S:
        return len(body) / _BYTES_PER_S[content_type]
    readers: tuple[Callable[[bytes], float | None], ...] = (wav_seconds, aiff_seconds, mp3_seconds)
    return next((seconds for read in readers if (seconds := read(body))), UNKNOWN_LENGTH_S)


def description(reply: Reply) -> str:
    """Return what the file says, as its `Content-Description` tells in UTF-8; '' where it tells nothing.

    Source: https://www.rfc-editor.org/rfc/rfc2045#section-8
    """
    told = reply.answer.headers.get("content-description", "")
    return " ".join(told.encode("latin-1", "replace").decode("utf-8", "replace").split())


def wav_seconds(data: bytes) -> float | None:
    """Read the length from a WAV header, in seconds; None for anything else."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    at, bytes_per_s = 12, 0
    while at + _CHUNK_HEADER <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt ":
            bytes_per_s = int.from_bytes(data[at + 16 : at + 20], "little")
        elif name == b"data" and bytes_per_s:
            # A streamed file does not know its size in advance; then what has come counts.
            return min(size, len(data) - at - _CHUNK_HEADER) / bytes_per_s
        at += _CHUNK_HEADER + size + size % 2
    return None


def aiff_seconds(data: bytes) -> float | None:
    """Read the length from an AIFF header, in seconds; None for anything else."""
    at = data.find(b"COMM")
    if data[:4] != b"FORM" or at < 0 or len(data) < at + 26:
        return None
    frames = int.from_bytes(data[at + 10 : at + 14], "big")
    exponent, mantissa = struct.unpack(">HQ", data[at + 16 : at + 26])
    rate = mantissa * 2.0 ** ((exponent & 0x7FFF) - 16383 - 63) if exponent & 0x7FFF < 16383 + 64 else 0.0
    return frames / rate if rate else None


def mp3_seconds(data: bytes) -> float | None:
    """Read the length from the first frame of an MP3, in seconds; None where there is none.

    Exact where the frame counts the others; else estimated as if all had its bit rate.
    """
    at = 0
    if data[:3] == b"ID3" and len(data) >= _ID3_HEADER:
        a, b, c, d = data[6:10]
        at = _ID3_HEADER + (a << 21 | b << 14 | c << 7 | d)
    for start in range(at, min(len(data) - 3, at + _SEARCH)):
        frame = _frame(data[start : start + 4])
        if frame is not None:
            bits_per_s, rate, samples = frame
            counted = _counted_frames(data[start : start + 200])
            return counted * samples / rate if counted else (len(data) - start) * 8 / bits_per_s
    return None


def _frame(header: bytes) -> tuple[int, int, int] | None:
    """Return bits a second, samples a second and samples a frame of a layer III header."""
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bits, rate = header[2] >> 4, header[2] >> 2 & 3
    if header[0] != 0xFF or header[1] < 0xE0 or version not in _RATES or layer != 1:  # noqa: PLR2004 sync, layer III
        return None
    if not 0 < bits < len(_KBITS_1) or rate >= len(_RATES[version]):
        return None
    first = version == 3  # noqa: PLR2004 MPEG-1
    return (_KBITS_1 if first else _KBITS_2)[bits] * 1000, _RATES[version][rate], 1152 if first else 576


def _counted_frames(head: bytes) -> int:
    """Return how many frames a Xing or Info header counts; 0 without one."""
    for name in (b"Xing", b"Info"):
        at = head.find(name)
        if at >= 0 and len(head) >= at + 12 and head[at + 7] & 1:
            return int.from_bytes(head[at + 8 : at + 12], "big")
    return 0

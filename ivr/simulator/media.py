"""Files to play: are they sound, and how long are they."""

from ivr.simulator.carrier import Failure, Reply
from ivr.simulator.documents import media_type

SOUND_TYPES = frozenset(
    f"audio/{kind}"
    for kind in ("mpeg", "wav", "wave", "x-wav", "aiff", "x-aifc", "x-aiff", "x-gsm", "gsm", "ulaw", "basic")
)
UNKNOWN_LENGTH_S = 1.0
ULAW_BYTES_PER_S = 8000
_CHUNK_HEADER = 8


def seconds_of(reply: Reply, wrong_type: int = 13420) -> float | Failure:
    """Return how long a fetched file plays, in seconds; 1 where its header does not tell.

    wrong_type: the code for something that is not sound. Source: https://www.twilio.com/docs/voice/twiml/play
    """
    content_type, _ = media_type(reply.answer.headers.get("content-type", ""))
    if content_type not in SOUND_TYPES:
        return Failure(wrong_type, f"{reply.url} is {content_type or 'of no type'}, which cannot be played", reply.url)
    if content_type == "audio/ulaw":
        return len(reply.answer.body) / ULAW_BYTES_PER_S
    return wav_seconds(reply.answer.body) or UNKNOWN_LENGTH_S


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

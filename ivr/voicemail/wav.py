"""Whether what the carrier sent is a whole WAV file: an error page, or half a message, must not count as fetched."""

from ivr.service_errors import ServiceError

HEAD_BYTES = 44
_STREAMED = {0, 0xFFFFFFFF, 0xFFFFFFFF - 8}  # sizes written by who did not know the end yet


def check_wav(content: bytes) -> None:
    """Look at the header. Raises: ServiceError that says what is wrong."""
    if len(content) < HEAD_BYTES or content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ServiceError(f"what the carrier sent is no WAV file ({len(content)} bytes)")
    promised = int.from_bytes(content[4:8], "little")
    if promised not in _STREAMED and promised + 8 > len(content):
        raise ServiceError(f"the recording is cut off: {len(content)} of {promised + 8} bytes")

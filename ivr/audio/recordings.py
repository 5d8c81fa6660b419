"""Recordings of a person, which win over the rendered voice: `<folder>/<id>.wav` or `.mp3`."""

import hashlib
from pathlib import Path

KINDS = ("wav", "mp3")
MOST_BYTES = 10_000_000
MOST_SECONDS = 60.0


class RecordingError(ValueError):
    """A recording cannot be used; the message names the file and says why, in one line."""


def find_recordings(folder: Path) -> dict[str, Path]:
    """Return every recording by the id of its clip; a WAV wins over an MP3."""
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return {}
    return {path.stem: path for kind in reversed(KINDS) for path in files if path.suffix == f".{kind}"}


def content_hash(path: Path) -> str:
    """Name the content of a recording. What is too large or cannot be read is named by that, and reported later."""
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            return f"too large: {size}"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"unreadable: {error.strerror}"


def check_file(path: Path) -> str:
    """Return what a recording is, by its first bytes, whatever its name: `wav`, `mp3`, `ogg`, `matroska` or `mp4`.

    A browser's recorder writes WebM (which is Matroska), Ogg or M4A (MP4). Raises: RecordingError.
    """
    try:
        if not path.is_file():
            raise RecordingError(f"{path}: there is no such file")
        if (size := path.stat().st_size) > MOST_BYTES:
            raise RecordingError(f"{path}: {size / 1e6:.1f} MB; the most is {MOST_BYTES / 1e6:.0f} MB")
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror}") from None
    if start[:4] in {b"RIFF", b"RIFX", b"RF64"} and start[8:] == b"WAVE":
        return "wav"
    if start[:3] == b"ID3" or (len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0):  # noqa: PLR2004 frame sync
        return "mp3"
    if start[:4] == b"OggS":
        return "ogg"
    if start[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if start[4:8] == b"ftyp":
        return "mp4"
    raise RecordingError(f"{path}: not a WAV, MP3, Ogg, WebM or M4A file")

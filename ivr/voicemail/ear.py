"""The local recogniser, where it is installed: it writes down what was said, and the sound never leaves the house."""

import importlib
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

Ear = Callable[[Path], str]


def find_ear() -> Ear | None:
    """Return what turns a WAV file into words; None where nothing of the kind is installed."""
    if find_spec("faster_whisper") is None or find_spec("ivr.audio.ear") is None:
        return None
    hear: Ear = importlib.import_module("ivr.audio.ear").hear
    return hear


def listen(ear: Ear, content: bytes) -> str:
    """Write down what a WAV file says."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(content)
        file.flush()
        return ear(Path(file.name)).strip()

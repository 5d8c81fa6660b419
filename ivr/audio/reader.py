"""Any words in the line's own voice, for a tester who calls in a browser: made when asked for, and kept."""

import hashlib
import os
import threading
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from ivr.audio.piper import Speaker
from ivr.audio.pronunciation import read_pronunciation
from ivr.audio.voice import VoiceError, check_tools, find_voice
from ivr.clip import LEAD_S, TAIL_S

FILES_MAX = 500


class Reader:
    """Speaks words as a carrier's voice would. It starts the voice program when it is first needed, and keeps it.

    folder: where what was spoken is kept. model: as `find_voice` takes it. pronunciation: the file of the voice.
    """

    def __init__(self, folder: Path, model: str, pronunciation: Path) -> None:
        self._folder, self._model, self._pronunciation = folder, model, pronunciation
        self._speaking = threading.Lock()
        self._speaker: Speaker | None = None

    @property
    def can_speak(self) -> bool:
        """Whether there is a voice on this machine."""
        try:
            check_tools()
            find_voice(self._model)
        except VoiceError:
            return False
        return True

    def wav(self, text: str) -> Path:
        """Return a file that says the text. Raises: VoiceError where nothing can be spoken."""
        path = self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.wav"
        with self._speaking:
            if not path.exists():
                self._make(text, path)
                self._forget_the_oldest()
        return path

    def _make(self, text: str, path: Path) -> None:
        check_tools()
        from ivr.audio.finish import finish  # noqa: PLC0415 loads scipy
        from ivr.audio.segments import UnreadableError, read_wav  # noqa: PLC0415 loads pydub

        words = read_pronunciation(self._pronunciation).apply(text)
        spoken = self._say(words)
        try:
            wav = finish(read_wav(spoken), LEAD_S, TAIL_S).wav
        except UnreadableError as error:
            raise VoiceError(f"the voice cannot speak {text!r}: {error}") from None
        finally:
            spoken.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_bytes(wav)
        draft.replace(path)

    def _say(self, words: str) -> Path:
        if self._speaker is None:
            self._speaker = Speaker(find_voice(self._model), Path(mkdtemp(prefix="answerline-")))
        try:
            return self._speaker.say(words)
        except VoiceError:
            self._speaker.close()
            self._speaker = None
            raise

    def _forget_the_oldest(self) -> None:
        files = sorted(self._folder.glob("*.wav"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[FILES_MAX:]:
            with suppress(OSError):
                file.unlink()

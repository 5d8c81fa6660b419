"""Several voice programs at once, one a core, that share the texts between them."""

import os
from collections.abc import Collection, Generator
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread

from ivr.audio.piper import Speaker
from ivr.audio.voice import Voice, VoiceError

_MOST = 8  # each holds a model in memory
_TRIES = 3  # texts in a row that a voice program may fail at


def speak_all(voice: Voice, folder: Path, texts: Collection[str]) -> Generator[tuple[str, Path | VoiceError]]:
    """Speak every text; yield it and its WAV file, or why there is none, as they come.

    folder: where the files go. Closing the iterator ends the programs.
    """
    choir = _Choir(voice, folder, texts)
    try:
        for _ in texts:
            yield choir.results.get()
    finally:
        choir.end()


def cores() -> list[int]:
    """Return the processor cores this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


class _Choir:
    """Threads, each with a voice program, that take one text after another. The longest first, to end together."""

    def __init__(self, voice: Voice, folder: Path, texts: Collection[str]) -> None:
        self.results: SimpleQueue[tuple[str, Path | VoiceError]] = SimpleQueue()
        self._texts: SimpleQueue[str] = SimpleQueue()
        self._voice, self._folder, self._over = voice, folder, Event()
        for text in sorted(texts, key=len, reverse=True):
            self._texts.put(text)
        self._speakers: dict[int, Speaker] = {}
        self._threads = [
            Thread(target=self._run, args=(core,), daemon=True) for core in cores()[: min(_MOST, len(texts))]
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._over.set()
        for speaker in list(self._speakers.values()):
            speaker.kill()
        for thread in self._threads:
            thread.join()

    def _run(self, core: int) -> None:
        failures, error = 0, VoiceError("the voice program failed")
        while not self._over.is_set():
            try:
                words = self._texts.get_nowait()
            except Empty:
                break
            if failures < _TRIES:
                try:
                    self.results.put((words, self._speaker(core).say(words)))
                except VoiceError as failure:
                    failures, error = failures + 1, failure
                    self._close(core)
                else:
                    failures = 0
                    continue
            self.results.put((words, error))
        self._close(core)

    def _speaker(self, core: int) -> Speaker:
        """Return the voice program of a core, started when it is first needed and again when it has failed."""
        if core not in self._speakers:
            self._speakers[core] = Speaker(self._voice, self._folder / str(core), core)
            if self._over.is_set():  # while it was being started
                self._speakers[core].kill()
        return self._speakers[core]

    def _close(self, core: int) -> None:
        if speaker := self._speakers.pop(core, None):
            speaker.close()

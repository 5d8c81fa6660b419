"""Heard equals meant: the ear listens to sentences, and what it heard is compared with what they say."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ivr.audio.choir import cores
from ivr.audio.ear import Ear
from ivr.audio.heard import distance, holds, normalise
from ivr.audio.join import join
from ivr.audio.segments import Samples
from ivr.audio.sentence import Sentence, Value
from ivr.audio.store import ClipStore
from ivr.clip import Clip

ERRORS = 0.05  # of all words; 1 in 20
WORTH_TELLING = 0.1  # of the words of one sentence


@dataclass(frozen=True)
class Heard:
    """What became of one sentence.

    text: as the ear wrote it; of two hearings, the better one. words: how many there are. errors: how many of them were
    heard wrongly. again: values that were heard only at a later hearing. wrong: values that never were.
    """

    sentence: Sentence
    text: str
    words: int
    errors: int
    again: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def worth_telling(self) -> bool:
        """Whether somebody should listen to this sentence."""
        return bool(self.wrong) or self.errors > WORTH_TELLING * self.words


class MissingClipError(Exception):
    """A sentence cannot be played; the message names the clip."""


def listen(stores: Sequence[ClipStore], sentences: Iterable[Sentence]) -> Iterator[Heard]:
    """Play sentences to the ear, and tell what it heard, in order. stores: where a clip is looked for, one by one.

    Raises: DeafError, MissingClipError.
    """
    threads = len(cores())
    listener = Listener(stores, Ear(threads))
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(listener.hears, sentences)


class Listener:
    """An ear, and what is played to it."""

    def __init__(self, stores: Sequence[ClipStore], ear: Ear) -> None:
        """Play clips to this ear. stores: where a clip is looked for, one after the other."""
        self._stores, self._ear = stores, ear

    def hears(self, sentence: Sentence) -> Heard:
        """Play a sentence, and again whatever was not understood at once. Raises: MissingClipError."""
        sound, meant = self._play(sentence.clips), normalise(sentence.words)
        hearings = [self._ear.hear(sound)]
        if distance(meant, normalise(hearings[0])) > WORTH_TELLING * len(meant) or _missed(sentence.values, hearings):
            hearings.append(self._ear.hear(sound, context=False))
        errors, text = min((distance(meant, normalise(text)), text) for text in hearings)
        wrong = [value for value in _missed(sentence.values, hearings) if not self._hears_again(value)]
        again = [value for value in _missed(sentence.values, hearings[:1]) if value not in wrong]
        return Heard(sentence, text, len(meant), errors, *(tuple(v.words for v in values) for values in (again, wrong)))

    def _hears_again(self, value: Value) -> bool:
        """Play it after the words that lead up to it, then alone, then to an ear that expects nothing.

        A recognizer drops what follows a finished sentence, makes a code of four digits one of five, and lets the last
        of three equal digits sound once more. What it then hears word for word was there: no code becomes right by
        chance.
        """
        tries = ((value.before + value.clips, True), (value.clips, True), (value.clips, False))
        return any(holds(self._ear.hear(self._play(clips), context=context), value.words) for clips, context in tries)

    def _play(self, clips: Iterable[Clip]) -> Samples:
        return join(self._path(clip) for clip in clips)

    def _path(self, clip: Clip) -> Path:
        for store in self._stores:
            if built := store.find(clip):
                return store.folder / built.path
        raise MissingClipError(f"there is no audio for {clip.id}; `flask prompts render` makes it")


def _missed(values: Iterable[Value], hearings: Sequence[str]) -> list[Value]:
    return [value for value in values if not any(holds(text, value.words) for text in hearings)]

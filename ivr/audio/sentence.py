"""What the ear is asked to hear: clips that are played one after another, and what they say."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.clip import LEAD_S, TAIL_S, Clip

_NUMBER = re.compile(r"\d(?:,? \d){3,}")  # to be dialled, in a text whose words are the same in every call


@dataclass(frozen=True)
class Value:
    """A part of a sentence that must be heard without an error. clips: say it. before: lead up to it."""

    words: str
    clips: tuple[Clip, ...]
    before: tuple[Clip, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """Clips that are played one after another, and the words they say."""

    id: str
    clips: tuple[Clip, ...]
    words: str
    values: tuple[Value, ...] = ()


def whole_clips(clips: Iterable[Clip]) -> Iterator[Sentence]:
    """Every clip that is a sentence by itself, each text once."""
    seen: set[str] = set()
    for clip in clips:
        if (clip.lead_s, clip.tail_s) == (LEAD_S, TAIL_S) and not clip.music and clip.text not in seen:
            seen.add(clip.text)
            numbers = tuple(Value(number[0], (clip,)) for number in _NUMBER.finditer(clip.text))
            yield Sentence(clip.id, (clip,), clip.text, numbers)

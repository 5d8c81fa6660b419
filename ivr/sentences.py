"""Sentences with values drawn by lot, as a call would put them together: for the ear to hear."""

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby

from ivr.audio.sentence import Sentence, Value
from ivr.clip import Clip
from ivr.prompts import Prompt
from ivr.speech import Speech
from ivr.template import Field, parse
from ivr.values import CHOICES, COUNTS, MINUTES, PHRASES, THOUSANDS

DRAWN = 500
# Kinds of values that no flow speaks today, so that they are fit to be played on the day that one does.
EAR_ONLY = (
    Prompt("ear.charge", "The charge is {amount:money}."),
    Prompt("ear.price", "You pay {amount:money} a month."),
    Prompt("ear.place", "Your place in line is {position:count}."),
    Prompt("ear.ahead", "There are {people:count} people ahead of you."),
    Prompt("ear.wait", "Right now, the wait is {wait:minutes}."),
    Prompt("ear.soon", "Calls are answered in {wait:minutes} today."),
)
_DAYS, _LEAP_YEARS, _YEARS = 366, (2028, 2032, 2036), range(2026, 2040)  # calls speak of this year and the next ones


def drawn_sentences(speech: Speech, prompts: Iterable[Prompt], count: int = DRAWN, seed: int = 1) -> list[Sentence]:
    """Return so many sentences, of all prompts with values in turn; always the same for a seed.

    Days of the year come in shuffled order, each once before any comes again.
    """
    draw = _Draw(random.Random(seed))  # noqa: S311 nothing secret
    with_values = [prompt for prompt in prompts if _values(speech, prompt)]
    return [
        _sentence(speech, with_values[n % len(with_values)], draw, n + 1) for n in range(count if with_values else 0)
    ]


def ear_only_clips(sentences: Iterable[Sentence], catalogue: Iterable[Clip]) -> list[Clip]:
    """Return the clips of what only the ear is to hear, each once. catalogue: what calls need, which is left out."""
    known, mine = set(catalogue), tuple(f"{prompt.id} " for prompt in EAR_ONLY)
    spoken = (clip for sentence in sentences if sentence.id.startswith(mine) for clip in sentence.clips)
    return list({clip: None for clip in spoken if clip not in known})


def _values(speech: Speech, prompt: Prompt) -> list[Field]:
    """Return the fields of a prompt that differ from call to call, as often as they are spoken."""
    return [part for part in parse(prompt.text) if isinstance(part, Field) and part.name not in speech.fixed]


def _sentence(speech: Speech, prompt: Prompt, draw: "_Draw", number: int) -> Sentence:
    fields = _values(speech, prompt)
    drawn = {field.name: draw.value(field.kind) for field in fields}
    clips = speech.clips(prompt, drawn)
    words = [
        speech.words(Prompt(prompt.id, f"{{{field.name}:{field.kind}}}"), drawn)
        for field in fields
        if field.kind not in CHOICES
    ]
    return Sentence(f"{prompt.id} ({number})", clips, speech.words(prompt, drawn), tuple(_spoken(prompt, clips, words)))


def _spoken(prompt: Prompt, clips: Iterable[Clip], values: Iterable[str]) -> Iterator[Value]:
    """Tell which clips speak which value: all that do not belong to the prompt itself."""
    before: tuple[Clip, ...] = ()
    words = iter(values)
    for own, run in groupby(clips, lambda clip: clip.id.startswith(prompt.id)):
        if own:
            before = tuple(run)
        else:
            yield Value(next(words), tuple(run), before)


class _Draw:
    """Draws values of every kind."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._days: list[int] = []

    def value(self, kind: str) -> str:
        match kind:
            case "date":
                return self._day().isoformat()
            case "money":
                dollars = self._dice.randint(0, self._dice.choice((1, 9, 99, 999)))
                thousands = self._dice.choice((0, 0, 0, 0, 0, 0, 0, self._dice.choice(THOUSANDS)))
                rest = 100 * (thousands > 0 and 0 < dollars < 100)  # noqa: PLR2004 those few have no clips
                return f"{1000 * thousands + rest + dollars}.{self._dice.choice((0, self._dice.randint(1, 99))):02}"
            case "digits" | "phone":
                return "".join(self._dice.choices("0123456789", k=self._dice.choice((4, 6))))
            case "count":
                return str(self._dice.choice(COUNTS))
            case "minutes":
                return str(self._dice.randint(0, MINUTES[-1] + 1))
            case _:
                return self._dice.choice({**CHOICES, **PHRASES}[kind])

    def _day(self) -> date:
        if not self._days:
            self._days = self._dice.sample(range(_DAYS), _DAYS)
        day = date(2024, 1, 1) + timedelta(self._days.pop())
        return day.replace(year=self._dice.choice(_LEAP_YEARS if (day.month, day.day) == (2, 29) else _YEARS))

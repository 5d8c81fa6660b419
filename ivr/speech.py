"""From a prompt to what is heard: the words, and the clips that say them.

A template is split where values stand. What lies between is one clip each, and values are made of clips of their own.
Words that are the same in every call, the company's name say, are part of the clips around them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from ivr.clip import LEAD_S, TAIL_S, Clip
from ivr.flow import FlowError
from ivr.prompts import Prompt
from ivr.template import Field, fields, parse
from ivr.values import CHOICES, DATE_PARTS, KINDS, Piece, every_piece

JOIN_S, PAUSE_S = 0.03, 0.15  # silence at a join inside a sentence; between groups of digits
_STOPS, _COMMAS = ".?!", ",;:"
_TAILS = {"join": JOIN_S, "pause": PAUSE_S, "end": TAIL_S}
_MARKS = {"join": "", "pause": ",", "end": "."}
DATE_ORDER = "value.date"  # the text that says in which order the parts of a date are spoken


@dataclass(frozen=True)
class _Stretch:
    """What is said between two values. clips: one for each way its choices can be made."""

    choices: tuple[Field, ...]
    clips: Mapping[tuple[str, ...], Clip]


@dataclass(frozen=True)
class _Value:
    """A value of a template. form: how its last clip ends, a key of `_TAILS`."""

    field: Field
    form: str


class Speech:
    """Speaks prompts.

    fixed: values that are the same in every call, by field. texts: translations of what `texts` lists, by id; what is
    missing there is said in English.
    """

    def __init__(self, fixed: Mapping[str, str], texts: Mapping[str, str] | None = None) -> None:
        self.fixed = fixed
        self._texts = texts or {}
        order = parse(self._texts.get(DATE_ORDER, DATE_PARTS))
        self._date_order = [part.name for part in order if isinstance(part, Field)]
        self._compiled: dict[Prompt, tuple[_Stretch | _Value, ...]] = {}

    def renew(self, fixed: Mapping[str, str]) -> None:
        """Speak other values from now on, in every call."""
        self._compiled, self.fixed = {}, fixed

    def words(self, prompt: Prompt, values: Mapping[str, str]) -> str:
        """Write what is heard: for reading, and for a carrier's own voice.

        Raises: FlowError naming a value that is missing or does not fit its kind.
        """
        parts = parse(self._template(prompt))
        return "".join(part if isinstance(part, str) else self._written(prompt, part, values) for part in parts)

    def clips(self, prompt: Prompt, values: Mapping[str, str]) -> tuple[Clip, ...]:
        """Return the clips to play, in order. Raises: FlowError as `words` does."""
        clips: list[Clip] = []
        for part in self._parts(prompt):
            match part:
                case _Value():
                    *pieces, last = self._pieces(prompt, part.field, values)
                    clips += (self._piece_clip(piece, "pause" if piece.pause else "join") for piece in pieces)
                    clips.append(self._piece_clip(last, part.form))
                case _Stretch():
                    clips.append(part.clips[tuple(_choice(prompt, field, values) for field in part.choices)])
        return tuple(clips)

    def catalogue(self, prompts: Iterable[Prompt]) -> Iterator[Clip]:
        """Every clip that these prompts can need, whatever their values, each once."""
        kinds: set[str] = set()
        for prompt in prompts:
            for part in self._parts(prompt):
                match part:
                    case _Stretch():
                        yield from part.clips.values()
                    case _Value():
                        kinds.add(part.field.kind)
        for piece in every_piece(kinds):
            yield from (self._piece_clip(piece, form) for form in piece.forms)

    def _template(self, prompt: Prompt) -> str:
        return self._texts.get(prompt.id, prompt.text)

    def _parts(self, prompt: Prompt) -> tuple[_Stretch | _Value, ...]:
        if prompt not in self._compiled:
            self._compiled[prompt] = tuple(self._compile(prompt))
        return self._compiled[prompt]

    def _compile(self, prompt: Prompt) -> Iterator[_Stretch | _Value]:
        runs: list[list[str | Field]] = [[]]  # words and choices; between two runs stands a value
        values: list[Field] = []
        for part in parse(self._template(prompt)):
            if isinstance(part, str) or part.kind in CHOICES:
                runs[-1].append(part)
            elif part.name in self.fixed:
                runs[-1].append(self._written(prompt, part, self.fixed))
            elif part.kind in KINDS:
                values.append(part)
                runs.append([])
            else:
                raise FlowError(f"prompt {prompt.text!r}: {{{part.name}}} needs a kind, to be rendered ahead")
        last = len(values)
        for i, run in enumerate(runs):
            if run and set("".join(part for part in run if isinstance(part, str))) - set(_STOPS + _COMMAS + " "):
                name = f"{prompt.id}-{i + 1}" if values else prompt.id
                yield self._stretch(name, run, opens=i == 0, closes=i == last)
            if i < last:
                yield _Value(values[i], _form(runs[i + 1]))

    def _stretch(self, name: str, run: Sequence[str | Field], *, opens: bool, closes: bool) -> _Stretch:
        choices = tuple(part for part in run if isinstance(part, Field))
        clips: dict[tuple[str, ...], Clip] = {}
        for chosen in product(*(CHOICES[field.kind] for field in choices)):
            words = iter(chosen)
            text = "".join(part if isinstance(part, str) else self._word(next(words)) for part in run).strip()
            text = text if opens else text.lstrip(_STOPS + _COMMAS + " ")
            lead, tail = LEAD_S if opens else JOIN_S, TAIL_S if closes else JOIN_S
            clips[chosen] = Clip(".".join((name, *chosen)), text, lead, tail)
        return _Stretch(choices, clips)

    def _word(self, choice: str) -> str:
        return self._texts.get(f"choice.{choice}", choice)

    def _written(self, prompt: Prompt, field: Field, values: Mapping[str, str]) -> str:
        if field.kind in KINDS:
            pieces = self._pieces(prompt, field, values)
            return " ".join(self._said(piece) + ("," if piece.pause else "") for piece in pieces)
        if field.kind in CHOICES:
            return self._word(_choice(prompt, field, values))
        return _given(prompt, field, values)

    def _pieces(self, prompt: Prompt, field: Field, values: Mapping[str, str]) -> tuple[Piece, ...]:
        given = _given(prompt, field, values)
        try:
            pieces = KINDS[field.kind](given)
        except ValueError as error:
            raise _unfit(prompt, field, str(error)) from None
        if field.kind != "date":
            return pieces
        by_part = {piece.id.split(".")[0]: piece for piece in pieces}
        *others, last = (by_part[part] for part in self._date_order)
        return (*(replace(piece, pause=True) for piece in others), replace(last, pause=False))

    def _piece_clip(self, piece: Piece, form: str) -> Clip:
        form = form if form in piece.forms else piece.forms[-1]
        text = self._said(piece) + _MARKS[form]
        return Clip(f"{piece.id}-{form}" if len(piece.forms) > 1 else piece.id, text, JOIN_S, _TAILS[form])

    def _said(self, piece: Piece) -> str:
        return self._texts.get(piece.id) or (piece.figures if self._texts else "") or piece.word


def texts(prompts: Iterable[Prompt]) -> Iterator[tuple[str, str]]:
    """Everything a translation has to translate: ids and English texts.

    Of values, the kinds that these prompts speak: amounts alone are 1,396 texts.
    """
    said = list(prompts)
    yield from ((prompt.id, prompt.text) for prompt in said)
    yield from ((f"choice.{word}", word) for words in CHOICES.values() for word in words)
    yield DATE_ORDER, DATE_PARTS
    kinds = {kind for prompt in said for kind in fields(prompt.text).values()}
    yield from ((piece.id, piece.word) for piece in every_piece(kinds))


def _form(after: Sequence[str | Field]) -> str:
    """Tell how a value ends, from what comes after it."""
    first = after[0] if after else "."
    if isinstance(first, Field) or first[0] not in _STOPS + _COMMAS:
        return "join"
    return "end" if first[0] in _STOPS else "pause"


def _choice(prompt: Prompt, field: Field, values: Mapping[str, str]) -> str:
    given = _given(prompt, field, values)
    if given not in CHOICES[field.kind]:
        raise _unfit(prompt, field, f"{given!r} is not one of {', '.join(CHOICES[field.kind])}")
    return given


def _given(prompt: Prompt, field: Field, values: Mapping[str, str]) -> str:
    try:
        return values[field.name]
    except KeyError:
        raise _unfit(prompt, field, "it is missing") from None


def _unfit(prompt: Prompt, field: Field, why: str) -> FlowError:
    return FlowError(f"prompt {prompt.text!r}: no {field.kind or 'words'} for {{{field.name}}} ({why})")

"""Numbers in words, in figures: `two hundred fourteen` is 214, `twenty-first` 21th, `four eight two` 4 8 2."""

from collections.abc import Iterable
from types import MappingProxyType

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = ("", "", *"twenty thirty forty fifty sixty seventy eighty ninety".split())
_VALUES = MappingProxyType({word: n for n, word in enumerate(_ONES)} | {w: 10 * n for n, w in enumerate(_TENS) if w})
_IRREGULAR = MappingProxyType({"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12})
_HUNDRED, _THOUSAND = 100, 1000


def in_figures(words: Iterable[str]) -> list[str]:
    """Write every number that is spelled in lower case as figures, and every ordinal as figures with `th`."""
    out: list[str] = []
    number: int | None = None
    for word in words:
        value, ordinal = _value(word)
        if number is not None and (longer := _continued(number, word, value)) is not None:
            number = longer
        else:
            if number is not None:
                out.append(str(number))
            number = value
        if value is None and number is None:
            out.append(word)
        if ordinal and number is not None:
            out.append(f"{number}th")
            number = None
    return out if number is None else [*out, str(number)]


def _value(word: str) -> tuple[int | None, bool]:
    """Return the number that a word or figure stands for, and whether it is an ordinal."""
    if word[:1].isdecimal() and word[-2:] in {"st", "nd", "rd", "th"}:
        return int(word[:-2]), True
    if word in _VALUES:
        return _VALUES[word], False
    if word in _IRREGULAR:
        return _IRREGULAR[word], True
    stem = word.removesuffix("th")
    if stem != word and (cardinal := f"{stem[:-2]}y" if stem.endswith("ie") else stem) in _VALUES:
        return _VALUES[cardinal], True
    return None, False


def _continued(number: int, word: str, value: int | None) -> int | None:
    """Return the number with one more word of it; None where the word begins another number, or is none."""
    hundreds = number % _THOUSAND
    if word == "hundred" and 0 < hundreds < _HUNDRED:
        return number - hundreds + hundreds * _HUNDRED
    if word == "thousand" and 0 < number < _THOUSAND:
        return number * _THOUSAND
    if value is None or not value:
        return None
    rest = number % _HUNDRED
    if rest == 0 and number >= _HUNDRED:
        return number + value
    if number % 10 == 0 and rest >= 20 and value < 10:  # noqa: PLR2004 twenty and one
        return number + value
    return None

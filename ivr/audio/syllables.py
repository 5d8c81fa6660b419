"""How much there is to say in a text: its syllables, near enough to tell whether a clip can hold them."""

import re
import unicodedata

from ivr.values import speak_count

_WORD = re.compile(r"[a-z']+")
_VOWELS = re.compile(r"[aeiouy]+")
_DIGITS = re.compile(r"\d+")
_SPELLED = re.compile(r"\b[A-Z]{2,}\b")  # PIN and PC are about as long as their letters' names


def count_syllables(text: str) -> int:
    """Return about how many syllables a text has when it is read out in English, or in a language much like it.

    0 where the text is written in other letters than Latin ones: nothing is known about it.
    """
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    if any(c.isalpha() and not c.isascii() for c in text):
        return 0
    text = _DIGITS.sub(lambda number: f" {_number(number[0])} ", text)
    text = _SPELLED.sub(lambda word: " ".join(word[0]), text)
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)  # GoToMeeting
    return max(1, sum(_of_word(word) for word in _WORD.findall(text.lower())))


def _of_word(word: str) -> int:
    groups = len(_VOWELS.findall(word))
    if groups > 1 and re.search(r"[^aeioul]e$|[^aeiou]es$|[^aeioutd]ed$", word):
        groups -= 1  # a silent e
    return max(1, groups)


def _number(digits: str) -> str:
    """One digit is a word; so is a number; a year is two numbers, and nobody says its thousand."""
    if len(digits) == 4 and digits[1] != "0":  # noqa: PLR2004 a year
        return f"{_number(digits[:2])} {_number(digits[2:])}"
    return " ".join(piece.word for piece in speak_count(digits)) if len(digits) <= 6 else " ".join(digits)  # noqa: PLR2004

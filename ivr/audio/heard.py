"""Heard against meant: the same words, however each of the two spells them."""

import re
from collections.abc import Sequence
from types import MappingProxyType

from ivr.audio.number_words import in_figures

_SPELLINGS = (  # case matters here
    (r"\$(\d+) cents?\b", r"\1 cents"),  # a recognizer likes signs
    (r"\$0?\.0?(\d+)\b", r"\1 cents"),
    (r"\$([\d,]+)\.00\b", r"\1 dollars"),
    (r"\$([\d,]+)\.0?(\d+)\b", r"\1 dollars and \2 cents"),
    (r"\$([\d,]+)(?: dollars\b)?", r"\1 dollars"),
    (r"(\d+) ?¢", r"\1 cents"),
    (r"\*", " star "),
    (r"#", " pound "),
    (r"&", " and "),
    (r"(?<=\d),(?=\d{3}\b)", ""),  # 1,200
    (r"([a-z])([A-Z])", r"\1 \2"),  # GoToMeeting
)
_ENDINGS = (
    (r"\bwon't\b", "will not"),
    (r"\bcan't\b|\bcannot\b", "can not"),
    (r"n't\b", " not"),
    (r"'m\b", " am"),
    (r"\bits\b", "it is"),
    (r"\byour\b", "you are"),
    (r"'re\b", " are"),
    (r"'ve\b", " have"),
    (r"'ll\b", " will"),
    (r"'d\b", " would"),
    (r"\balright\b", "all right"),
    (r"\blet's\b", "let us"),
    (r"\b(it|that|there|here|what|who|he|she)'s\b", r"\1 is"),
    (r"(\w)ll(ed|ing)\b", r"\1l\2"),  # cancelled, canceled: both sides lose an l, so `called` does too
)
# Nobody hears a difference.
_SAME = MappingProxyType(
    {"to": "2", "too": "2", "for": "4", "won": "1", "ate": "8", "oh": "0", "o": "0", "by": "buy", "bye": "buy"}
    | {
        "hash": "pound",
        "mike": "mic",
        "their": "there",
        "weight": "wait",
        "write": "right",
        "hear": "here",
        "ok": "okay",
    }
    | {"dollar": "dollars", "cent": "cents"}
)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"


def normalise(text: str) -> list[str]:
    """Return the words of a text as they sound: digits one by one, no signs, no contractions, one of each homophone."""
    return [_SAME.get(word, word) for word in _words(text)]


def _words(text: str) -> list[str]:
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    for pattern, replacement in _SPELLINGS:
        text = re.sub(pattern, replacement, text)
    text = text.lower()
    for pattern, replacement in _ENDINGS:
        text = re.sub(pattern, replacement, text)
    figures = " ".join(in_figures(re.findall(r"\d+(?:st|nd|rd|th)|\d+|[a-z']+", text)))
    dated = re.sub(rf"\b({_MONTHS}) (\d\d?)\b", r"\1 \2th", figures)
    return [part for word in dated.split() for part in (word if word.isdecimal() else (word.strip("'"),))]


def word_errors(meant: str, heard: str) -> float:
    """Return the share of the meant words that were heard wrongly, left out or added; 0 is perfect."""
    expected = normalise(meant)
    return distance(expected, normalise(heard)) / max(1, len(expected))


def distance(meant: Sequence[str], heard: Sequence[str]) -> int:
    """Return how many words must be changed to come from one to the other. `log in` is `login`, at no cost."""
    rows = [list(range(len(heard) + 1))]
    for i, word in enumerate(meant, 1):
        row = [i]
        for j, other in enumerate(heard, 1):
            best = min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (word != other))
            if j > 1 and word == heard[j - 2] + other:
                best = min(best, rows[-1][j - 2])
            if i > 1 and other == meant[i - 2] + word:
                best = min(best, rows[-2][j - 1])
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def holds(heard: str, value: str) -> bool:
    """Say whether a value was heard in full: all its words, in a row, and no digit next to them that is not its own."""
    written, wanted = _words(heard), normalise(value)
    words, size = normalise(heard), len(wanted)
    return any(
        words[start : start + size] == wanted
        # `to` sounds like a 2, but only what was written as a digit is one more digit
        and not any(word.isdecimal() for word in (*written[max(0, start - 1) : start], *written[start + size :][:1]))
        for start in range(len(words) - size + 1)
    )

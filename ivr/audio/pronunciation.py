"""How words are spelled for the voice, where it would read them wrongly; callers' texts keep their spelling."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path


class PronunciationError(ValueError):
    """The list cannot be read; the message is one line that names the file."""


class Pronunciation:
    """Words and how they are said. A word is replaced where it stands alone, in exactly this spelling."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = dict(words)
        longest_first = sorted(map(re.escape, self._words), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)") if longest_first else None

    def apply(self, text: str) -> str:
        """Return the text as the voice is to read it, on one line."""
        if self._pattern:
            text = self._pattern.sub(lambda match: self._words[match[0]], text)
        return " ".join(text.split())


def read_pronunciation(path: Path) -> Pronunciation:
    """Read `"word" = "how it is said"` lines of a TOML file; no file, no words.

    Raises: PronunciationError.
    """
    try:
        words = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        words = {}
    except (OSError, ValueError) as error:
        raise PronunciationError(f"{path}: {' '.join(str(error).split())}") from None
    wrong = [word for word, said in words.items() if not (isinstance(said, str) and said.strip() and word.strip())]
    if wrong:
        raise PronunciationError(f'{path}: {wrong[0]!r} needs a line like "GoToMeeting" = "Go To Meeting"')
    return Pronunciation(words)

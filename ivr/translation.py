"""Translations: `prompts/<language>.toml`, one table for each text, with the English it was made from.

So a translation that the English has moved away from is found, and is not spoken.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ivr.flow import FlowError
from ivr.template import fields

SOURCE = "en-US"  # the language the flows are written in


class TranslationError(ValueError):
    """A translation cannot be used; the message is one line with the file in it."""


@dataclass(frozen=True)
class Translation:
    """What one language says. texts: by id. missing, stale: ids that have no text, or one of an older English."""

    texts: Mapping[str, str]
    missing: tuple[str, ...]
    stale: tuple[str, ...]


def read(path: Path, english: Iterable[tuple[str, str]]) -> Translation:
    """Read a language. english: all there is to translate, by id.

    Raises: TranslationError for a file that is not there or cannot be read, and for a text with other fields than the
    English has.
    """
    rows = _rows(path)
    texts: dict[str, str] = {}
    missing: list[str] = []
    stale: list[str] = []
    for name, source in english:
        row = rows.get(name, {})
        if not row.get("text", "").strip():
            missing.append(name)
        elif row.get("english") != source:
            stale.append(name)
        else:
            texts[name] = _checked(path, name, source, row["text"])
    return Translation(texts, tuple(missing), tuple(stale))


def update(path: Path, english: Iterable[tuple[str, str]]) -> str:
    """Return the file as translators should go on with it: what they wrote, and every text that is still to do.

    Raises: TranslationError as `read` does.
    """
    rows: Mapping[str, Mapping[str, str]] = _rows(path) if path.exists() else {}
    return "\n".join(_listed(rows, english))


def _listed(rows: Mapping[str, Mapping[str, str]], english: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, source in english:
        row = rows.get(name, {})
        text, made_from = row.get("text", ""), row.get("english", source)
        yield f"[{json.dumps(name)}]"
        if text and made_from != source:
            yield f"# The English is new: {json.dumps(source, ensure_ascii=False)}"
        yield f"english = {json.dumps(made_from if text else source, ensure_ascii=False)}"
        yield f"text = {json.dumps(text, ensure_ascii=False)}\n"


def _rows(path: Path) -> Mapping[str, Mapping[str, str]]:
    try:
        rows: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TranslationError(f"{path}: {error.strerror}; `flask prompts translate` makes it") from None
    except ValueError as error:
        raise TranslationError(f"{path}: {error}") from None
    for name, row in rows.items():
        if not isinstance(row, dict) or not all(isinstance(value, str) for value in cast("Any", row).values()):
            raise TranslationError(f'{path}: ["{name}"] must hold english = "..." and text = "..."')
    return rows


def _checked(path: Path, name: str, source: str, text: str) -> str:
    try:
        ours, theirs = fields(source), fields(text)
    except FlowError as error:
        raise TranslationError(f'{path}: ["{name}"]: {error}') from None
    if ours != theirs:
        wanted = ", ".join(f"{{{field}:{kind}}}" if kind else f"{{{field}}}" for field, kind in ours.items()) or "none"
        raise TranslationError(f'{path}: ["{name}"] must use the fields of the English: {wanted}')
    return text

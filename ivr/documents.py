"""Answers that are the same in every call, kept once they are written: most of what a menu says never changes."""

import os
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

MOST = 2_000


@dataclass(frozen=True)
class Document:
    """An answer. files: what it plays; without one of them it is not to be given."""

    text: str
    files: Sequence[str] = ()

    def is_whole(self) -> bool:
        """Say whether all its files are there."""
        return all(os.path.exists(file) for file in self.files)  # noqa: PTH110 for every webhook; a Path costs more


class Kept:
    """Documents by what they say. All are forgotten as soon as anything they are made of is another.

    sources, everywhere: what a document is made of now, compared by identity.
    """

    def __init__(self) -> None:
        self._shelf: tuple[tuple[object, ...], dict[Hashable, Document]] = ((), {})

    def find(self, key: Hashable, sources: tuple[object, ...]) -> str | None:
        """Return a document that was kept."""
        found = self._documents(sources).get(key)
        return found.text if found and found.is_whole() else None

    def keep(self, key: Hashable, document: Document, sources: tuple[object, ...]) -> None:
        """Keep a document."""
        documents = self._documents(sources)
        if len(documents) < MOST:
            documents[key] = document

    def _documents(self, sources: tuple[object, ...]) -> dict[Hashable, Document]:
        made_of, documents = self._shelf
        if len(made_of) != len(sources) or any(one is not other for one, other in zip(made_of, sources, strict=True)):
            documents = {}
            self._shelf = sources, documents
        return documents

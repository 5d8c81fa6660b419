"""Answers that are the same in every call, kept once they are written: most of what a menu says never changes."""

from collections.abc import Hashable

MOST = 2_000


class Kept:
    """Documents by what they say. All are forgotten as soon as anything they are made of is another.

    sources, everywhere: what a document is made of now, compared by identity.
    """

    def __init__(self) -> None:
        self._shelf: tuple[tuple[object, ...], dict[Hashable, str]] = ((), {})

    def find(self, key: Hashable, sources: tuple[object, ...]) -> str | None:
        """Return a document that was kept."""
        return self._documents(sources).get(key)

    def keep(self, key: Hashable, text: str, sources: tuple[object, ...]) -> None:
        """Keep a document."""
        documents = self._documents(sources)
        if len(documents) < MOST:
            documents[key] = text

    def _documents(self, sources: tuple[object, ...]) -> dict[Hashable, str]:
        made_of, documents = self._shelf
        if len(made_of) != len(sources) or any(one is not other for one, other in zip(made_of, sources, strict=True)):
            documents = {}
            self._shelf = sources, documents
        return documents

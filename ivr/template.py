"""Templates of prompts: `Your trial ends on {ends_on:date}.`; the kind behind the colon says how to speak the value."""

from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

from ivr.flow import FlowError
from ivr.values import CHOICES, KINDS


@dataclass(frozen=True)
class Field:
    """A value in a template. kind: '' for plain words, which must be the same in every call."""

    name: str
    kind: str


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[str | Field, ...]:
    """Split a template into words and fields.

    Raises: FlowError for a template that cannot be read, or a kind that does not exist.
    """
    parts: list[str | Field] = []
    try:
        for literal, name, kind, _ in Formatter().parse(text):
            parts += [literal] if literal else []
            parts += [Field(name, kind or "")] if name is not None else []
    except ValueError as error:
        raise FlowError(f"prompt {text!r}: {error}") from None
    for part in parts:
        if isinstance(part, Field) and (part.kind not in {"", *KINDS, *CHOICES} or not part.name.isidentifier()):
            kinds = ", ".join((*KINDS, *CHOICES))
            raise FlowError(f"prompt {text!r}: no field {{{part.name}:{part.kind}}}; kinds are {kinds}")
    return tuple(parts)


def fields(text: str) -> dict[str, str]:
    """Return the fields of a template and their kinds. Raises: FlowError as `parse` does."""
    return {part.name: part.kind for part in parse(text) if isinstance(part, Field)}

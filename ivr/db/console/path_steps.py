"""The steps of a path as the graph shows them: the first few one by one, and whatever comes after as one."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal

SHOWN = 6
LATER = "_later"  # no flow is called so: their names are those of modules, and begin with a letter
NOWHERE = "_nowhere"  # a call of which no turn was written


def steps_of(steps: str) -> list[str]:
    """Spread a path. steps: its flows, parted by blanks."""
    flows = steps.split() or [NOWHERE]
    return flows if len(flows) <= SHOWN else [*flows[:SHOWN], LATER]


def takes(steps: ColumnElement[str], at: int, first: str, then: str) -> ColumnElement[bool]:
    """Say in SQL whether a path has `first` as its step `at`, from 0, and `then` next; '' where it ends there."""
    return and_(_is(steps, at, first), _is(steps, at + 1, then) if then else _is_none(steps, at + 1))


def _is(steps: ColumnElement[str], at: int, step: str) -> ColumnElement[bool]:
    if step == NOWHERE:
        return steps == "" if at == 0 else false()
    if step == LATER:
        return _flow(steps, SHOWN) != "" if at == SHOWN else false()
    return _flow(steps, at) == step if at < SHOWN else false()


def _is_none(steps: ColumnElement[str], at: int) -> ColumnElement[bool]:
    # Nothing comes after the step that stands for all further ones.
    return literal(value=True) if at > SHOWN else _flow(steps, at) == ""


def _flow(steps: ColumnElement[str], at: int) -> ColumnElement[Any]:
    return func.split_part(steps, " ", at + 1)

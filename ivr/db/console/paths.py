"""The ways that calls take through the flows, in steps, and the bands of a graph that many of them make."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Engine, func, select

from ivr.call import Disposition
from ivr.db.console.call_filter import CallFilter
from ivr.db.console.facts import FACTS, PATHS
from ivr.db.console.path_steps import steps_of
from ivr.db.console.scope import Scope
from ivr.db.database import reading


@dataclass(frozen=True, order=True)
class Band:
    """Calls that went from one step to another. at: place of the first, from 0. origin: its flow.

    to: the flow after it; '' where the call ended there, as `disposition` says.
    """

    at: int
    origin: str
    to: str = ""
    disposition: str = ""

    def filter(self, scope: Scope) -> CallFilter:
        """Choose exactly these calls."""
        chosen = replace(scope.filter, band=f"{self.at}:{self.origin}>{self.to}")
        return replace(chosen, disposition=(Disposition(self.disposition),)) if self.disposition else chosen


def bands_of(steps: str, disposition: str) -> Iterator[Band]:
    """Tell the bands that a call is part of: one for each of its steps. steps: its flows, parted by blanks."""
    shown = steps_of(steps)
    for at, (origin, to) in enumerate(zip(shown, [*shown[1:], ""], strict=True)):
        yield Band(at, origin, to, "" if to else disposition)


def count_bands(engine: Engine, scope: Scope) -> Counter[Band]:
    """Count the calls of every band."""
    c = FACTS.c
    counted: Counter[Band] = Counter()
    with reading(engine) as session:
        ways = (
            select(c.path_id, c.disposition, func.count().label("calls"))
            .where(scope.condition(session))
            .group_by(c.path_id, c.disposition)
            .subquery()
        )
        query = select(PATHS.c.steps, ways.c.disposition, ways.c.calls).join(ways, ways.c.path_id == PATHS.c.id)
        for steps, disposition, calls in session.execute(query):
            for band in bands_of(steps, disposition):
                counted[band] += calls
    return counted

"""The way of a call through the flows, node by node: the turns of the log, and what lies between two of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ivr.call import Position
from ivr.call_log import Visit
from ivr.edges import edges
from ivr.flow import AGAIN, FlowError, Say
from ivr.line import Line

PASSED_MAX = 50  # nodes between two turns


@dataclass(frozen=True)
class Stride:
    """One step on the way. label: of the edge out of `at`; '' where nobody knows. turn: that it belongs to."""

    at: Position
    to: Position
    label: str
    turn: int


def walk(line: Line, visits: Sequence[Visit]) -> list[Stride]:
    """Walk a call again by today's edges. Where they lead elsewhere than the log says, the log is right."""
    strides: list[Stride] = []
    for turn, (visit, following) in enumerate(pairwise(visits), 1):
        strides += _between(line, visit, following, turn)
    return strides


def _between(line: Line, visit: Visit, following: Visit, turn: int) -> Iterator[Stride]:
    """Find the nodes that were passed from one wait to the next."""
    first, *rest = visit.outcome.split(" > ")
    steps = [tuple(step.rpartition(": ")[::2]) for step in rest]
    at, end, label = Position(visit.flow, visit.node), Position(following.flow, following.node), first
    for _ in range(PASSED_MAX):
        to = _target(line, at, label)
        if to is None or to == end or line.node(to) is None:
            break
        proved = line.flows[to.flow].needs and end.flow == line.verify and not steps
        if proved:
            break
        node = line.node(to)
        if isinstance(node, Say):
            following_label = "said"
        elif steps and steps[0][0] == to.node:
            following_label = steps.pop(0)[1]
        else:
            break  # the log tells of no such step: it went another way
        yield Stride(at, to, label, turn)
        at, label = to, following_label
    yield Stride(at, end, label, turn)


def _target(line: Line, at: Position, label: str) -> Position | None:
    """Return where an edge leads; None where that depends on the call, as it does for "back"."""
    node = line.node(at)
    edge = next((edge for edge in edges(node) if edge.label == label), None) if node else None
    if edge is None:
        return None
    if edge.to == AGAIN:
        return at
    try:
        return line.resolve(at.flow, edge.to)
    except FlowError:
        return None

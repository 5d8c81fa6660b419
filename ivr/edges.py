"""The ways out of a node: one list, which the lint, the diagram, the walker of the tests and the log all read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, assert_never

from ivr.call import DialStatus
from ivr.flow import (
    AGAIN,
    FULL,
    HELP,
    PERSON,
    RECORDED,
    RESERVED,
    RESUME,
    SLIPS,
    UNAVAILABLE,
    Ask,
    Do,
    Hangup,
    Menu,
    Node,
    Record,
    Resume,
    Say,
    Transfer,
)


@dataclass(frozen=True)
class Edge:
    """One way out of a node: what happens, and where it leads."""

    label: str
    to: str


def edges(node: Node) -> Iterator[Edge]:
    """Every way out of a node."""
    match node:
        case Menu():
            yield from (Edge(option.key, option.to) for option in node.options)
            yield from (Edge(key, to) for key, to in RESERVED.items())
            yield from _ladders(node, "no-input", "no-match")
        case Ask():
            yield from _outcomes(node.on)
            yield from (Edge("0", PERSON), Edge("*", HELP), Edge("#", AGAIN), Edge(UNAVAILABLE, node.unavailable))
            yield from _ladders(node, "no-input", "no-match")
        case Do():
            yield from _outcomes(node.on)
            yield Edge(UNAVAILABLE, node.unavailable)
        case Transfer():
            for status in DialStatus:
                yield Edge(status.value, node.ended if status is DialStatus.COMPLETED else node.unanswered)
        case Record():
            yield from (Edge(RECORDED, node.to), Edge(FULL, node.full))
            yield from _ladders(node, "no-input")
        case Say():
            yield Edge("said", node.to)
        case Resume():
            yield Edge("resume", RESUME)
        case Hangup():
            return
        case _ as never:
            assert_never(never)


def _outcomes(on: Mapping[Any, str]) -> Iterator[Edge]:
    for outcome, to in on.items():
        yield Edge(outcome_label(outcome), to)


def outcome_label(outcome: Enum) -> str:
    """Name an outcome as edges and the call log write it."""
    return outcome.name.lower().replace("_", "-")


def _ladders(node: Menu | Ask[Any] | Record, *kinds: str) -> Iterator[Edge]:
    for kind in kinds:
        for attempt in range(1, node.tries):
            yield Edge(f"{kind} {attempt}", AGAIN)
        yield Edge(f"{kind} {node.tries}", node.give_up)
    if node.tries > 1:  # else the first slip gives up already
        yield Edge(SLIPS, node.give_up)

"""The ways out of a node: one list, which the lint, the diagram, the walker of the tests and the log all read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import Any, assert_never

from ivr.call import DialStatus
from ivr.flow import (
    AGAIN,
    HELP,
    PERSON,
    RESERVED,
    RESUME,
    WAITING_KEYS,
    Ask,
    Do,
    Hangup,
    Hold,
    Meet,
    Menu,
    Node,
    Record,
    Resume,
    Say,
    Through,
    Transfer,
)

NO_INPUT, NO_MATCH = "no-input", "no-match"  # begin the labels of silences and of wrong keys
UNAVAILABLE = "unavailable"  # edge taken when an outside system cannot be reached
SLIPS = "slips"  # edge taken at the CALL_SLIPS-th slip of a call
SERVED, EXPIRED, FAILED = "served", "expired", "failed"  # edges of a Hold: a person; too long or closed; no queue
OVER = "over"  # edge of a Meet
RECORDED, FULL = "recorded", "full"  # edges of a Record: the caller was done; the caller was cut off


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
            yield from (Edge(key, to) for key, to in node.reserved.items())
            yield from _ladders(node, NO_INPUT, NO_MATCH)
        case Ask():
            yield from _outcomes(node.on)
            yield from (Edge("0", PERSON), Edge("*", HELP), Edge("#", AGAIN), Edge(UNAVAILABLE, node.unavailable))
            yield from _ladders(node, NO_INPUT, NO_MATCH)
        case Do():
            yield from _outcomes(node.on)
            yield Edge(UNAVAILABLE, node.unavailable)
        case Transfer() | Hold() | Meet() | Record():
            yield from _ends(node)
        case Say():
            yield Edge("said", node.to)
        case Resume():
            yield Edge("resume", RESUME)
        case Hangup() | Through():
            return
        case _ as never:
            assert_never(never)


def takes(node: Node) -> str:
    """Name what a wait makes of what a caller does: the same in two versions of a flow where both mean the same.

    Words may change, and so may what comes after; a key that leads elsewhere, or another kind of digits, may not.
    """
    told: list[object]
    match node:
        case Menu():
            told = [node.deed, *sorted({**node.reserved, **{option.key: option.to for option in node.options}}.items())]
        case Ask():
            told = [node.least, node.most, node.secret, node.check.__name__]
        case Hold():
            told = [*sorted((option.key, option.to) for option in node.options)]
        case _:
            told = []
    return sha256(repr((type(node).__name__, told)).encode()).hexdigest()[:8]


def _ends(node: Transfer | Hold | Meet | Record) -> Iterator[Edge]:
    """What comes of a wait for something else than keys."""
    match node:
        case Transfer():
            for status in DialStatus:
                yield Edge(status.value, node.to(status))
        case Hold():
            yield from (Edge(option.key, option.to) for option in node.options)
            yield from (Edge(key, RESERVED[key]) for key in WAITING_KEYS)
            yield from (Edge(SERVED, node.ended), Edge(EXPIRED, node.expired), Edge(FAILED, node.expired))
        case Meet():
            yield Edge(OVER, node.to)
        case Record():
            yield from (Edge(RECORDED, node.to), Edge(FULL, node.full))
            yield from _ladders(node, NO_INPUT)


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
    # With one try the first slip gives up already; who is rung has made no other slips before.
    if node.tries > 1 and not (isinstance(node, Menu) and not node.house):
        yield Edge(SLIPS, node.give_up)

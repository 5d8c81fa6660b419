"""A drawing of the flows that a call went through, with its way on it: boxes and lines, for an SVG in a page.

Each flow is a lane; its nodes stand below each other, in the order written. Every edge within these flows is a thin
line, but for what all menus share; the call's own way is thick, with the numbers of its turns.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr.call import Position
from ivr.call_log import Visit
from ivr.console.walk import Stride
from ivr.edges import NO_INPUT, NO_MATCH, SLIPS, UNAVAILABLE, edges
from ivr.flow import AGAIN, BACK, HELP, RESERVED, RESUME, FlowError
from ivr.line import Line

LANE, GAP, BOX, ROW, HEAD, EDGE = 168, 76, 30, 46, 44, 16  # units of the drawing, about one pixel each
TEXT_MAX = 19


@dataclass(frozen=True)
class Box:
    """A node. turns: numbers of the turns in which the call waited here. passed: the call came through."""

    x: int
    y: int
    text: str
    name: str
    passed: bool
    turns: str = ""
    ended: bool = False


@dataclass(frozen=True)
class Arrow:
    """An edge. path: an SVG path. label: what led there. walked: by this call."""

    path: str
    label: str
    x: int
    y: int
    walked: bool


@dataclass(frozen=True)
class Lane:
    """A flow."""

    x: int
    title: str


@dataclass(frozen=True)
class Drawing:
    """All of it. words: the same for those who listen."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    words: str


def draw(line: Line, visits: Sequence[Visit], strides: Sequence[Stride]) -> Drawing | None:
    """Draw the flows of a call; None for one that never came to a node."""
    met = [Position(visit.flow, visit.node) for visit in visits]
    passed = dict.fromkeys([*met[:1], *(place for stride in strides for place in (stride.at, stride.to))])
    names = list(dict.fromkeys(place.flow for place in passed))
    if not names:
        return None
    places = _places(line, names, passed)
    turns: dict[Position, list[int]] = {}
    for number, place in enumerate(met, 1):
        turns.setdefault(place, []).append(number)
    boxes = tuple(
        Box(x, y, _short(at.node), str(at), at in passed, _numbers(turns.get(at, [])), at == met[-1])
        for at, (x, y) in places.items()
    )
    lanes = tuple(Lane(_lane_x(i), _title(line, name)) for i, name in enumerate(names))
    height = max(y for _, y in places.values()) + BOX + EDGE
    arrows = (*_thin(line, places, strides), *_thick(places, strides))
    words = ", then ".join(f"{at}" for at in passed)
    return Drawing(_lane_x(len(names)) - EDGE, height, lanes, boxes, arrows, words)


def _places(line: Line, names: Sequence[str], passed: dict[Position, None]) -> dict[Position, tuple[int, int]]:
    """Put each node somewhere: those of today's flows, and those that a call came through and that are gone."""
    places: dict[Position, tuple[int, int]] = {}
    for i, name in enumerate(names):
        flow = line.flows.get(name)
        today = [
            node for node in (flow.nodes if flow else ()) if not node.endswith(HELP) or Position(name, node) in passed
        ]
        gone = [at.node for at in passed if at.flow == name and at.node not in today]
        for row, node in enumerate([*today, *gone]):
            places[Position(name, node)] = (_lane_x(i), HEAD + row * ROW)
    return places


def _thin(line: Line, places: dict[Position, tuple[int, int]], strides: Sequence[Stride]) -> Iterator[Arrow]:
    done = {(stride.at, stride.to) for stride in strides}
    for at, place in places.items():
        node = line.node(at)
        for edge in edges(node) if node else ():
            shared = edge.to in {AGAIN, BACK, RESUME, *RESERVED.values()} or edge.label in {SLIPS, UNAVAILABLE}
            if shared or edge.to.endswith(HELP) or edge.label.startswith((NO_INPUT, NO_MATCH)):
                continue
            try:
                to = line.resolve(at.flow, edge.to)
            except FlowError:
                continue
            if to in places and (at, to) not in done:
                done.add((at, to))
                yield _arrow(place, places[to], "", walked=False)


def _thick(places: dict[Position, tuple[int, int]], strides: Sequence[Stride]) -> Iterator[Arrow]:
    labels: dict[tuple[Position, Position], Counter[str]] = {}
    for stride in strides:
        labels.setdefault((stride.at, stride.to), Counter())[_label(stride.label)] += 1
    for (at, to), counted in labels.items():
        told = ", ".join(
            f"{label} \N{MULTIPLICATION SIGN}{n}" if n > 1 else label for label, n in counted.items() if label
        )
        if at != to:
            yield _arrow(places[at], places[to], told[:TEXT_MAX], walked=True)


def _arrow(start: tuple[int, int], end: tuple[int, int], label: str, *, walked: bool) -> Arrow:
    """Bend a line from box to box: down within a lane, around it on the right where that is blocked, else across."""
    (x1, y1), (x2, y2) = start, end
    mid1, mid2 = y1 + BOX // 2, y2 + BOX // 2
    if x1 == x2 and y2 == y1 + ROW:
        x = x1 + LANE // 2
        return Arrow(f"M{x} {y1 + BOX}V{y2 - 1}", label, x + 6, y1 + BOX + 12, walked)
    if x1 == x2:
        out = x1 + LANE + min(GAP - 24, 12 + abs(y2 - y1) // 8)
        path = f"M{x1 + LANE} {mid1}C{out} {mid1} {out} {mid2} {x1 + LANE + 1} {mid2}"
        return Arrow(path, label, x1 + LANE + 6, mid1 - 5, walked)
    if x2 > x1:
        from_x, to_x, turn = x1 + LANE, x2 - 1, GAP // 2
    else:
        from_x, to_x, turn = x1, x2 + LANE + 1, -GAP // 2
    path = f"M{from_x} {mid1}C{from_x + turn} {mid1} {to_x - turn} {mid2} {to_x} {mid2}"
    return Arrow(path, label, from_x + (6 if turn > 0 else -GAP + 10), mid1 - 5, walked)


def _lane_x(index: int) -> int:
    return EDGE + index * (LANE + GAP)


def _label(label: str) -> str:
    return "" if label == "said" else label.replace("no-input", "silence").replace("no-match", "wrong key")


def _title(line: Line, name: str) -> str:
    title = line.flows[name].title if name in line.flows else name
    return _short(title, 26)


def _short(text: str, most: int = TEXT_MAX) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def _numbers(turns: Sequence[int]) -> str:
    shown = ", ".join(map(str, turns[:4]))
    return f"{shown} \N{HORIZONTAL ELLIPSIS}" if len(turns) > 4 else shown  # noqa: PLR2004 as many as fit

"""The flows as Mermaid drawings."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache

from ivr.call import Position
from ivr.edges import SLIPS, UNAVAILABLE, Edge, edges
from ivr.flow import (
    AGAIN,
    BACK,
    HELP,
    PERSON,
    RESERVED,
    RESUME,
    Ask,
    Do,
    FlowError,
    Hold,
    Menu,
    Node,
    Record,
    Resume,
    Say,
)
from ivr.line import Line
from ivr.prompts import prompts

SHAPES = {
    "Menu": ("{{", "}}"),
    "Ask": ("[/", "/]"),
    "Say": ("(", ")"),
    "Do": ("[[", "]]"),
    "Transfer": ("([", "])"),
    "Hold": ("[(", ")]"),
    "Meet": ("([", "])"),
    "Record": ("[(", ")]"),
}
LEGEND = (
    "%% On every menu: 0 a person, 9 the main menu, * back, # again. Three silences or three wrong keys,",
    "%% or an outside system out of reach: a person. Only what differs from that is drawn.",
)


def mermaid(line: Line) -> str:
    """Draw every flow, node and edge; what all menus share is left to the legend."""
    rows = ["flowchart LR", *(f"  {row}" for row in LEGEND)]
    for name, flow in line.flows.items():
        rows.append(f'  subgraph {name}["{flow.title}"]')
        rows += [f"    {_box(Position(name, node_name), node)}" for node_name, node in flow.nodes.items()]
        rows.append("  end")
    for at, node in line.nodes():
        rows += [f"  {row}" for row in _arrows(line, at, node)]
    return "\n".join(rows) + "\n"


@lru_cache(maxsize=8)  # a page asks for it, too
def version(line: Line) -> str:
    """Name this version of the flows: eight hexadecimal digits that change with any edge or sentence."""
    try:
        drawn = mermaid(line)
    except (FlowError, KeyError):  # an edge leads nowhere; callers who do not walk it are served all the same
        drawn = ""
    drawn += "".join(f"{prompt.id} {prompt.text}\n" for prompt in prompts(line))
    return hashlib.sha256(drawn.encode()).hexdigest()[:8]


def overview(line: Line) -> str:
    """Draw the flows only, and which leads to which."""
    rows = ["flowchart LR", *(f'  {name}["{flow.title}"]' for name, flow in line.flows.items())]
    targets: dict[str, dict[str, None]] = {}
    for at, node in line.nodes():
        for edge in edges(node):
            if _drawn(node, edge) and (target := line.resolve(at.flow, edge.to).flow) != at.flow:
                targets.setdefault(at.flow, {})[target] = None
    rows += [f"  {name} --> {' & '.join(leads_to)}" for name, leads_to in targets.items()]
    guarded = [(name, flow.needs.name) for name, flow in line.flows.items() if flow.needs]
    rows += [f'  {name} -. "needs {proof}" .-> {line.verify}' for name, proof in guarded]
    return "\n".join(rows) + "\n"


def _box(at: Position, node: Node) -> str:
    left, right = SHAPES.get(type(node).__name__, ("[", "]"))
    return f'{_id(at)}{left}"{at.node}"{right}'


def _id(at: Position) -> str:
    return f"{at.flow}_{at.node}"


def _arrows(line: Line, at: Position, node: Node) -> Iterator[str]:
    labels: dict[str, list[str]] = {}
    for edge in edges(node):
        if _drawn(node, edge):
            labels.setdefault(_id(line.resolve(at.flow, edge.to)), []).append(edge.label)
    for target, names in labels.items():
        yield f"{_id(at)} --> {target}" if names == ["said"] else f'{_id(at)} -- "{", ".join(names)}" --> {target}'
    needs = line.flows[at.flow].needs
    if needs and at == line.entry(at.flow):
        yield f'{_id(at)} -. "needs {needs.name}" .-> {_id(line.entry(line.verify))}'
    if isinstance(node, Say) and node.to == BACK:
        yield f'{_id(at)} -. "back" .-> {at.flow}_back(("where it began"))'
    if isinstance(node, Resume):
        yield f'{_id(at)} -. "back" .-> {at.flow}_back(("the flow that asked"))'


def _drawn(node: Node, edge: Edge) -> bool:
    """Leave out what every menu, question and action has in common."""
    if edge.to in {AGAIN, BACK}:
        return False
    match node:
        case Menu() | Hold() if edge.label in {option.key for option in node.options}:
            return True
        case Menu() | Ask() | Hold() | Record():
            return edge.to not in {*RESERVED.values(), HELP} and edge.label != SLIPS
        case Do():
            return edge.label != UNAVAILABLE or edge.to != PERSON
        case _:
            return edge.to != RESUME

"""The real flows with actions that do as they are told: for tests of the engine, and for the walk over every edge."""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Any

from ivr import flows
from ivr.call import Call
from ivr.edges import UNAVAILABLE
from ivr.flow import Ask, Do, Flow, Node
from ivr.line import Line
from ivr.service_errors import ServiceError

DIRECTORY = {"sales": "+18886460014", "support": "+18002636317", "support_direct": "+18056177000"}
WORDS = {
    "company": "GoToMeeting",
    "sales_number": "+18886460014",
    "support_number": "+18002636317",
    "support_direct_number": "+18056177000",
    "sales_title": "our sales team",
    "sales_hours": "around the clock",
    "support_title": "Global Customer Support",
    "support_hours": "around the clock",
}
FACTS = {
    "ending": "19",
    "ends_on": "2099-01-31",
    "plan": "annual",
    "code": "482913",
    "department": "sales",
    "number": "+14155550123",
    "topic": "trial",
    "proof": "checked",
    "waited": "2",
    "position": "3",
    "wait": "5",
    "text_to": "+14155550123",
}

Choose = Callable[[str, list[Enum | str]], Enum | str]


def puppet_line(choose: Choose) -> Line:
    """Return the flows, with every action replaced by one that returns what `choose` says.

    choose: receives the node's address and its outcomes (the last is UNAVAILABLE), and picks one.
    """
    line = flows.line()
    swapped: dict[str, Flow] = {}
    for name, flow in line.flows.items():
        nodes = {n: _puppet(f"{name}.{n}", node, choose) for n, node in flow.nodes.items() if not n.endswith("_help")}
        swapped[name] = Flow(flow.title, needs=flow.needs, aside=flow.aside, **nodes)
    return replace(line, flows=swapped)


def _puppet(at: str, node: Node, choose: Choose) -> Node:
    def act(call: Call, *_: Any) -> tuple[Enum, Call]:
        outcome = choose(at, [*node.on, UNAVAILABLE])
        if not isinstance(outcome, Enum):
            raise ServiceError("away")
        return outcome, call.knows(**FACTS)

    match node:
        case Do():
            return replace(node, action=act)
        case Ask():
            return replace(node, check=act)
        case _:
            return node

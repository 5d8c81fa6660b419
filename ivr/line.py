"""A telephone line: all its flows by name, and what a target means in one of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ivr.call import Position
from ivr.flow import PERSON, RESERVED, Flow, FlowError, Node


@dataclass(frozen=True, eq=False)
class Line:
    """All flows of a telephone line, by name, and the four that every call may need; equal to itself only.

    legs: flows for people whom we ring. unloaded: by the names of flows that cannot be loaded, what is wrong with them.
    """

    flows: Mapping[str, Flow] = field(repr=False)
    start: str = "welcome"
    main: str = RESERVED["9"]
    verify: str = "verify"
    person: str = PERSON
    legs: tuple[str, ...] = ()
    unloaded: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def entry(self, flow: str) -> Position:
        """Where a flow begins."""
        return Position(flow, self.flows[flow].start)

    def node(self, at: Position) -> Node | None:
        """Return the node at a position; None where a deploy has removed it."""
        flow = self.flows.get(at.flow)
        return flow.nodes.get(at.node) if flow else None

    def resolve(self, flow: str, to: str) -> Position:
        """Find what a target means inside a flow.

        Raises: FlowError for a name that is neither a node of the flow nor a flow.
        """
        if to in self.flows[flow].nodes:
            return Position(flow, to)
        if to in self.flows:
            return self.entry(to)
        raise FlowError(f"{flow}: no node or flow {to!r}")

    def nodes(self) -> Iterator[tuple[Position, Node]]:
        """Every node of every flow, in the order written."""
        for name, flow in self.flows.items():
            for node_name, node in flow.nodes.items():
                yield Position(name, node_name), node

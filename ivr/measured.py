"""What of the flows is measured: which nodes are answers, tasks and hand-overs. Read from the flows themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.call import Disposition, Position, Proof
from ivr.flow import BACK, Hold, Menu, Option, Record, Say, Transfer
from ivr.line import Line

# Flows in which a caller has left self-service: they wait for a person, talk to one, or ask to hear from one.
_AFTERWARDS = ("callback",)


@dataclass(frozen=True)
class Task:
    """Something a caller gets done. entries: where it is chosen, and by which key. done: where they hear that it is."""

    name: str
    title: str
    entries: frozenset[tuple[Position, str]]
    done: frozenset[Position]


@dataclass(frozen=True)
class Measured:
    """What is counted, of one line.

    topics: answers that anybody may hear, by their place, in the words of the menu that leads there. tasks: changes of
    an account. waits: nodes where a person is being fetched. handed_over: every node at which a caller who hangs up
    has not ended their call in self-service.
    """

    topics: Mapping[Position, str]
    tasks: tuple[Task, ...]
    waits: frozenset[Position]
    handed_over: frozenset[Position]


def measured(line: Line) -> Measured:
    """Find in the flows what is counted."""
    nodes = [(at, node) for at, node in line.nodes() if at.flow not in line.legs]
    leads = {there: option.label for at, node in nodes for there, option in _ways(line, at, node)}
    topics = {
        at: leads.get(at, f"{line.flows[at.flow].title}: {at.node.replace('_', ' ')}")
        for at, node in nodes
        if isinstance(node, Menu) and node.marks is Disposition.INFORMED and line.flows[at.flow].needs is Proof.NONE
    }
    afterwards = {at.flow for at, node in nodes if isinstance(node, Transfer | Hold | Record)} | set(_AFTERWARDS)
    return Measured(
        {at: _topic(label) for at, label in topics.items()},
        tuple(_task(line, name) for name in ("cancel_trial", "turn_off_renewal") if name in line.flows),
        frozenset(at for at, node in nodes if isinstance(node, Transfer | Hold)),
        frozenset(at for at, _ in nodes if at.flow in afterwards),
    )


def _task(line: Line, name: str) -> Task:
    entries = frozenset(
        (at, option.key)
        for at, node in line.nodes()
        for there, option in _ways(line, at, node)
        if there == line.entry(name) and at.flow != name
    )
    flow = line.flows[name]
    done = {
        Position(name, node_name)
        for node_name, node in flow.nodes.items()
        if isinstance(node, Menu) and node.marks is Disposition.RESOLVED
    }
    return Task(name, flow.title, entries, frozenset(done))


def _ways(line: Line, at: Position, node: object) -> Iterator[tuple[Position, Option]]:
    """Where the options of a menu lead: past sentences that are only said, to a node that does something."""
    if not isinstance(node, Menu):
        return
    for option in node.options:
        if option.to.startswith("<"):
            continue
        there = line.resolve(at.flow, option.to)
        while isinstance(passing := line.node(there), Say) and passing.to != BACK:
            there = line.resolve(there.flow, passing.to)
        yield there, option


def _topic(label: str) -> str:
    """Make a heading of an option: `to hear what audio costs` is told as `Hear what audio costs`."""
    words = label.removeprefix("to ").removeprefix("for ").replace("{company}", "").replace("  ", " ").strip()
    return words[:1].upper() + words[1:]

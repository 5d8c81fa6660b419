"""Which edges of the flows the tests walk: noted in every process, summed up and demanded at the end.

An edge is what `ivr.flow.edges` lists, and, at every wait, that the caller hangs up there. The mechanical walk
(`test_walk.py`) is counted apart from the dialogues, which are all other calls: they check what is said, too.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ivr import flows
from ivr.call import Position
from ivr.diagram import mermaid
from ivr.edges import SLIPS, UNAVAILABLE, edges
from ivr.engine import Engine
from ivr.flow import RESERVED, Ask, Do, Hold, Meet, Menu, Node, Record, Transfer
from ivr.turn import Bridge, End, Step

HANGUP = "hang-up"
FOLDER = Path(__file__).parent.parent / ".coverage-flows"
WAITS = (Menu, Ask, Transfer, Hold, Meet, Record)
WALKED: dict[str, set[str]] = {"walk": set(), "dialogues": set()}


def edge_name(at: object, label: str) -> str:
    return f"{at}[{label}]"


def kinds(line) -> dict[str, str]:
    """Every edge, and what sort of edge it is."""
    found = {}
    for at, node in line.nodes():
        found |= {edge_name(at, edge.label): kind(node, edge.label) for edge in edges(node)}
        if isinstance(node, WAITS):
            found[edge_name(at, HANGUP)] = HANGUP
    return found


def kind(node: Node, label: str) -> str:
    if label.startswith(("no-input", "no-match")) or label in {SLIPS, UNAVAILABLE}:
        return label
    if isinstance(node, Menu | Ask | Hold) and label in RESERVED:
        return "reserved key"
    names = {
        Menu: "option",
        Ask: "outcome",
        Do: "outcome",
        Transfer: f"dial {label}",
        Record: "recording",
        Hold: "on hold",
        Meet: "meeting",
    }
    return names.get(type(node), "said or resumed")


@dataclass(frozen=True)
class NotingEngine(Engine):
    """Notes each edge that a call walks, and where it waits."""

    walked: set[str]
    waits: dict[str, object]

    def start(self, call):
        return self._noted(super().start(call))

    def ring(self, call, flow):
        return self._noted(super().ring(call, flow))

    def answer(self, call, at, tries, heard):
        return self._noted(super().answer(call, at, tries, heard))

    def _noted(self, turn):
        self.walked.update(edge_name(step.at, step.label) for step in turn.path)
        self.waits[turn.call.sid] = turn.wait
        return turn


class NotingCalls:
    """A call log that notes where callers hang up."""

    def __init__(self, inner, engine: NotingEngine):
        self._inner, self._engine = inner, engine

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def ended(self, call, *arguments):
        wait = self._engine.waits.get(call.sid)
        if wait is not None and not isinstance(wait, End | Bridge):
            self._engine.walked.add(edge_name(wait.at, HANGUP))
        return self._inner.ended(call, *arguments)


def note(app, who: str, line=None) -> None:
    """Note what calls of this application walk. line: other flows than its own."""
    parts = app.extensions["answerline"]
    line = line or parts.line
    engine = NotingEngine(line, parts.conversation.engine.services, WALKED[who], {})
    calls = NotingCalls(parts.calls, engine)
    conversation = replace(parts.conversation, engine=engine, calls=calls)
    app.extensions["answerline"] = replace(parts, line=line, conversation=conversation, calls=calls)


@pytest.fixture
def note_edges():
    """Tell an application to note what its calls walk."""
    return note


# The sum, from all processes.


def pytest_addoption(parser):
    parser.addoption("--flow-coverage", action="store_true", help="print and demand the share of flow edges walked")


class Sum:
    """Collects what the processes of a test run have walked."""

    def __init__(self, config):
        self._config = config
        self.missing: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        for who, edges_walked in getattr(node, "workeroutput", {}).get("flow_edges", {}).items():
            WALKED[who].update(edges_walked)

    def pytest_sessionfinish(self, session):
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["flow_edges"] = {who: sorted(walked) for who, walked in WALKED.items()}
        elif self._config.getoption("--flow-coverage"):
            self.missing = sorted(set(kinds(flows.line())) - WALKED["walk"] - WALKED["dialogues"])
            write(FOLDER)
            if self.missing and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        if self._config.getoption("--flow-coverage"):
            terminalreporter.section("flow edges walked")
            terminalreporter.write_line(table(kinds(flows.line()), WALKED))
            terminalreporter.write_line(f"drawn in {FOLDER.name}/flows.md")
            if self.missing:
                terminalreporter.write_line(f"FAILED: {len(self.missing)} edges not walked: {', '.join(self.missing)}")


def pytest_configure(config):
    config.pluginmanager.register(Sum(config), "flow-coverage-sum")


def table(known: dict[str, str], walked: dict[str, set[str]]) -> str:
    """Return the shares by kind of edge, in Markdown."""
    rows = ["| edge | in the flows | walked | in a dialogue |", "|---|---:|---:|---:|"]
    groups: dict[str, list[str]] = {}
    for name, group in known.items():
        groups.setdefault(group, []).append(name)
    for group, names in [*sorted(groups.items()), ("all", list(known))]:
        anyhow = sum(name in walked["walk"] or name in walked["dialogues"] for name in names)
        spoken = sum(name in walked["dialogues"] for name in names)
        share = 100 * anyhow / len(names)
        rows.append(f"| {group} | {len(names)} | {anyhow} ({share:.4g} %) | {spoken} |")
    return "\n".join(rows)


def drawing(line, missing: set[str]) -> str:
    """Return the diagram with the nodes marked whose edges are not all walked."""
    marked: dict[Position, list[str]] = {}
    for at, _ in line.nodes():
        labels = [name.partition("[")[2][:-1] for name in sorted(missing) if name.startswith(f"{at}[")]
        if labels:
            marked[at] = labels
    rows = [mermaid(line).rstrip()]
    for at, labels in marked.items():
        node = f"{at.flow}_{at.node}"
        rows.append(f'  {node} -. "not walked: {", ".join(labels)}" .-> {node}_unwalked((" "))')
        rows.append(f"  style {node} stroke:#c00,stroke-width:3px")
    return "\n".join(rows) + "\n"


def write(folder: Path) -> None:
    """Write the table, the drawing, and the edges that only the mechanical walk has seen."""
    known, line = kinds(flows.line()), flows.line()
    missing = set(known) - WALKED["walk"] - WALKED["dialogues"]
    unspoken = sorted(set(known) - WALKED["dialogues"])
    folder.mkdir(exist_ok=True)
    mechanical = "\n".join(f"- `{name}`" for name in unspoken)
    (folder / "flows.md").write_text(
        f"# Flow edges walked\n\n{table(known, WALKED)}\n\n```mermaid\n{drawing(line, missing)}```\n\n"
        f"## Edges that no dialogue walks\n\n{mechanical}\n",
        encoding="utf-8",
    )


__all__ = ["HANGUP", "NotingEngine", "Step", "drawing", "kinds", "note", "table"]

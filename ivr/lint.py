"""Problems in the flows, found before a caller finds them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Any

from ivr.call import Position
from ivr.edges import edges
from ivr.flow import (
    AGAIN,
    BACK,
    HELP,
    RESERVED,
    RESUME,
    Ask,
    Do,
    Flow,
    FlowError,
    Hold,
    Menu,
    Node,
    Option,
    Record,
    Say,
    Transfer,
)
from ivr.line import Line
from ivr.prompts import ANNOUNCEMENTS, Prompt, option_prompts, text_prompt
from ivr.template import fields

TOPIC_KEYS = "12345"
MENU_LEVELS_MAX = 2
WORDS_A_MINUTE = 160
MENU_S_MAX = 20.0  # a caller waits this long for the last option, and no longer
ANSWER_S_MAX = 25.0
RECORD_S_MIN, RECORD_S_MAX = 2, 600  # the carrier's least; and what anybody would listen to
FINISH_KEYS = "0123456789*#"
FACTS = (
    "ending",
    "ends_on",
    "plan",
    "code",
    "department",
    "number",
    "text_to",
    "topic",
    "proof",
    "waited",
)  # what actions tell: see `Call.knows`
ANYWHERE = (AGAIN, BACK, RESUME, HELP)


@dataclass(frozen=True)
class Issue:
    """One problem, and where: `cancel_trial.confirm: no node or flow "kep"; did you mean "kept"?`."""

    at: str
    problem: str

    def __str__(self) -> str:
        return f"{self.at}: {self.problem}"


def lint(line: Line, directory: Sequence[str], words: Sequence[str]) -> list[Issue]:
    """Return every problem of the flows, in the order of the nodes.

    directory: names that transfers may use. words: fields that any prompt may speak.
    """
    issues = [Issue(name, f"this flow cannot be loaded: {why}") for name, why in line.unloaded.items()]
    issues += [issue for flow in _entries(line) for issue in _has_flow(line, flow)]
    for name, flow in line.flows.items():
        issues += [Issue(name, f"a node is named like the flow {node!r}") for node in flow.nodes if node in line.flows]
    for at, node in line.nodes():
        issues += [Issue(str(at), problem) for problem in _node_problems(line, at, node, directory)]
        issues += [Issue(str(at), problem) for problem in _field_problems(at, node, words)]
    if any("no node or flow" in issue.problem or "no flow" in issue.problem for issue in issues):
        return issues  # the rest follows targets
    issues += [Issue(str(at), "no path leads here") for at in _unreachable(line)]
    issues += [Issue(str(at), "goes in a circle without waiting for the caller") for at in _circles(line)]
    issues += [Issue(str(at), f"a menu below {MENU_LEVELS_MAX} levels of menus") for at in _too_deep(line)]
    return issues


def _entries(line: Line) -> tuple[str, ...]:
    """Flows that a call can be in without another one having led there."""
    return line.start, line.main, line.verify, line.person, *line.legs


def _has_flow(line: Line, name: str) -> Iterator[Issue]:
    if name not in line.flows:
        yield Issue(name, "no flow of this name, and every call may need it")


def _node_problems(line: Line, at: Position, node: Node, directory: Sequence[str]) -> Iterator[str]:
    flow = line.flows[at.flow]
    for edge in edges(node):
        if edge.to not in ANYWHERE and edge.to not in flow.nodes and edge.to not in line.flows:
            yield f'no node or flow "{edge.to}"{_meant(edge.to, flow, line)}'
        elif at.flow in line.legs and edge.to not in {*ANYWHERE, *flow.nodes}:
            yield f"leads to {edge.to}: who is rung must not come to what callers hear"
    match node:
        case Menu():
            yield from _menu_problems(at, node)
        case Hold():
            yield from (problem for option in node.options for problem in _option_problems(option))
        case Ask() | Do():
            yield from _outcome_problems(node.on)
        case Transfer() if node.number not in directory:
            yield f'no number named "{node.number}" in the directory'
        case Record():
            yield from _record_problems(node)
        case _:
            return


def _field_problems(at: Position, node: Node, words: Sequence[str]) -> Iterator[str]:
    for prompt in (*text_prompt(at, node), *(option_prompts(at, node) if isinstance(node, Menu | Hold) else ())):
        try:
            names = fields(prompt.text)
        except FlowError as error:
            yield str(error)
            continue
        yield from (f"nothing ever fills {{{name}}}" for name in names if name not in (*words, *FACTS))
        yield from (
            f"{{{name}}} needs a kind, so that it can be rendered ahead"
            for name, kind in names.items()
            if not kind and name in FACTS
        )


def _meant(to: str, flow: Flow, line: Line) -> str:
    close = get_close_matches(to, [*flow.nodes, *line.flows], n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _menu_problems(at: Position, menu: Menu) -> Iterator[str]:
    keys = [option.key for option in menu.options]
    if len(set(keys)) < len(keys):
        yield f"two options on one key: {', '.join(keys)}"
    if keys != sorted(keys):
        yield f"keys are not spoken in rising order: {', '.join(keys)}"
    yield from (p for option in menu.options for p in _option_problems(option))
    yield from (
        f"announces key {key}, for which there is no sentence" for key in menu.announce if key not in ANNOUNCEMENTS
    )
    answers = any(option.to == AGAIN for option in menu.options)
    if (spoken_s := seconds(text_prompt(at, menu))) > ANSWER_S_MAX:
        yield f"the text takes about {spoken_s:.0f} s; {ANSWER_S_MAX:.0f} s at most"
    if not answers and (spoken_s := seconds(option_prompts(at, menu))) > MENU_S_MAX:
        yield f"the options take about {spoken_s:.0f} s; {MENU_S_MAX:.0f} s at most"


def _option_problems(option: Option) -> Iterator[str]:
    if option.key in RESERVED:
        yield f"key {option.key} means the same everywhere and cannot be an option"
    elif option.key not in TOPIC_KEYS:
        yield f"key {option.key} is not one of {TOPIC_KEYS}"
    if "press" in option.label.lower().split():
        yield f"the label {option.label!r} names a key; the key is added behind the topic"


def _record_problems(record: Record) -> Iterator[str]:
    if len(record.finish) != 1 or record.finish not in FINISH_KEYS:
        yield f"finish {record.finish!r} is not one key of {FINISH_KEYS}"
    if not RECORD_S_MIN <= record.limit_s <= RECORD_S_MAX:
        yield f"a recording is {RECORD_S_MIN} to {RECORD_S_MAX} s long at most, not {record.limit_s} s"
    if record.silence_s < 1:
        yield "only silence tells that a caller who presses nothing is done; it takes 1 s at least"


def _outcome_problems(on: Any) -> Iterator[str]:
    kinds: set[type[Enum]] = {type(outcome) for outcome in on}
    if len(kinds) != 1:
        yield f"outcomes of {len(kinds)} kinds; one is needed"
        return
    for outcome in kinds.pop():
        if outcome not in on:
            yield f"outcome {outcome} has no target"


def seconds(prompts: Sequence[Prompt]) -> float:
    """Estimate how long prompts take to speak."""
    return sum(len(prompt.text.split()) for prompt in prompts) * 60 / WORDS_A_MINUTE


def targets(line: Line, at: Position, node: Node) -> Iterator[Position]:
    """Every node that an edge of this one leads to, and the check that its target may need first."""
    for edge in edges(node):
        if edge.to == HELP:
            yield Position(at.flow, at.node + HELP)
        elif edge.to not in ANYWHERE:
            yield line.resolve(at.flow, edge.to)


def _unreachable(line: Line) -> Iterator[Position]:
    seen: set[Position] = set()
    ahead = [line.entry(flow) for flow in _entries(line)]
    while ahead:
        at = ahead.pop()
        if at not in seen:
            seen.add(at)
            ahead += targets(line, at, line.flows[at.flow].nodes[at.node])
    return (at for at, _ in line.nodes() if at not in seen)


def _circles(line: Line) -> Iterator[Position]:
    """Nodes from which a call can come back to them without one wait; an action may break the circle, so only Say."""
    for at, node in line.nodes():
        seen, here, there = {at}, node, at
        while isinstance(here, Say) and here.to not in ANYWHERE:
            there = line.resolve(there.flow, here.to)
            here = line.flows[there.flow].nodes[there.node]
            if there in seen:
                yield at
                break
            seen.add(there)


def _too_deep(line: Line) -> Iterator[Position]:
    def places_below(at: Position) -> set[Position]:
        return _reach(line, at, lambda node: isinstance(node, Menu) and node.place)

    level = {line.entry(line.main)}
    seen = set(level)
    for _ in range(MENU_LEVELS_MAX):
        level = {below for at in level for below in places_below(at)} - seen
        seen |= level
    return iter(sorted(level, key=str))


def _reach(line: Line, start: Position, wanted: Callable[[Node], bool]) -> set[Position]:
    """Wanted nodes that options lead to from a menu, through anything that is no menu itself."""
    found: set[Position] = set()
    menu = line.flows[start.flow].nodes[start.node]
    for option in menu.options if isinstance(menu, Menu) else ():
        if option.to in ANYWHERE:
            continue
        at = line.resolve(start.flow, option.to)
        node = line.flows[at.flow].nodes[at.node]
        while isinstance(node, Say) and node.to not in ANYWHERE:
            at = line.resolve(at.flow, node.to)
            node = line.flows[at.flow].nodes[at.node]
        if wanted(node):
            found.add(at)
    return found

"""Fifty ways to break an edge of the flows, one at a time: does any test notice?

Loaded as a pytest plugin (`-p breakages`) with the number of the breakage in ANSWERLINE_MUTANT. Neither the lint nor
the generated drawing is asked: a dialogue or a rule of the house must notice.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ivr import flows
from ivr.flow import AGAIN, Ask, Do, Flow, Hold, Meet, Menu, Option, Record, Say, Transfer
from ivr.line import Line

HOW_MANY = 50
SEED = 20270301


@dataclass(frozen=True)
class Breakage:
    """A node as it should not be. what: for the report."""

    what: str
    flow: str
    node: str
    broken: object


def all_breakages(line: Line) -> Iterator[Breakage]:
    for at, node in line.nodes():
        if at.node.endswith("_help"):
            continue  # made from its question
        for what, broken in broken_forms(line.flows[at.flow], at.node, node):
            yield Breakage(f"{at}: {what}", at.flow, at.node, broken)


def broken_forms(flow: Flow, name: str, node: object) -> Iterator[tuple[str, object]]:
    match node:
        case Menu():
            yield from menu_forms(flow, name, node)
        case Ask() | Do():
            yield from outcome_forms(flow, node)
        case Transfer():
            yield f"unanswered leads to {node.ended}", replace(node, unanswered=node.ended)
            yield f"ended leads to {node.unanswered}", replace(node, ended=node.unanswered)
            yield f"failed leads to {node.ended}", replace(node, failed=node.ended)
        case Hold():
            for i, option in enumerate(node.options):
                wrong = other(flow, option.to, name)
                yield f"key {option.key} leads to {wrong}", options(node, i, replace(option, to=wrong))
            yield f"served leads to {node.expired}", changed(node, ended=node.expired)
            yield f"expired leads to {node.ended}", changed(node, expired=node.ended)
        case Meet():
            wrong = other(flow, node.to, name)
            yield f"over leads to {wrong}", replace(node, to=wrong)
        case Record():
            yield f"a message leads to {node.give_up}", replace(node, to=node.give_up, full=node.give_up)
            yield f"silence leads to {node.to}", replace(node, give_up=node.to)
            yield "a retry lost", replace(node, tries=node.tries - 1)
        case Say():
            wrong = other(flow, node.to, name)
            yield f"leads to {wrong}", replace(node, to=wrong)


def menu_forms(flow: Flow, name: str, menu: Menu) -> Iterator[tuple[str, object]]:
    for i, option in enumerate(menu.options):
        wrong = other(flow, option.to, name)
        yield f"key {option.key} leads to {wrong}", options(menu, i, replace(option, to=wrong))
    if len(menu.options) > 1:
        first, second = menu.options[:2]
        swapped = options(menu, 0, replace(first, to=second.to))
        yield "keys 1 and 2 swapped", options(swapped, 1, replace(second, to=first.to))
    yield "a retry lost", changed(menu, tries=menu.tries - 1)
    yield "three mistakes repeat the menu", changed(menu, give_up=name)


def outcome_forms(flow: Flow, node: Ask | Do) -> Iterator[tuple[str, object]]:
    targets = list(node.on.items())
    for i, (outcome, to) in enumerate(targets):
        wrong = targets[i - 1][1] if len(targets) > 1 else other(flow, to, "")
        if wrong != to:
            yield f"{outcome} leads to {wrong}", replace(node, on={**node.on, outcome: wrong})
        yield f"{outcome} dropped", replace(node, on={o: t for o, t in targets if o is not outcome})
    yield "out of reach leads to the main menu", replace(node, unavailable="main")
    if isinstance(node, Ask):
        yield "a retry lost", replace(node, tries=node.tries - 1)


def other(flow: Flow, to: str, name: str) -> str:
    """Return another node of the flow, or the main menu: no action, since that would find the right way by itself."""
    nodes = (node for node, kind in flow.nodes.items() if not isinstance(kind, Do))
    return next((node for node in nodes if node not in {to, name, AGAIN}), "main" if to != "main" else "sales")


def options(menu: Menu | Hold, number: int, option: Option) -> Menu | Hold:
    return changed(menu, options=tuple(option if i == number else o for i, o in enumerate(menu.options)))


def changed(menu: Menu | Hold, **fields: object) -> Menu | Hold:
    settings = {name: getattr(menu, name) for name in menu.__dataclass_fields__} | fields
    return type(menu)(settings.pop("text"), *settings.pop("options"), **settings)


def chosen(line: Line) -> list[Breakage]:
    """Return the fifty: the same for the same flows."""
    return random.Random(SEED).sample(list(all_breakages(line)), HOW_MANY)


def broken(line: Line, breakage: Breakage) -> Line:
    flow = line.flows[breakage.flow]
    nodes = {name: node for name, node in flow.nodes.items() if not name.endswith("_help")}
    mended = Flow(flow.title, needs=flow.needs, aside=flow.aside, **nodes | {breakage.node: breakage.broken})
    return replace(line, flows={**line.flows, breakage.flow: mended})


def pytest_configure() -> None:
    number = os.environ.get("ANSWERLINE_MUTANT")
    if number is not None:
        sound = flows.line()
        line = broken(sound, chosen(sound)[int(number)])
        flows.line = lambda: line

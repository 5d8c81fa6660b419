"""A logged call as a `.call` file, which the simulator plays against today's flows: what was heard, and the keys.

What nobody wrote down cannot be pressed again. A demo knows its accounts' PINs; elsewhere the file ends there.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ivr.call import Disposition, Position
from ivr.console.story import Scene
from ivr.db.console.call_page import CallPage
from ivr.edges import FULL, NO_INPUT, NO_MATCH, SLIPS
from ivr.flow import Ask, Hold, Menu, Node, Record
from ivr.line import Line
from ivr.simulator.recorder import steady

NOBODYS_NUMBER, NOBODYS_PIN = "99999999", "000000"
_ALONE = {"0": "0#", "*": "*#", "#": "#"}
_REFUSED = {"busy", "no-answer", "failed", "canceled"}
Pins = Callable[[str], str | None]


class SecretsError(Exception):
    """What the caller typed is written nowhere."""


def call_file(page: CallPage, scenes: Sequence[Scene], line: Line, number: str, pins: Pins | None) -> str:
    """Write the file. number: whole number of the caller, '' where it may not be told. pins: PINs of demo accounts."""
    rows = [f"# Call {page.call.sid} of {page.call.started_at:%Y-%m-%d %H:%M} UTC, as it is in the call log."]
    rows += [f"people   {status}" for status in _people(scenes)]
    rows.append(f"caller   {' '.join(number.split())}".rstrip())  # one act, whatever the carrier took for a number
    for scene in scenes:
        rows += _heard(scene)
        try:
            rows += _act(scene, line.node(Position(scene.visit.flow, scene.visit.node)), page.call.account_number, pins)
        except SecretsError:
            rows.append(
                "# Here the caller typed an account number or a PIN, which is written nowhere: the replay ends."
            )
            rows.append("hangs    up")
            return "\n".join(rows) + "\n"
    if not page.live:
        rows.append(f"ends     {_disposition(page)}".rstrip())
    return "\n".join(rows) + "\n"


def _disposition(page: CallPage) -> str:
    return (page.call.disposition or Disposition.ABANDONED).value


def _people(scenes: Sequence[Scene]) -> Iterator[str]:
    """Tell how whoever is rung reacts: as the first was found who was rung."""
    for scene in scenes:
        status = scene.visit.outcome.partition(" > ")[0].partition(",")[0]
        if scene.visit.kind == "transfer" and status in _REFUSED:
            yield "no-answer" if status == "canceled" else status
            return
        if scene.visit.kind == "hold":
            yield "busy"
            return


def _heard(scene: Scene) -> Iterator[str]:
    for said in scene.said:
        yield f"hears    {steady(' '.join(said.text.split()))}" if said.text[:1] != "[" else f"# heard  {said.text}"


def _act(scene: Scene, node: Node | None, account: str | None, pins: Pins | None) -> Iterator[str]:
    """Do what the caller did."""
    first = scene.visit.outcome.partition(" > ")[0]
    word = first.partition(" ")[0]
    if first == "hang-up":
        yield "hangs    up"
    elif first in {"", "ended"} or scene.visit.kind in {"transfer", "meet", "through", "hangup"}:
        return
    elif word == NO_INPUT or (first == SLIPS and not scene.visit.input):
        yield "waits"
    elif isinstance(node, Record):
        yield from ("says     (what the caller said)", "waits" if first == FULL else "presses  #")
    elif isinstance(node, Hold):
        yield f"presses  {first}" if first in _keys(node) else "waits"
    elif isinstance(node, Ask):
        yield f"presses  {_digits(scene, node, first, account, pins)}"
    elif isinstance(node, Menu):
        yield f"presses  {_key(scene, node, first)}"
    else:
        yield f"# Here the caller pressed {scene.visit.input}, at a node that is gone."


def _key(scene: Scene, node: Menu, first: str) -> str:
    if first.partition(" ")[0] not in {NO_MATCH, SLIPS}:
        return f"{first}#" if node.deed else first  # where something may be done, every entry has two keys
    if scene.visit.input == node.deed:  # without its pound key
        return node.deed
    return next(key for key in "87654321" if key not in _keys(node))  # which one it was, nobody wrote down


def _digits(scene: Scene, node: Ask[Any], first: str, account: str | None, pins: Pins | None) -> str:
    typed = scene.visit.input
    if first in _ALONE:
        return _ALONE[first]
    if first.partition(" ")[0] in {NO_MATCH, SLIPS}:
        return "1" * min(len(typed), node.least - 1) + "#"
    if not node.secret:
        typed = "1" * len(typed) if "•" in typed else typed  # too many digits to be written down: some others
        return typed if len(typed) == node.most else f"{typed}#"
    if pins is None:
        raise SecretsError
    if node.most == len(NOBODYS_NUMBER):
        return account or NOBODYS_NUMBER
    right = pins(account) if account and first == "correct" else None
    return right or NOBODYS_PIN


def _keys(node: Menu | Hold) -> set[str]:
    return {option.key for option in node.options} | set("09*#")

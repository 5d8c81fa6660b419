"""Verbs that are known, checked for their nesting, and not simulated: media streams, payments and their like.

Source: https://www.twilio.com/docs/voice/twiml/connect, .../stream, .../pay
"""

from ivr.simulator.verbs.attributes import SCHEMA
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element

NESTING: dict[str, frozenset[str]] = {
    "Connect": frozenset(
        {"Stream", "Room", "VirtualAgent", "ConversationRelay", "Conversation", "Autopilot", "Assistant"}
    ),
    "Start": frozenset({"Stream", "Siprec", "Transcription", "Recording"}),
    "Stop": frozenset({"Stream", "Siprec", "Transcription", "Recording"}),
    "Pay": frozenset({"Prompt", "Parameter"}),
    "Stream": frozenset({"Parameter"}),
    "Prompt": frozenset({"Say", "Play", "Pause"}),
    "Echo": frozenset(),
}  # fmt: skip
ATTRIBUTES: dict[str, frozenset[str]] = {
    "Connect": frozenset({"action", "method"}),
    "Start": frozenset({"action", "method"}),
    "Stop": frozenset(),
}


def parse_unsimulated(element: Element, problems: list[Problem]) -> None:
    """Remark on one of these verbs, and on what is wrong inside."""
    _say(0, f"<{element.name}> is not simulated; it is skipped", element, problems)
    known = ATTRIBUTES.get(element.name)
    for name in element.attributes if known is not None else ():
        if known is not None and name not in known:
            _say(SCHEMA, f'<{element.name}> attribute "{name}" is not allowed here; it is ignored', element, problems)
    for child in element.elements:
        if child.name not in NESTING[element.name]:
            _say(SCHEMA, f"<{child.name}> may not be nested in <{element.name}>; it is skipped", child, problems)


def _say(code: int, message: str, element: Element, problems: list[Problem]) -> None:
    problems.append(Problem(code, message, element.line, element.column))

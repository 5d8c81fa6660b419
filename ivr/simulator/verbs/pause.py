"""<Pause>. Source: https://www.twilio.com/docs/voice/twiml/pause."""

from dataclasses import dataclass

from ivr.simulator.verbs.attributes import Attributes, forbid_children
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element


@dataclass(frozen=True, slots=True)
class Pause:
    """Waits; length_s: in seconds."""

    length_s: int = 1


def parse_pause(element: Element, problems: list[Problem]) -> Pause:
    """Read a <Pause>."""
    attributes = Attributes(element, problems)
    verb = Pause(attributes.whole("length", 1, 13910))
    attributes.finish()
    forbid_children(element, problems)
    return verb

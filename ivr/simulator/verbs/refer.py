"""<Refer>. Source: https://www.twilio.com/docs/voice/twiml/refer."""

from dataclasses import dataclass

from ivr.simulator.verbs.attributes import SCHEMA, Attributes
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element


@dataclass(frozen=True, slots=True)
class Refer:
    """Asks the caller's own SIP equipment to call somebody else. to: a SIP address."""

    to: str
    action: str | None = None
    method: str = "POST"


def parse_refer(element: Element, problems: list[Problem]) -> Refer:
    """Read a <Refer> and its one <Sip>."""
    attributes = Attributes(element, problems)
    nested = [child.text for child in element.elements if child.name in {"Sip", "ReferSip"}]
    verb = Refer(nested[0] if nested else "", attributes.text("action") or None, attributes.method(SCHEMA))
    attributes.finish()
    if len(nested) != 1 or len(element.elements) != 1 or not verb.to:
        attributes.complain(SCHEMA, "needs one <Sip> with an address, and nothing else")
    return verb

"""<Sms> and <Message>: a text message sent in a call.

Source: https://www.twilio.com/docs/voice/twiml/sms
"""

from dataclasses import dataclass

from ivr.simulator.verbs.attributes import SCHEMA, Attributes, forbid_children
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element

LONGEST_BODY = 1600


@dataclass(frozen=True, slots=True)
class Message:
    """Sends a text. to, from_: None is the caller and the number called. action: None goes on with the next verb."""

    body: str
    to: str | None = None
    from_: str | None = None
    action: str | None = None
    method: str = "POST"
    callback: str | None = None


def parse_message(element: Element, problems: list[Problem]) -> Message:
    """Read a <Sms>, which is old, or a <Message>, which belongs in messaging TwiML; both with a remark."""
    attributes = Attributes(element, problems)
    nested = {"Body", "Media"} if element.name == "Message" else set[str]()
    body = element.text or next((c.text for c in element.elements if c.name == "Body"), "")
    verb = Message(
        body=body,
        to=attributes.text("to"),
        from_=attributes.text("from"),
        action=attributes.text("action") or None,
        method=attributes.method(SCHEMA),
        callback=attributes.text("statusCallback") or None,
    )
    attributes.finish()
    forbid_children(
        Element(element.name, {}, element.line, element.column, [c for c in element.elements if c.name not in nested]),
        problems,
    )
    if not body:
        attributes.complain(SCHEMA, "has no text")
    if len(body) > LONGEST_BODY:
        attributes.complain(SCHEMA, f"has more than {LONGEST_BODY} characters")
    if element.name == "Message":
        attributes.complain(SCHEMA, "belongs in messaging TwiML; in a call, <Sms> or the REST API sends a text")
    return verb

"""<Enqueue> and <Leave>. Source: https://www.twilio.com/docs/voice/twiml/enqueue, .../leave."""

from dataclasses import dataclass

from ivr.simulator.verbs.attributes import Attributes, forbid_children
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element

LONGEST_NAME, LARGEST = 64, 5000
TOO_SHORT, TOO_LONG = 14204, 14205


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Puts the caller into a queue.

    wait_url: None is the carrier's music, '' silence. max_size: more are turned away; None is the queue's own limit.
    """

    name: str
    action: str | None = None
    method: str = "POST"
    wait_url: str | None = None
    wait_method: str = "POST"
    max_size: int | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Takes the caller out of the queue, from the document they hear in it."""


def parse_enqueue(element: Element, problems: list[Problem]) -> Enqueue:
    """Read an <Enqueue>."""
    attributes = Attributes(element, problems)
    routed = attributes.text("workflowSid") is not None
    if routed:
        attributes.complain(0, "workflowSid (TaskRouter) is not simulated; the caller waits in a queue of that name")
    wait_url = attributes.address("waitUrl", 14202)
    verb = Enqueue(
        name=attributes.words("workflowSid") if routed else element.text,
        action=attributes.address("action", 14203) or None,
        method=attributes.method(14201),
        wait_url=wait_url,
        wait_method=attributes.method(14206, "waitUrlMethod", "GET" if wait_url is None else "POST"),
        max_size=attributes.whole("maxQueueSize", 0, 12200, most=LARGEST) or None,
    )
    attributes.finish()
    for child in element.elements:
        if child.name != "Task" or not routed:
            message = f"<{child.name}> may not be nested in <Enqueue>; it is skipped"
            problems.append(Problem(12200, message, child.line, child.column))
    if not verb.name:
        attributes.complain(TOO_SHORT, "has no queue name")
    if len(verb.name) > LONGEST_NAME:
        attributes.complain(TOO_LONG, f"has a queue name of more than {LONGEST_NAME} characters")
    return verb


def parse_leave(element: Element, problems: list[Problem]) -> Leave:
    """Read a <Leave>."""
    Attributes(element, problems).finish()
    forbid_children(element, problems)
    return Leave()

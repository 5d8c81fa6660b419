"""<Redirect>, <Hangup> and <Reject>: the verbs that only steer.

Source: https://www.twilio.com/docs/voice/twiml/redirect, .../hangup, .../reject
"""

from dataclasses import dataclass

from ivr.simulator.verbs.attributes import Attributes, forbid_children
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element


@dataclass(frozen=True, slots=True)
class Redirect:
    """Goes on with another document; url '' is this one again."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Hangup:
    """Ends the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Declines the call; reason: rejected or busy."""

    reason: str = "rejected"


def parse_redirect(element: Element, problems: list[Problem]) -> Redirect:
    """Read a <Redirect>."""
    attributes = Attributes(element, problems)
    verb = Redirect(element.text, attributes.method(13710))
    attributes.finish()
    forbid_children(element, problems)
    return verb


def parse_hangup(element: Element, problems: list[Problem]) -> Hangup:
    """Read a <Hangup>."""
    Attributes(element, problems).finish()
    forbid_children(element, problems)
    return Hangup()


def parse_reject(element: Element, problems: list[Problem]) -> Reject:
    """Read a <Reject>."""
    attributes = Attributes(element, problems)
    verb = Reject(attributes.choice("reason", ("rejected", "busy"), "rejected", 13810))
    attributes.finish()
    forbid_children(element, problems)
    return verb

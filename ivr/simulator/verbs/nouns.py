"""<Number>, <Sip>, <Client> and the other single targets of a <Dial>.

Source: https://www.twilio.com/docs/voice/twiml/number, .../sip, .../client
"""

import re
from dataclasses import dataclass

from ivr.simulator.addresses import unusable
from ivr.simulator.verbs.attributes import SCHEMA, Attributes, forbid_children
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element

LEG_EVENTS = ("initiated", "ringing", "answered", "completed")
NESTED, BAD_CALLBACK = 13215, 21609
PREFIXES = {
    "Number": "", "Sip": "sip:", "Client": "client:", "Application": "application:", "Sim": "sim:",
    "WhatsApp": "whatsapp:",
}  # fmt: skip
_METHOD_CODES = {"Number": 13221, "Sip": 13241}
_ONLY = {
    "Number": ("byoc",),
    "Sip": ("username", "password", "codecs", "headers"),
    "Application": ("customerId", "copyParentTo"),
}
_CHILDREN = {"Client": {"Identity", "Parameter"}, "Application": {"ApplicationSid", "Parameter"}, "Sip": {"Uri"}}
_PHONE = re.compile(r"\+?[0-9]{3,15}")
_FILLERS = re.compile(r"[\s().-]+")
_SIP = re.compile(r"sips?:[^\s@]+@[^\s@]+|sips?:[^\s@]+")


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to ring.

    address: a number without punctuation, `sip:...`, `client:...` and so on. possible: whether it can be dialled.
    url: what runs on their side before they are put through; None is nothing. callback_events: of LEG_EVENTS.
    """

    address: str
    kind: str = "Number"
    possible: bool = True
    url: str | None = None
    method: str = "POST"
    callback: str | None = None
    callback_method: str = "POST"
    callback_events: tuple[str, ...] = ("completed",)


def parse_target(element: Element, problems: list[Problem]) -> Target:
    """Read one of these nouns."""
    attributes = Attributes(element, problems)
    address, possible = _address(element, attributes)
    tones = attributes.words("sendDigits")
    if not set("0123456789*#wW").issuperset(tones):
        code = 13242 if element.name == "Sip" else 13222
        attributes.complain(code, f'sendDigits="{tones}" has more than 0-9, *, #, w and W')
    else:
        attributes.not_simulated("sendDigits")
    target = Target(
        address,
        element.name,
        possible,
        url=attributes.text("url") or None,
        method=attributes.method(_METHOD_CODES.get(element.name, SCHEMA)),
        callback=_callback(element.name, attributes),
        callback_method=attributes.method(SCHEMA, "statusCallbackMethod"),
        callback_events=attributes.some("statusCallbackEvent", LEG_EVENTS, "completed", SCHEMA),
    )
    attributes.not_simulated("machineDetection")
    attributes.ignore(
        "machineDetectionTimeout", "machineDetectionSpeechThreshold",
        "machineDetectionSpeechEndThreshold", "machineDetectionSilenceTimeout", "amdStatusCallback",
        "amdStatusCallbackMethod", *_ONLY.get(element.name, ()),
    )  # fmt: skip
    attributes.finish()
    _check_children(element, problems)
    return target


def _callback(noun: str, attributes: Attributes) -> str | None:
    """Read the address of the callback; a <Number> is refused a relative one, unlike the actions of verbs."""
    text = attributes.text("statusCallback") or None
    if text is None or noun != "Number" or unusable(text) is None:
        return text
    attributes.complain(BAD_CALLBACK, f'statusCallback="{text}" is not a whole address; it is ignored')
    return None


def plain_number(text: str, attributes: Attributes) -> Target:
    """Read the number that stands in a <Dial> without a noun."""
    number, possible = _phone(text, attributes)
    return Target(number, possible=possible)


def is_phone(number: str) -> bool:
    """Tell whether this, punctuation removed, can be dialled."""
    return _PHONE.fullmatch(number) is not None


def _check_children(element: Element, problems: list[Problem]) -> None:
    allowed = _CHILDREN.get(element.name, set())
    if not allowed:
        return forbid_children(element, problems, NESTED)
    for child in element.elements:
        if child.name not in allowed:
            message = f"<{child.name}> may not be nested in <{element.name}>; it is skipped"
            problems.append(Problem(NESTED, message, child.line, child.column))
    return None


def _address(element: Element, attributes: Attributes) -> tuple[str, bool]:
    if element.name == "Number":
        return _phone(element.text, attributes)
    inner = next((c.text for c in element.elements if c.name in {"Identity", "ApplicationSid", "Uri"}), "")
    text, prefix = element.text or inner, PREFIXES[element.name]
    address = text if text.startswith((prefix, "sips:")) else prefix + text
    good = bool(_SIP.fullmatch(address)) if element.name == "Sip" else bool(text)
    if not good:
        attributes.complain(13243 if element.name == "Sip" else SCHEMA, f'"{text}" cannot be dialled')
    return address, good


def _phone(text: str, attributes: Attributes) -> tuple[str, bool]:
    number = _FILLERS.sub("", text)
    if is_phone(number):
        return number, True
    attributes.complain(13223, f'"{text}" is not a telephone number')
    return number, False

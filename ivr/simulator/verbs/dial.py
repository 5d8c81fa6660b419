"""<Dial> with plain numbers and <Number>.

Source: https://www.twilio.com/docs/voice/twiml/dial, https://www.twilio.com/docs/voice/twiml/number
"""

import re
from dataclasses import dataclass

from ivr.simulator.verbs.attributes import Attributes, forbid_children
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element

LEG_EVENTS = ("initiated", "ringing", "answered", "completed")
OTHER_NOUNS = frozenset({"Application", "Client", "Conference", "Queue", "Sim", "Sip", "WhatsApp"})
RECORDINGS = (
    "do-not-record", "record-from-answer", "record-from-answer-dual", "record-from-ringing",
    "record-from-ringing-dual", "true", "false",
)  # fmt: skip
_PHONE = re.compile(r"\+?[0-9]{3,15}")
_FILLERS = re.compile(r"[\s().-]+")


@dataclass(frozen=True, slots=True)
class Number:
    """Somebody to ring. number: punctuation removed; callback_events: of LEG_EVENTS."""

    number: str
    callback: str | None = None
    callback_method: str = "POST"
    callback_events: tuple[str, ...] = ("completed",)


@dataclass(frozen=True, slots=True)
class Dial:
    """Connects the caller to somebody. action: None goes on with the next verb afterwards."""

    numbers: tuple[Number, ...]
    action: str | None = None
    method: str = "POST"
    timeout_s: int = 30
    time_limit_s: int = 14400
    caller_id: str | None = None
    hang_up_on_star: bool = False
    answer_on_bridge: bool = False
    sequential: bool = False
    recorded: bool = False


def parse_dial(element: Element, problems: list[Problem]) -> Dial:
    """Read a <Dial> and its nouns; nouns not simulated yet leave a problem with code 0."""
    attributes = Attributes(element, problems)
    verb = Dial(
        numbers=_numbers(element, attributes, problems),
        action=attributes.text("action") or None,
        method=attributes.method(13210),
        timeout_s=attributes.whole("timeout", 30, 13212, least=5, most=600),
        time_limit_s=attributes.whole("timeLimit", 14400, 13216, most=86400),
        caller_id=attributes.text("callerId"),
        hang_up_on_star=attributes.flag("hangupOnStar", 13213, default=False),
        answer_on_bridge=attributes.flag("answerOnBridge", 13219, default=False),
        sequential=attributes.flag("sequential", 13218, default=False),
        recorded=attributes.choice("record", RECORDINGS, RECORDINGS[0], 13217) not in {RECORDINGS[0], "false"},
    )
    attributes.ignore(
        "ringTone", "recordingTrack", "trim", "recordingStatusCallback", "recordingStatusCallbackMethod",
        "recordingStatusCallbackEvent", "recordingConfigurationId", "referUrl", "referMethod", "callReason",
    )  # fmt: skip
    attributes.finish()
    return verb


def _numbers(element: Element, attributes: Attributes, problems: list[Problem]) -> tuple[Number, ...]:
    numbers = [Number(_phone(element.text, attributes))] if element.text else []
    for child in element.elements:
        if child.name == "Number":
            numbers.append(_number(child, problems))
        else:
            code = 0 if child.name in OTHER_NOUNS else 13215
            why = "is not simulated yet" if child.name in OTHER_NOUNS else "may not be nested in <Dial>"
            problems.append(Problem(code, f"<{child.name}> {why}; it is skipped", child.line, child.column))
    return tuple(numbers)


def _number(element: Element, problems: list[Problem]) -> Number:
    attributes = Attributes(element, problems)
    number = Number(
        number=_phone(element.text, attributes),
        callback=attributes.text("statusCallback") or None,
        callback_method=attributes.method(12200, "statusCallbackMethod"),
        callback_events=attributes.some("statusCallbackEvent", LEG_EVENTS, "completed", 12200),
    )
    tones = attributes.words("sendDigits")
    if not set("0123456789*#wW").issuperset(tones):
        attributes.complain(13222, f'sendDigits="{tones}" has more than 0-9, *, #, w and W')
    attributes.method(13221)
    if attributes.text("url"):
        attributes.complain(0, "url (what the dialled person hears first) is not simulated yet")
    attributes.ignore(
        "byoc", "machineDetection", "machineDetectionTimeout", "machineDetectionSpeechThreshold",
        "machineDetectionSpeechEndThreshold", "machineDetectionSilenceTimeout", "amdStatusCallback",
        "amdStatusCallbackMethod",
    )  # fmt: skip
    attributes.finish()
    forbid_children(element, problems, 13215)
    return number


def is_phone(number: str) -> bool:
    """Tell whether this, punctuation removed, can be dialled."""
    return _PHONE.fullmatch(number) is not None


def _phone(text: str, attributes: Attributes) -> str:
    number = _FILLERS.sub("", text)
    if not is_phone(number):
        attributes.complain(13223, f'"{text}" is not a telephone number')
    return number

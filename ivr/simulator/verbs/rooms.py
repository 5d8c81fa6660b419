"""<Queue> and <Conference> in a <Dial>.

Source: https://www.twilio.com/docs/voice/twiml/queue, .../conference
"""

from dataclasses import dataclass

from ivr.simulator.verbs.attributes import SCHEMA, Attributes, forbid_children
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element

ROOM_EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")
MOST_PARTICIPANTS, LONGEST_LABEL = 250, 128
BAD_NAME = 13237


@dataclass(frozen=True, slots=True)
class QueueNoun:
    """The queue to take somebody from. url: what they hear before; None is nothing."""

    name: str
    url: str | None = None
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class ConferenceNoun:
    """The conference to join. wait_url: None is the carrier's music, '' silence. events: of ROOM_EVENTS."""

    name: str
    muted: bool = False
    beep: str = "true"
    starts: bool = True
    ends: bool = False
    wait_url: str | None = None
    wait_method: str = "POST"
    max_participants: int = MOST_PARTICIPANTS
    label: str = ""
    callback: str | None = None
    callback_method: str = "POST"
    events: tuple[str, ...] = ()


def parse_queue(element: Element, problems: list[Problem]) -> QueueNoun:
    """Read a <Queue>."""
    attributes = Attributes(element, problems)
    noun = QueueNoun(element.text, attributes.text("url") or None, attributes.method(SCHEMA))
    attributes.ignore("reservationSid", "postWorkActivitySid")
    attributes.finish()
    forbid_children(element, problems)
    if not noun.name:
        attributes.complain(SCHEMA, "has no name")
    return noun


def parse_conference(element: Element, problems: list[Problem]) -> ConferenceNoun:
    """Read a <Conference>."""
    attributes = Attributes(element, problems)
    callback = attributes.text("statusCallback") or None
    noun = ConferenceNoun(
        name=element.text,
        muted=attributes.flag("muted", 13230, default=False),
        beep=attributes.choice("beep", ("true", "false", "onEnter", "onExit"), "true", 13235),
        starts=attributes.flag("startConferenceOnEnter", 13232, default=True),
        ends=attributes.flag("endConferenceOnExit", 13231, default=False),
        wait_url=attributes.address("waitUrl", 13233),
        wait_method=attributes.method(13234, "waitMethod"),
        max_participants=attributes.whole("maxParticipants", MOST_PARTICIPANTS, SCHEMA, most=MOST_PARTICIPANTS),
        label=attributes.words("participantLabel"),
        callback=callback,
        callback_method=attributes.method(SCHEMA, "statusCallbackMethod"),
        events=attributes.some("statusCallbackEvent", ROOM_EVENTS, "start end", SCHEMA) if callback else (),
    )
    attributes.not_simulated("record", "coach", "eventCallbackUrl")
    attributes.ignore(
        "statusCallbackEvent", "region", "trim", "recordingStatusCallback", "recordingStatusCallbackMethod",
        "recordingStatusCallbackEvent", "jitterBufferSize",
    )  # fmt: skip
    attributes.finish()
    forbid_children(element, problems)
    if not noun.name:
        attributes.complain(BAD_NAME, "has no name")
    if len(noun.label) > LONGEST_LABEL:
        attributes.complain(SCHEMA, f"participantLabel has more than {LONGEST_LABEL} characters")
    return noun

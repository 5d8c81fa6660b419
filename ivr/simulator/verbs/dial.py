"""<Dial>. Source: https://www.twilio.com/docs/voice/twiml/dial."""

import re
from dataclasses import dataclass

from ivr.simulator.verbs.attributes import SCHEMA, Attributes
from ivr.simulator.verbs.nouns import NESTED, PREFIXES, Target, parse_target, plain_number
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.rooms import ConferenceNoun, QueueNoun, parse_conference, parse_queue
from ivr.simulator.verbs.xml import Element

RECORDINGS = (
    "do-not-record", "record-from-answer", "record-from-answer-dual", "record-from-ringing",
    "record-from-ringing-dual", "true", "false",
)  # fmt: skip
RING_TONES = frozenset(
    "at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it lt jp mx my nl no nz ph pl pt ru se sg th uk us "
    "us-old tw ve za".split()
)
BAD_CALLER_ID, BAD_RING_TONE = 13214, 13220
MOST_NUMBERS, LONGEST_REASON = 10, 50
_CALLER_ID = re.compile(r"\+?[0-9]{3,15}|client:\S+|sips?:\S+|[A-Za-z0-9+_.-]+")


@dataclass(frozen=True, slots=True)
class DialRecording:
    """How a Dial is recorded. channels: 2 is one for each side. events: of in-progress, completed and absent."""

    from_ringing: bool
    channels: int
    callback: str | None
    method: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dial:
    """Connects the caller to somebody. action: None goes on with the next verb afterwards."""

    targets: tuple[Target, ...] = ()
    queue: QueueNoun | None = None
    conference: ConferenceNoun | None = None
    action: str | None = None
    method: str = "POST"
    timeout_s: int = 30
    time_limit_s: int = 14400
    caller_id: str | None = None
    hang_up_on_star: bool = False
    answer_on_bridge: bool = False
    sequential: bool = False
    recording: DialRecording | None = None


def parse_dial(element: Element, problems: list[Problem]) -> Dial:
    """Read a <Dial> and its nouns."""
    attributes = Attributes(element, problems)
    queue, conference, targets = _nouns(element, attributes, problems)
    verb = Dial(
        targets=targets,
        queue=queue,
        conference=conference,
        action=attributes.text("action") or None,
        method=attributes.method(13210),
        timeout_s=attributes.whole("timeout", 30, 13212, least=5, most=600),
        time_limit_s=attributes.whole("timeLimit", 14400, 13216, most=86400),
        caller_id=_caller_id(attributes),
        hang_up_on_star=attributes.flag("hangupOnStar", 13213, default=False),
        answer_on_bridge=attributes.flag("answerOnBridge", 13219, default=False),
        sequential=attributes.flag("sequential", 13218, default=False),
        recording=_recording(attributes),
    )
    _check_the_rest(attributes)
    attributes.finish()
    return verb


def _nouns(
    element: Element, attributes: Attributes, problems: list[Problem]
) -> tuple[QueueNoun | None, ConferenceNoun | None, tuple[Target, ...]]:
    targets = [plain_number(element.text, attributes)] if element.text else []
    queue, conference = None, None
    for child in element.elements:
        taken = bool(targets or queue or conference)
        if child.name in PREFIXES and not (queue or conference):
            targets.append(parse_target(child, problems))
        elif child.name == "Queue" and not taken:
            queue = parse_queue(child, problems)
        elif child.name == "Conference" and not taken:
            conference = parse_conference(child, problems)
        else:
            message = f"<{child.name}> may not be nested in <Dial>{' beside others' if taken else ''}; it is skipped"
            problems.append(Problem(NESTED, message, child.line, child.column))
    if len(targets) > MOST_NUMBERS:
        attributes.complain(NESTED, f"has {len(targets)} numbers; the first {MOST_NUMBERS} are dialled")
    return queue, conference, tuple(targets[:MOST_NUMBERS])


def _caller_id(attributes: Attributes) -> str | None:
    text = attributes.text("callerId")
    if text is None or _CALLER_ID.fullmatch(text):
        return text
    attributes.complain(BAD_CALLER_ID, f'callerId="{text}" is neither a number nor a name; the caller\'s own is used')
    return None


def _recording(attributes: Attributes) -> DialRecording | None:
    kind = attributes.choice("record", RECORDINGS, RECORDINGS[0], 13217)
    callback = attributes.text("recordingStatusCallback") or None
    method = attributes.method(13256, "recordingStatusCallbackMethod")
    events = ("in-progress", "completed", "absent")
    wanted = attributes.some("recordingStatusCallbackEvent", events, "completed", 13256)
    if kind in {"do-not-record", "false"}:
        return None
    return DialRecording("ringing" in kind, 2 if kind.endswith("-dual") else 1, callback, method, wanted)


def _check_the_rest(attributes: Attributes) -> None:
    tone = attributes.text("ringTone")
    if tone is not None and tone not in RING_TONES:
        attributes.complain(BAD_RING_TONE, f'ringTone="{tone}" is no country with a tone; it is ignored')
    attributes.choice("recordingTrack", ("both", "inbound", "outbound"), "both", SCHEMA)
    attributes.choice("trim", ("do-not-trim", "trim-silence"), "do-not-trim", SCHEMA)
    attributes.method(SCHEMA, "referMethod")
    if len(attributes.words("callReason")) > LONGEST_REASON:
        attributes.complain(SCHEMA, f"callReason has more than {LONGEST_REASON} characters")
    attributes.not_simulated("referUrl")
    attributes.ignore("recordingConfigurationId", "events")

"""<Record>. Source: https://www.twilio.com/docs/voice/twiml/record."""

from dataclasses import dataclass

from ivr.simulator.verbs.attributes import Attributes, forbid_children
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element

ANY_KEY = "1234567890*#"


@dataclass(frozen=True, slots=True)
class Record:
    """Records the caller.

    action: None is the address of this document. timeout_s: silence that ends it, 0 is none.
    max_length_s: longest recording. callback_events: of in-progress, completed and absent.
    """

    action: str | None = None
    method: str = "POST"
    timeout_s: int = 5
    finish_on_key: str = ANY_KEY
    max_length_s: int = 3600
    beep: bool = True
    trim: bool = True
    callback: str | None = None
    callback_method: str = "POST"
    callback_events: tuple[str, ...] = ("completed",)


def parse_record(element: Element, problems: list[Problem]) -> Record:
    """Read a <Record>."""
    attributes = Attributes(element, problems)
    transcribed = attributes.flag("transcribe", 13614, default=False)
    trim = attributes.choice("trim", ("trim-silence", "do-not-trim"), "trim-silence", 12200)
    verb = Record(
        action=attributes.text("action") or None,
        method=attributes.method(13610),
        timeout_s=attributes.whole("timeout", 5, 13611, least=0),
        finish_on_key=_finish_on_key(attributes),
        max_length_s=attributes.whole("maxLength", 120 if transcribed else 3600, 13612, least=2, most=86400),
        beep=attributes.flag("playBeep", 13616, default=True),
        trim=trim == "trim-silence",
        callback=attributes.text("recordingStatusCallback") or None,
        callback_method=attributes.method(13256, "recordingStatusCallbackMethod"),
        callback_events=attributes.some(
            "recordingStatusCallbackEvent", ("in-progress", "completed", "absent"), "completed", 13256
        ),
    )
    attributes.not_simulated("transcribe")
    attributes.ignore("transcribeCallback", "recordingConfigurationId")
    attributes.finish()
    forbid_children(element, problems)
    return verb


def _finish_on_key(attributes: Attributes) -> str:
    keys = attributes.text("finishOnKey")
    if keys is None or set(ANY_KEY).issuperset(keys):
        return ANY_KEY if keys is None else keys
    attributes.complain(13613, f'finishOnKey="{keys}" is not a set of keys; any key is used')
    return ANY_KEY

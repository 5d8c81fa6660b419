"""<Gather>. Source: https://www.twilio.com/docs/voice/twiml/gather."""

import re
from dataclasses import dataclass

from ivr.simulator.verbs.attributes import SCHEMA, Attributes
from ivr.simulator.verbs.pause import Pause, parse_pause
from ivr.simulator.verbs.play import Play, parse_play
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.say import Say, parse_say
from ivr.simulator.verbs.xml import Element

Prompt = Say | Play | Pause
BAD_NESTING = 13320
MOST_HINTS, LONGEST_HINT = 500, 100
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MODEL = re.compile(r"default|numbers_and_commands|phone_call|(experimental|googlev2)_[a-z_]+|deepgram_nova-[23]")


@dataclass(frozen=True, slots=True)
class Gather:
    """Plays prompts and collects keys or speech.

    action: None is the address of this document. timeout_s: from the end of the prompts, then from each key.
    num_digits: None is any number. finish_on_key: '' is none. speech_timeout_s: None is timeout_s.
    max_speech_s, barge_in: None where the document does not say. partial: told of speech as it comes; None is nobody.
    """

    prompts: tuple[Prompt, ...] = ()
    input: tuple[str, ...] = ("dtmf",)
    action: str | None = None
    method: str = "POST"
    timeout_s: float = 5
    num_digits: int | None = None
    finish_on_key: str = "#"
    action_on_empty: bool = False
    speech_timeout_s: float | None = None
    max_speech_s: int | None = None
    barge_in: bool | None = None
    partial: str | None = None
    partial_method: str = "POST"


def parse_gather(element: Element, problems: list[Problem]) -> Gather:
    """Read a <Gather> and what is nested in it."""
    attributes = Attributes(element, problems)
    verb = Gather(
        prompts=tuple(p for child in element.elements if (p := _prompt(child, problems)) is not None),
        input=attributes.some("input", ("dtmf", "speech"), "dtmf", 13326),
        action=attributes.text("action") or None,
        method=attributes.method(13312),
        timeout_s=_timeout(attributes),
        num_digits=attributes.whole("numDigits", 0, 13314) or None,
        finish_on_key=_finish_on_key(attributes),
        action_on_empty=attributes.flag("actionOnEmptyResult", 13338, default=False, fatal=True),
        speech_timeout_s=_speech_timeout(attributes),
        max_speech_s=attributes.whole("maxSpeechTime", 0, 13328) or None,
        barge_in=_barge_in(attributes),
        partial=attributes.text("partialResultCallback") or None,
        partial_method=attributes.method(13329, "partialResultCallbackMethod"),
    )
    _check_the_rest(attributes)
    attributes.finish()
    if element.text:
        attributes.complain(12200, "may not contain text; it is ignored")
    return verb


def _timeout(attributes: Attributes) -> float:
    return 5 if attributes.text("timeout") == "auto" else attributes.whole("timeout", 5, 13313)


def _finish_on_key(attributes: Attributes) -> str:
    key = attributes.text("finishOnKey", "#") or ""
    if len(key) <= 1 and set("0123456789#*").issuperset(key):
        return key
    attributes.complain(13310, f'finishOnKey="{key}" is not one key; "#" is used')
    return "#"


def _speech_timeout(attributes: Attributes) -> float | None:
    if attributes.text("speechTimeout") == "auto":
        if attributes.text("speechModel") is not None:
            attributes.complain(13335, 'speechTimeout="auto" does not go with a speechModel')
        return 1
    return attributes.whole("speechTimeout", 0, 13327) or None


def _barge_in(attributes: Attributes) -> bool | None:
    said = attributes.text("bargeIn") is not None
    return attributes.flag("bargeIn", 13332, default=True) if said else None


def _check_the_rest(attributes: Attributes) -> None:
    attributes.flag("profanityFilter", 13333, default=True)
    hints = attributes.words("hints").split(",")
    if len(hints) > MOST_HINTS or any(len(hint.strip()) > LONGEST_HINT for hint in hints):
        attributes.complain(13330, f"hints are at most {MOST_HINTS}, each of at most {LONGEST_HINT} characters")
    if not _LANGUAGE.fullmatch(attributes.words("language", "en-US")):
        attributes.complain(13331, f'language="{attributes.words("language")}" is unknown; "en-US" is used')
    if not _MODEL.fullmatch(attributes.words("speechModel", "default")):
        attributes.complain(13334, f'speechModel="{attributes.words("speechModel")}" is unknown; "default" is used')
    attributes.flag("enhanced", SCHEMA, default=False)
    attributes.flag("debug", SCHEMA, default=False)


def _prompt(child: Element, problems: list[Problem]) -> Prompt | None:
    match child.name:
        case "Say":
            return parse_say(child, problems, loop_code=13322, voice_code=13321)
        case "Play" if "digits" in child.attributes:
            message = "<Play digits> may not be nested in <Gather>; it is skipped"
        case "Play":
            return parse_play(child, problems)
        case "Pause":
            return parse_pause(child, problems)
        case _:
            message = f"<{child.name}> may not be nested in <Gather>; it is skipped"
    problems.append(Problem(BAD_NESTING, message, child.line, child.column))
    return None

"""<Say>. Source: https://www.twilio.com/docs/voice/twiml/say."""

import re
from dataclasses import dataclass

from ivr.simulator.verbs.attributes import SCHEMA, Attributes
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element

SSML = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})
BASIC_VOICES = frozenset({"man", "woman", "alice"})
_VOICE = re.compile(r"(Polly|Google)\.[\w-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MAX_BASIC, MAX_POLLY, MAX_GOOGLE = 4096, 3000, 5000


@dataclass(frozen=True, slots=True)
class Say:
    """Speaks a text `loop` times; 0 is as often as the carrier will."""

    text: str
    loop: int = 1
    voice: str = "man"
    language: str = "en-US"


def parse_say(element: Element, problems: list[Problem], loop_code: int = 13510, voice_code: int = 13511) -> Say:
    """Read a <Say>; the codes differ inside a Gather."""
    attributes = Attributes(element, problems)
    text = " ".join(_spoken(element, problems).split())
    verb = Say(
        text=text,
        loop=attributes.whole("loop", 1, loop_code, least=0),
        voice=_matching(attributes, "voice", "man", voice_code),
        language=_matching(attributes, "language", "en-US", 13512),
    )
    attributes.finish()
    if not text:
        attributes.complain(13520, "has nothing to say")
    if len(text) > _limit(verb.voice):
        attributes.complain(13521, f"has {len(text)} characters; {_limit(verb.voice)} are allowed")
    return verb


def _matching(attributes: Attributes, name: str, default: str, code: int) -> str:
    value = attributes.words(name, default)
    known = value in BASIC_VOICES or _VOICE.fullmatch(value) if name == "voice" else _LANGUAGE.fullmatch(value)
    if known:
        return value
    attributes.complain(code, f'{name}="{value}" is unknown; "{default}" is used')
    return default


def _limit(voice: str) -> int:
    return MAX_POLLY if voice.startswith("Polly.") else MAX_GOOGLE if voice.startswith("Google.") else MAX_BASIC


def _spoken(element: Element, problems: list[Problem]) -> str:
    return "".join(c if isinstance(c, str) else _markup(c, problems) for c in element.children)


def _markup(child: Element, problems: list[Problem]) -> str:
    if child.name not in SSML:
        message = f"<{child.name}> may not be nested in <Say>; it is skipped"
        problems.append(Problem(SCHEMA, message, child.line, child.column))
        return ""
    if child.name == "sub" and "alias" in child.attributes:
        return child.attributes["alias"]
    inside = _spoken(child, problems)
    return f" {inside} " if child.name in {"break", "p", "s"} else inside

"""Sentences: the prompts of the flows by id, and how the values in them are spoken.

A prompt is a template, `Your trial ends on {ends_on:date}.`; the kind behind the colon says how to speak the value.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from string import Formatter
from types import MappingProxyType

from ivr.call import Position
from ivr.flow import FlowError, Line, Menu, Node

KEY_NAMES = MappingProxyType({"*": "star", "#": "pound"})
COMMON: Mapping[str, str] = MappingProxyType(
    {
        "key_0": "To speak to a person, press 0.",
        "key_9": "For the main menu, press 9.",
        "key_star": "To go back, press star.",
        "no_input_1": "Sorry, I didn't hear a key press.",
        "no_input_2": "I still haven't heard a key press. You can press 0 at any time to speak to a person.",
        "no_match_1": "That wasn't one of the choices.",
        "no_pound": "That choice needs the pound key behind it.",
        "no_match_2": "That key isn't one of the choices. You can press 0 at any time to speak to a person.",
        "ask_no_input_1": "Sorry, I didn't get any digits.",
        "ask_no_input_2": "I still haven't heard any digits. "
        "For help, press star and then pound. For a person, press 0 and then pound.",
        "too_short": "That was too short.",
        "ask_no_match_2": "For help, press star and then pound. For a person, press 0 and then pound.",
        "give_up": "Let me get someone to help you.",
        "unavailable": "I'm sorry, I can't reach our account system right now. Let me get someone to help you.",
        "lost": "I'm sorry, I lost my place. Let's start again.",
    }
)
ANNOUNCEMENTS = MappingProxyType({"0": "key_0", "9": "key_9", "*": "key_star"})


@dataclass(frozen=True)
class Prompt:
    """One sentence or two that are spoken in one breath, and rendered as one clip.

    id: `flow.node` with a part behind it, or `common.name`. text: may hold {field} or {field:kind}.
    """

    id: str
    text: str


def common(name: str) -> Prompt:
    """Return a prompt that every flow shares."""
    return Prompt(f"common.{name}", COMMON[name])


def text_prompt(at: Position, node: Node) -> tuple[Prompt, ...]:
    """Return the node's own sentence, if it has one."""
    text = getattr(node, "text", "")
    return (Prompt(str(at), text),) if text else ()


def option_prompts(at: Position, menu: Menu) -> tuple[Prompt, ...]:
    """Return the spoken options, topic first and key second, then the reserved keys that are announced."""
    spoken = [Prompt(f"{at}.{o.key}", option_sentence(o.label, o.key, pound=bool(menu.deed))) for o in menu.options]
    return (*spoken, *(common(ANNOUNCEMENTS[key]) for key in menu.announce if key in ANNOUNCEMENTS))


def option_sentence(label: str, key: str, *, pound: bool = False) -> str:
    """Make the sentence that is spoken for an option. pound: say that it ends the entry."""
    return f"{label[:1].upper()}{label[1:]}, press {KEY_NAMES.get(key, key)}{' and then pound' if pound else ''}."


def prompts(line: Line) -> Iterator[Prompt]:
    """Every prompt the line can speak, each once."""
    yield from (common(name) for name in COMMON)
    for at, node in line.nodes():
        yield from text_prompt(at, node)
        if isinstance(node, Menu):
            yield from (p for p in option_prompts(at, node) if not p.id.startswith("common."))


def fields(text: str) -> dict[str, str]:
    """Return the fields of a template and their kinds; '' is the kind of plain words.

    Raises: FlowError for a template that cannot be read, or a kind that does not exist.
    """
    try:
        found = {name: kind or "" for _, name, kind, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise FlowError(f"prompt {text!r}: {error}") from None
    for name, kind in found.items():
        if kind not in KINDS or not name.isidentifier():
            raise FlowError(
                f"prompt {text!r}: no field {{{name}:{kind}}}; kinds are {', '.join(k for k in KINDS if k)}"
            )
    return found


def spoken(text: str, values: Mapping[str, str]) -> str:
    """Fill a template with values, each in the words of its kind.

    Raises: FlowError naming a value that is missing or does not fit its kind.
    """
    words: list[str] = []
    for literal, name, kind, _ in Formatter().parse(text):
        words.append(literal)
        if name is None:
            continue
        try:
            words.append(KINDS[kind or ""](values[name]))
        except (KeyError, ValueError) as error:
            raise FlowError(f"prompt {text!r}: no {kind or 'words'} for {{{name}}} ({error})") from None
    return "".join(words)


def speak_date(iso: str) -> str:
    """Say a date in words: 2027-03-05 is `Friday, March fifth, 2027`."""
    day = date.fromisoformat(iso)
    return f"{day:%A}, {day:%B} {ORDINALS[day.day - 1]}, {day.year}"


def speak_digits(digits: str) -> str:
    """Say digits one by one, in groups of three or four with a pause between: 482913 is `4 8 2, 9 1 3`."""
    size = 4 if len(digits) % 4 == 0 else 3
    return ", ".join(" ".join(digits[i : i + size]) for i in range(0, len(digits), size))


def speak_phone(number: str) -> str:
    """Say a telephone number as people write it down: +18002636317 is `1, 8 0 0, 2 6 3, 6 3 1 7`."""
    digits = number.removeprefix("+")
    if len(digits) == NORTH_AMERICAN and digits.startswith("1"):
        groups = ["1", digits[1:4], digits[4:7], digits[7:]]
        return ", ".join(" ".join(group) for group in groups)
    return speak_digits(digits)


NORTH_AMERICAN = 11  # digits of a number in the North American plan, with its country code
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third "
    "twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
).split()
KINDS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"": str, "date": speak_date, "digits": speak_digits, "phone": speak_phone}
)

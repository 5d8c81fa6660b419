"""Sentences: the prompts of the flows by id. How they are spoken, and the values in them: `speech`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from ivr.call import Position
from ivr.flow import WAITING_KEYS, Hold, Menu, Node
from ivr.line import Line

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
        "no_message": "I didn't hear a message.",
        "give_up": "Let me get someone to help you.",
        "unavailable": "I'm sorry, I can't reach our account system right now. Let me get someone to help you.",
        "no_accounts": "I'm sorry, I can't look up accounts right now. I can still answer your questions, "
        "and you can press 0 at any time to speak to a person.",
        "next_number": "Nobody could take your call there. I'm trying another number. Please hold.",
        "hold_next": "You're next in line.",
        "hold_place": "Your place in line is {position:count}.",
        "hold_far": "More than thirty callers are ahead of you.",
        "hold_wait": "The wait is about {wait:minutes}.",
        "hold_taken": "Somebody is taking your call now. Please hold.",
        "hold_still": "Thank you for holding.",
        "moved": "Sorry, that took a moment. Let me begin this part again.",
        "lost": "I'm sorry, I lost my place. Let's start again.",
    }
)
ANNOUNCEMENTS = MappingProxyType({"0": "key_0", "9": "key_9", "*": "key_star"})


@dataclass(frozen=True)
class Prompt:
    """One sentence or two that are spoken in one breath.

    id: `flow.node` with a part behind it, or `common.name`. text: a template, `Your trial ends on {ends_on:date}.`; the
    kind behind the colon says how to speak the value.
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


def option_prompts(at: Position, node: Menu | Hold) -> tuple[Prompt, ...]:
    """Return the spoken options, topic first and key second, then the reserved keys that are announced."""
    pound = isinstance(node, Menu) and bool(node.deed)
    announce = node.announce if isinstance(node, Menu) else WAITING_KEYS
    spoken = [Prompt(f"{at}.{o.key}", option_sentence(o.label, o.key, pound=pound)) for o in node.options]
    return (*spoken, *(common(ANNOUNCEMENTS[key]) for key in announce if key in ANNOUNCEMENTS))


def option_sentence(label: str, key: str, *, pound: bool = False) -> str:
    """Make the sentence that is spoken for an option. pound: say that it ends the entry."""
    return f"{label[:1].upper()}{label[1:]}, press {KEY_NAMES.get(key, key)}{' and then pound' if pound else ''}."


@lru_cache(maxsize=8)  # a page asks for them, too
def prompts(line: Line) -> tuple[Prompt, ...]:
    """Every prompt the line can speak, each once."""
    return tuple(_prompts(line))


def _prompts(line: Line) -> Iterator[Prompt]:
    yield from (common(name) for name in COMMON)
    for at, node in line.nodes():
        yield from text_prompt(at, node)
        if isinstance(node, Menu | Hold):
            yield from (p for p in option_prompts(at, node) if not p.id.startswith("common."))

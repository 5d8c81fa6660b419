"""<Play>. Source: https://www.twilio.com/docs/voice/twiml/play."""

from dataclasses import dataclass

from ivr.simulator.verbs.attributes import Attributes, forbid_children
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.xml import Element

TONES = frozenset("0123456789ABCD*#wW")


@dataclass(frozen=True, slots=True)
class Play:
    """Plays a file `loop` times (0: as often as the carrier will), or key tones where `digits` is given."""

    url: str
    loop: int = 1
    digits: str = ""


def parse_play(element: Element, problems: list[Problem]) -> Play:
    """Read a <Play>."""
    attributes = Attributes(element, problems)
    digits = attributes.words("digits")
    if not TONES.issuperset(digits):
        attributes.complain(13430, f'digits="{digits}" has more than 0-9, A-D, *, #, w and W; it is ignored')
        digits = ""
    verb = Play(url=element.text, loop=attributes.whole("loop", 1, 13410, least=0), digits=digits)
    attributes.finish()
    forbid_children(element, problems)
    if not verb.url and not verb.digits:
        attributes.complain(12200, "has neither an address nor digits")
    return verb

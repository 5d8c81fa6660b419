"""TwiML as values: `parse` reads a document; one module per verb knows its attributes, defaults and nesting."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ivr.simulator.verbs.dial import Dial, parse_dial
from ivr.simulator.verbs.enqueue import Enqueue, Leave, parse_enqueue, parse_leave
from ivr.simulator.verbs.flow import Hangup, Redirect, Reject, parse_hangup, parse_redirect, parse_reject
from ivr.simulator.verbs.gather import Gather, parse_gather
from ivr.simulator.verbs.message import Message, parse_message
from ivr.simulator.verbs.pause import Pause, parse_pause
from ivr.simulator.verbs.play import Play, parse_play
from ivr.simulator.verbs.problem import Problem
from ivr.simulator.verbs.record import Record, parse_record
from ivr.simulator.verbs.refer import Refer, parse_refer
from ivr.simulator.verbs.say import Say, parse_say
from ivr.simulator.verbs.unsimulated import NESTING, parse_unsimulated
from ivr.simulator.verbs.xml import Element, XmlError, parse_xml

__all__ = ["Document", "Problem", "Verb", "parse"]

Verb = (
    Say | Play | Pause | Gather | Redirect | Dial | Record | Hangup | Reject | Enqueue | Leave | Message | Refer
)  # fmt: skip

PARSERS: dict[str, Callable[[Element, list[Problem]], Verb]] = {
    "Say": parse_say,
    "Play": parse_play,
    "Pause": parse_pause,
    "Gather": parse_gather,
    "Redirect": parse_redirect,
    "Dial": parse_dial,
    "Record": parse_record,
    "Hangup": parse_hangup,
    "Reject": parse_reject,
    "Enqueue": parse_enqueue,
    "Leave": parse_leave,
    "Sms": parse_message,
    "Message": parse_message,
    "Refer": parse_refer,
}
NOT_SIMULATED = frozenset(NESTING)
UNKNOWN, WRONG_ROOT = 12200, 12102


@dataclass(frozen=True, slots=True)
class Document:
    """A TwiML document. problems: in document order; if any is fatal there are no verbs."""

    verbs: tuple[Verb, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def fatal(self) -> Problem | None:
        """The problem that keeps the document from being run, if there is one."""
        return next((p for p in self.problems if p.fatal), None)


# Documents are values, and an application answers with the same ones again and again.
@lru_cache(maxsize=256)
def parse(body: bytes, charset: str | None = None, *, unknown_verb_fails: bool = False) -> Document:
    """Read TwiML; whatever is wrong with it is in the document's problems.

    Source: https://www.twilio.com/docs/voice/twiml
    """
    try:
        root = parse_xml(body, charset)
    except XmlError as error:
        return Document((), (error.problem,))
    if root.name != "Response":
        message = f"the root element is <{root.name}>, not <Response>"
        return Document((), (Problem(WRONG_ROOT, message, root.line, root.column, fatal=True),))
    problems = [
        Problem(UNKNOWN, f'<Response> has no attribute "{name}"', root.line, root.column) for name in root.attributes
    ]
    if root.text:
        problems.append(Problem(UNKNOWN, "text between the verbs is ignored", root.line, root.column))
    verbs = tuple(v for e in root.elements if (v := _verb(e, problems, unknown_verb_fails)) is not None)
    fatal = any(p.fatal for p in problems)
    return Document(() if fatal else verbs, tuple(sorted(problems, key=lambda p: (p.line, p.column))))


def _verb(element: Element, problems: list[Problem], unknown_verb_fails: bool) -> Verb | None:  # noqa: FBT001 private
    parser = PARSERS.get(element.name)
    if parser is not None:
        return parser(element, problems)
    if element.name in NOT_SIMULATED:
        parse_unsimulated(element, problems)
        return None
    message = f"<{element.name}> is not a verb; it is skipped"
    problems.append(Problem(UNKNOWN, message, element.line, element.column, fatal=unknown_verb_fails))
    return None

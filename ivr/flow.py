"""The vocabulary of flows: a flow is a frozen value, and everything else reads it.

Functions say what happened, data says what happens next: an action returns an outcome, and the node that ran it
maps each outcome to a target. A target names a node of the same flow, else another flow (entered at its start).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from ivr.call import Call, DialStatus, Disposition, Proof
from ivr.services import Services

E = TypeVar("E", bound=Enum)

AGAIN = "<again>"  # say this node once more, in full
BACK = "<back>"  # to the topic menu the caller came from; at the top, the same as AGAIN
RESUME = "<resume>"  # go on with the flow that asked for proof
PERSON = "support"  # the flow that finds a person
AGENT, CALLED_BACK = "agent", "called_back"  # what somebody hears whom we ring: to take a call; as they asked for it
TEXT, TEXT_KEY = "text", "3"  # the flow that sends an answer as a text message, and its key, the same everywhere

MENU_TRIES = 3  # silences, and apart from them wrong keys, before a person is fetched
RUNG_TRIES = 2  # for somebody whom we ring, before it counts as a machine
MENU_TIMEOUT_S = 5
CONFIRM_TIMEOUT_S = 6
SECRET_TIMEOUT_S = 10  # account numbers and PINs are looked up on paper
RING_TIMEOUT_S = 25
RECORD_LIMIT_S = 120
RECORD_SILENCE_S = 5
RECORD_LEEWAY_S = 2  # the silence around a message is trimmed, so one that was cut off may be this much shorter
RECORD_LEAST_S = 1  # a shorter recording is a click or a breath, no message
CALL_SLIPS = 6  # silences and wrong keys of all nodes together

WAITING_KEYS = "*9"  # reserved keys that mean something on hold, too; 0 is what the caller waits for
HELP = "_help"  # an Ask named `pin` brings a menu named `pin_help`

RESERVED: Mapping[str, str] = MappingProxyType({"0": PERSON, "9": "main", "*": BACK, "#": AGAIN})


class FlowError(Exception):
    """An author's mistake in a flow; `flask line lint` finds it before a caller does."""


@dataclass(frozen=True)
class Option:
    """One line of a menu: `to cancel your free trial` on a key. The spoken sentence is made from both."""

    key: str
    label: str
    to: str


class MenuSettings(TypedDict, total=False):
    """What may be set on a Menu, by keyword; `Menu` says what each means."""

    announce: tuple[str, ...]
    timeout_s: int
    tries: int
    give_up: str
    barge_in: bool
    place: bool
    marks: Disposition | None
    deed: str
    secret: bool
    house: bool
    written: str


@dataclass(frozen=True, init=False)
class Menu:
    """Offer a few topics, one key each, and wait for one key.

    timeout_s: silence before no-input, in seconds, counted from the end of the prompt.
    tries: silences, and apart from them wrong keys, before the call goes to `give_up`.
    announce: reserved keys that are spoken after the options; all of them work whether spoken or not.
    barge_in: False keeps a key from cutting the text (the options can always be cut).
    place: whether `*` in a later node leads back here. marks: how far a call has come that hears this.
    deed: option that counts only with a pound behind its key, so that no digit left over from before does the deed.
    secret: keys are not written down, since callers may still be typing an account number or a PIN.
    house: False leaves out the reserved keys, for people whom we ring: they have not called us.
    written: the same in writing, for callers who want it as a text message; docs/texts.md.
    """

    text: str
    options: tuple[Option, ...]
    announce: tuple[str, ...] = ("*", "0")
    timeout_s: int = MENU_TIMEOUT_S
    tries: int = MENU_TRIES
    give_up: str = PERSON
    barge_in: bool = True
    place: bool = True
    marks: Disposition | None = None
    deed: str = ""
    secret: bool = False
    house: bool = True

    written: str = ""

    def __init__(self, text: str, *options: Option, **settings: Unpack[MenuSettings]) -> None:
        for name, value in {"text": text, "options": options, **settings}.items():
            object.__setattr__(self, name, value)

    @property
    def reserved(self) -> Mapping[str, str]:
        """Reserved keys that work here, and where they lead."""
        return RESERVED if self.house else {}


def answer(
    text: str,
    *options: Option,
    marks: Disposition = Disposition.INFORMED,
    written: str = "",
    offer: str = "to get this as a text message",
) -> Menu:
    """Tell the caller what they came for, and never just hang up: again, more, back, main menu or a person.

    options: further choices, from key 2 on. written: what is sent to callers who want it as a text message; where
    there is something, it is offered last, on TEXT_KEY. offer: how.
    """
    again = Option("1", "to hear that again", to=AGAIN)
    texted = (Option(TEXT_KEY, offer, to=TEXT),) if written else ()
    announce = ("*", "9", "0")
    return Menu(text, again, *options, *texted, announce=announce, place=False, marks=marks, written=written)


def ring(text: str, *options: Option, nobody: str) -> Menu:
    """Ask somebody whom we ring, twice. nobody: where a machine, or who says nothing, ends up."""
    return Menu(text, *options, announce=(), tries=RUNG_TRIES, give_up=nobody, place=False, house=False)


def confirm(text: str, keep: Option, do: Option, unchanged: str) -> Menu:
    """Read back what is about to happen, uncut, and do it on keys the caller cannot have pressed by habit.

    unchanged: where a caller who says nothing ends up; silence changes nothing. See decision 13.
    """
    return Menu(
        text,
        keep,
        do,
        announce=("0",),
        timeout_s=CONFIRM_TIMEOUT_S,
        give_up=unchanged,
        barge_in=False,
        place=False,
        deed=do.key,
    )


@dataclass(frozen=True, kw_only=True)
class Ask(Generic[E]):
    """Ask for digits and check them.

    digits: how many, or (least, most) for entries that end with the pound key.
    check: receives the digits and returns an outcome, and the call as it now is.
    secret: the digits are a PIN or an account number; they reach `check` and nothing else.
    help: what the star key explains. timeout_s: seconds of silence, from the end of the prompt or the last key.
    """

    text: str
    digits: int | tuple[int, int]
    check: Callable[[Call, Services, str], tuple[E, Call]]
    on: Mapping[E, str]
    help: str
    secret: bool = False
    timeout_s: int = MENU_TIMEOUT_S
    tries: int = MENU_TRIES
    give_up: str = PERSON
    unavailable: str = PERSON

    @property
    def least(self) -> int:
        """Fewest digits that are an answer."""
        return self.digits if isinstance(self.digits, int) else self.digits[0]

    @property
    def most(self) -> int:
        """Number of digits after which the entry ends by itself."""
        return self.digits if isinstance(self.digits, int) else self.digits[1]


@dataclass(frozen=True)
class Say:
    """Say something and go on. barge_in: False for what the caller must hear."""

    text: str
    to: str
    barge_in: bool = True


@dataclass(frozen=True)
class Do(Generic[E]):
    """Run an action and go where its outcome says."""

    action: Callable[[Call, Services], tuple[E, Call]]
    on: Mapping[E, str]
    unavailable: str = PERSON


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """Say who the caller is being connected to, and ring them.

    number: name of a department, or of an entry in the line's directory, never a telephone number.
    ended: after both have talked. unanswered: busy, or no answer. failed: there is no way to that number.
    """

    text: str
    number: str
    ended: str
    unanswered: str
    failed: str
    timeout_s: int = RING_TIMEOUT_S

    def to(self, status: DialStatus) -> str:
        """Where a call goes on after this."""
        if status is DialStatus.COMPLETED:
            return self.ended
        return self.unanswered if status in {DialStatus.BUSY, DialStatus.NO_ANSWER} else self.failed


@dataclass(frozen=True, init=False)
class Hold:
    """Wait in line for the department this call has asked for, and hear again and again how long that may take.

    options: what a caller can do instead of waiting; the star key leads back, 9 to the main menu, 0 and pound say how
    it stands. ended: after both have talked. expired: nobody will take the call any more today, or nobody has for long.
    """

    text: str
    options: tuple[Option, ...]
    ended: str
    expired: str

    def __init__(self, text: str, *options: Option, ended: str, expired: str) -> None:
        for name, value in {"text": text, "options": options, "ended": ended, "expired": expired}.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Meet:
    """Put somebody through who has taken a call: to the caller who waits, or to one who is called back.

    to: when that is over, whatever came of it.
    """

    text: str
    to: str


@dataclass(frozen=True)
class Through:
    """Let the carrier put both through: what was to be said on this side alone has been."""

    disposition: Disposition = Disposition.TRANSFERRED


@dataclass(frozen=True, kw_only=True)
class Record:
    """Ask for a message, give a tone, and record it: `Call.recorded` is what came of it.

    to: there is a message, at least RECORD_LEAST_S long. full: there is one, and it was cut off at `limit_s` seconds.
    silence_s: seconds of silence that end it. finish: key that ends it; all others are part of the message.
    tries: silences before the call goes to `give_up`.
    """

    text: str
    to: str
    full: str
    give_up: str
    limit_s: int = RECORD_LIMIT_S
    silence_s: int = RECORD_SILENCE_S
    finish: str = "#"
    tries: int = MENU_TRIES


@dataclass(frozen=True)
class Resume:
    """Go back to the flow that asked for proof, with the proof."""

    grants: Proof


@dataclass(frozen=True)
class Hangup:
    """Say goodbye and end the call."""

    text: str
    disposition: Disposition


Node = Menu | Ask[Any] | Say | Do[Any] | Transfer | Hold | Record | Meet | Through | Resume | Hangup


@dataclass(frozen=True, init=False)
class Flow:
    """One goal of a caller, as named nodes; the first is the start. Its name is its file's name.

    needs: what a caller must have proved before any node of this flow runs. aside: BACK leads to the choices of the
    menu that this flow was entered from, whose text is not said again.
    """

    title: str
    nodes: Mapping[str, Node]
    needs: Proof = Proof.NONE
    aside: bool = False

    def __init__(self, title: str, *, needs: Proof = Proof.NONE, aside: bool = False, **nodes: Node) -> None:
        if not nodes:
            raise FlowError(f"flow {title!r} has no nodes")
        helps = {name + HELP: _help_menu(name, node) for name, node in nodes.items() if isinstance(node, Ask)}
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "needs", needs)
        object.__setattr__(self, "aside", aside)
        object.__setattr__(self, "nodes", MappingProxyType({**nodes, **helps}))

    @property
    def start(self) -> str:
        """Name of the first node."""
        return next(iter(self.nodes))


def _help_menu(name: str, ask: Ask[Any]) -> Menu:
    again = Option("1", "to try again", to=name)
    return Menu(ask.help, again, place=False, secret=ask.secret)

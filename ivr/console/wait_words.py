"""What came of a wait, in words: outcomes as the call log writes them, for people who do not know the flows."""

from dataclasses import dataclass
from typing import Any

from ivr.call import DialStatus, WaitEnd
from ivr.call_log import Visit
from ivr.edges import FULL, NO_INPUT, NO_MATCH, OVER, RECORDED, SLIPS, UNAVAILABLE
from ivr.flow import Ask, Hold, Menu, Node, Transfer

HUNG_UP, ENDED = "hang-up", "ended"
_RESERVED = {"0": "for a person", "9": "for the main menu", "*": "to go back", "#": "to hear that again"}
_ON_ASK = {"0": "for a person", "*": "for help", "#": "left over from before"}
_TIMES = {"1": "once", "2": "twice", "3": "three times"}
_DIALLED = {
    DialStatus.COMPLETED.value: "Somebody answered, and both have talked",
    DialStatus.BUSY.value: "The line was busy",
    DialStatus.NO_ANSWER.value: "Nobody took the call",
    DialStatus.FAILED.value: "There was no way to that number",
    DialStatus.CANCELED.value: "The caller hung up while it rang",
}
_OTHER = {
    HUNG_UP: "The caller hung up",
    ENDED: "The line said goodbye and hung up",
    SLIPS: "Too many silences and wrong keys in this call: a person is fetched",
    UNAVAILABLE: "A system behind the line could not be reached: a person is fetched",
    RECORDED: "Left a message",
    FULL: "Left a message, cut off at the longest that is recorded",
    OVER: "The call was over",
    WaitEnd.SERVED.value: "Somebody took the call from the queue",
    WaitEnd.EXPIRED.value: "Nobody took the call in time, or the team closed",
}
# Outcomes of steps as the actions name them, and with the node's name where that tells them apart; others are shown as
# they are. Left out where there is nothing to tell.
_STEPS = {
    "correct": "PIN correct",
    "wrong": "PIN or account number wrong",
    "spent": "no try at a PIN left",
    "taken": "account number taken down",
    "resume": "identity proved",
    "recognise: one": "the number is on file for one account",
    "recognise: none": "the number is on file for no account",
    "at-once": "somebody is rung at once",
    "in-line": "everybody is busy: a place in line",
    "promised": "a callback is promised already",
    "closed": "the team is closed",
    "soon": "a callback is booked",
    "later": "a callback is booked for when the team is open",
    "too-many": "no callback: too many to that number today",
    "refused": "the account system refused the change",
    "running": "the trial is running",
    "lapsed": "the plan has lapsed",
    "review: over": "the trial is over",
    "review: cancelled": "the trial is cancelled already",
    "review: on": "renewal is on",
    "review: off": "renewal is off already",
    "review: nothing": "nothing to undo",
    "send: possible": "sent",
    "stopped": "no text: this number said STOP",
    "enough": "no text: enough for one day",
    "abroad": "no text: a number abroad",
    "landline": "no text: a landline",
    "withheld": "no text: the number is withheld",
    "no-number": "no number to call back",
    UNAVAILABLE: "a system behind the line could not be reached",
}
_PROOF = {"correct": "good", "wrong": "warn", "spent": "warn"}
_NOTHING = {"done", "left", "said", "start: possible"}


@dataclass(frozen=True)
class Told:
    """What a caller did and what it led to. mood: `good`, `warn`, `bad`, or '' for what is neither.

    keys: as they are shown; dots for secrets. steps: what the line did then, in order.
    """

    act: str
    mood: str = ""
    keys: str = ""
    steps: tuple[str, ...] = ()


def told(visit: Visit, node: Node | None) -> Told:
    """Tell the outcome of a wait. node: as it is today; None where a deploy has removed it."""
    first, *rest = visit.outcome.split(" > ") if visit.outcome else [""]
    steps = tuple(_step(step) for step in rest if not {step, step.rpartition(": ")[2]} & _NOTHING)
    if not first:
        return Told("", steps=steps)
    word, _, number = first.partition(" ")
    if word in {NO_INPUT, NO_MATCH}:
        return Told(_slip(word, number, node), "warn", visit.input if word == NO_MATCH else "", steps)
    if visit.kind in {"transfer", "meet"} or isinstance(node, Transfer):
        return Told(*_dialled(first), steps=steps)
    if first in _OTHER:
        return Told(_OTHER[first], _mood(first), steps=steps)
    if first == WaitEnd.FAILED.value:
        return Told("The queue could not be used", "bad", steps=steps)
    mood = "bad" if any(UNAVAILABLE in step for step in rest) else _PROOF.get(first, "")
    return Told(_key(visit, first, node), mood, visit.input, steps)


def _slip(word: str, times: str, node: Any) -> str:
    times = _TIMES.get(times, f"{times} times")
    if word == NO_INPUT:
        return f"No key pressed, {times} here"
    what = "The wrong number of digits" if isinstance(node, Ask) else "A key that is none of the choices"
    return f"{what}, {times} here"


def _dialled(first: str) -> tuple[str, str]:
    status, _, again = first.partition(", ")
    words = _DIALLED.get(status) or _OTHER.get(status) or status
    mood = "good" if status == DialStatus.COMPLETED.value else "" if status in _OTHER else "warn"
    return f"{words}; another number was tried" if again else words, mood


def _key(visit: Visit, first: str, node: Node | None) -> str:
    """Say what a key meant, or that digits were entered."""
    if isinstance(node, Ask):
        if first in _ON_ASK:
            return f"Pressed {first} {_ON_ASK[first]}"
        came_to = _STEPS.get(first, _plain(first))
        return f"{came_to[:1].upper()}{came_to[1:]}" if node.secret else f"Entered digits: {came_to}"
    options = {option.key: option.label for option in node.options} if isinstance(node, Menu | Hold) else {}
    meaning = options.get(first) or _RESERVED.get(first, "")
    shown = "a key" if "•" in visit.input and not meaning else first
    return f"Pressed {shown} {meaning}".rstrip()


def _mood(first: str) -> str:
    if first in {SLIPS, WaitEnd.EXPIRED.value}:
        return "warn"
    if first == UNAVAILABLE:
        return "bad"
    return "good" if first in {RECORDED, FULL, WaitEnd.SERVED.value} else ""


def _step(step: str) -> str:
    node, _, label = step.rpartition(": ")
    if known := _STEPS.get(step) or _STEPS.get(label):
        return known
    return f"{_plain(node)}: {_plain(label)}" if node else _plain(label)


def _plain(label: str) -> str:
    return label.replace("-", " ").replace("_", " ")

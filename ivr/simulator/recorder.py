"""A call as it is made, written down as a `.call` file: a test that plays it again.

One act a line; what a line said is checked up to the words that change from day to day and from call to call.
"""

import re
from collections.abc import Mapping

from ivr.simulator.acts import Act, HangUp, Keys, Listening, Silence, Speech
from ivr.simulator.events import Dialled, Event, PlayHeard, Request, SayHeard

# Dates in words, and six digits read out one by one, like a confirmation code; a telephone number has more.
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, [A-Z][a-z]+ [\w-]+, \d{4}"
_CODE = r"(?<!\d, )\b\d \d \d, \d \d \d\b(?!, \d)"
_CHANGES = re.compile(f"{_DAY}|{_CODE}|#")
_ELSEWHERE = frozenset({"ringing", "talking"})


class Recorder:
    """Takes down one call. from_: who calls; people: how dialled numbers react."""

    def __init__(self, from_: str, people: Mapping[str, str]) -> None:
        self._lines = [f"people   {number}={status}" for number, status in people.items() if status != "completed"]
        self._lines.append(f"caller   {from_}")
        self._held = ""

    def hear(self, event: Event) -> None:
        """Take down what a test can check."""
        match event:
            case Request(purpose="action"):
                self._flush()
            case SayHeard(_, text):
                pieces = (piece.strip(" ,.;:") for piece in _CHANGES.split(" ".join(text.split())))
                self._lines += [f"hears    {piece}" for piece in pieces if " " in piece]
            case PlayHeard(_, url) if url:
                self._lines.append(f"# hears [{url}]")
            case Dialled(_, number, status) if status != "canceled":
                self._lines.append(f"rings    {number}")
            case _:
                pass

    def act(self, act: Act, listening: Listening) -> None:
        """Take down what the caller did in a moment."""
        match act:
            case Keys(keys) if listening.kind not in _ELSEWHERE:
                # Keys that nobody waits for yet belong to the next wait.
                self._held += keys
            case Speech(text):
                self._flush()
                self._lines.append(f"says     {text}")
            case Silence() if listening.waits:
                self._flush()
                self._lines.append("waits")
            case HangUp():
                self._flush()
                self._lines.append(_hang_up(listening))
            case _:
                pass
        if listening.takes_keys:
            self._flush()

    def text(self, disposition: str, remark: str = "") -> str:
        """Return the file. disposition: how the call is logged; '' is unknown."""
        self._flush()
        head = [f"# {remark}"] if remark else []
        return "\n".join([*head, *self._lines, *([f"ends     {disposition}"] if disposition else [])]) + "\n"

    def _flush(self) -> None:
        if self._held and self._lines[-1].startswith("presses"):
            self._lines[-1] += self._held
        elif self._held:
            self._lines.append(f"presses  {self._held}")
        self._held = ""


def _hang_up(listening: Listening) -> str:
    return f"hangs up while {listening.kind}" if listening.kind in _ELSEWHERE else "hangs up"

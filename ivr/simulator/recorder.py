"""A call as it is made, written down as a `.call` file: a test that plays it again.

One act a line; what a line said is checked up to the words that change from day to day and from call to call.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ivr.simulator.acts import Act, Break, HangUp, Keys, Listening, PickUp, Silence, Speech
from ivr.simulator.caller import Caller
from ivr.simulator.events import Dialled, DigitsPressed, Event, PlayHeard, SayHeard
from ivr.simulator.transcript import goes_on

_DATE = re.compile(r"(?:\b[A-Z][a-z]+day, )?\b[A-Z][a-z]{2,8} (?:\d{1,2}|[a-z]+(?:-[a-z]+)?), \d{4}")
_SPELLED = re.compile(r"\b\d(?:,? \d)+\b")
_CODE_DIGITS = range(3, 9)  # a telephone number, which stays, has more


class Recorder:
    """Takes down one call.

    from_, to: '' leaves the choice to whoever plays the file. people: how the dialled react. fault: from the start.
    """

    def __init__(
        self, from_: str = "", to: str = "", people: Mapping[str, str] | None = None, fault: Break | None = None
    ) -> None:
        self._lines: list[str] = []
        self._joins = False
        self._sentence = ""  # what has been heard of one that is not over
        people = people or {}
        # Anybody else comes first, whatever the order: it says something about those who are not named.
        for number, status in sorted(people.items(), key=lambda person: person[0] != "*"):
            if status != people.get("*", "completed") or (number == "*" and status != "completed"):
                self._write("people", status if number == "*" else f"{number}={status}")
        if to:
            self._write("called", to)
        if fault:
            self._write("fault", str(fault))
        self._write("caller", from_)

    def hear(self, event: Event) -> None:
        """Take down what a test can check."""
        match event:
            case SayHeard(_, text) if text.split():
                self._write("hears", steady(" ".join(text.split())))
            case PlayHeard(text=text) if text:
                self._play(text)
            case PlayHeard(_, url) if url:
                self._write("hears", urlsplit(url).path)
            case Dialled(_, number, status):
                self._write("reaches" if status == "completed" else "rings", number)
            case DigitsPressed():
                return
            case _:
                pass
        self._joins = False

    def act(self, act: Act, listening: Listening) -> None:
        """Take down what the caller did in a moment."""
        match act:
            case Keys(keys):
                self._press(keys, _while(listening))
            case Speech(text):
                self._say(" ".join(text.split()), listening)
            case HangUp():
                self._write(f"hangs up{_while(listening)}")
            case Break():
                self._write("fault", f"{act}{_while(listening)}")
            case PickUp():
                self._write("is", "rung")
            case Silence() if listening.waits:
                self._write("waits")
            case Silence():
                pass

    def text(self, ending: str = "", remark: str = "") -> str:
        """Return the file. ending: what `ends` is to say, '' nothing but that the call is over."""
        head = [f"# {remark}"] if remark else []
        return "\n".join([*head, *self._lines, f"ends     {ending}".rstrip(), ""])

    def _play(self, text: str) -> None:
        """Write what a file says. A sentence that is put together from several is one line."""
        sentence = f"{self._sentence} {text}".strip()
        if self._sentence:
            self._lines.pop()
        self._write("hears", steady(sentence))
        self._sentence = sentence if goes_on(sentence) else ""

    def _press(self, keys: str, moment: str) -> None:
        """Write keys; those pressed one by one, with nothing between them, are one act."""
        last = self._lines[-1]
        if self._joins and last.endswith(moment) and (" while " in last) == bool(moment):
            self._lines[-1] = last.removesuffix(moment) + keys + moment
        else:
            self._write("presses", keys + moment)
        self._joins = True

    def _say(self, text: str, listening: Listening) -> None:
        """Write speech. A Gather that is still listening to some takes more of it; elsewhere nobody hears it."""
        if not listening.takes_speech:
            self._write("# says", f"{text!r}, which nobody hears")
        elif listening.waits or listening.kind != "gather":
            self._write("says", text)
        else:
            at = max(number for number, line in enumerate(self._lines) if line.startswith("says "))
            self._lines[at] += f" {text}"

    def _write(self, verb: str, rest: str = "") -> None:
        self._lines.append(f"{verb:<8} {rest}".rstrip())
        self._joins, self._sentence = False, ""


class RecordedCaller:
    """Holds the receiver as another caller does, and has it taken down."""

    def __init__(self, caller: Caller, recorder: Recorder) -> None:
        self._caller, self._recorder = caller, recorder

    def act(self, listening: Listening) -> Act:
        """Return what the other caller does in this moment."""
        act = self._caller.act(listening)
        self._recorder.act(act, listening)
        return act


def _while(listening: Listening) -> str:
    """Name the moment, unless the line waits for the caller in it, or is about to."""
    waits = listening.waits or (listening.takes_keys and listening.kind != "talking")
    return "" if waits else f" while {listening.kind}"


def steady(text: str) -> str:
    """Replace dates and spelled codes, which differ from call to call."""
    dated = _DATE.sub("...", text)
    return _SPELLED.sub(lambda run: "..." if sum(map(str.isdigit, run[0])) in _CODE_DIGITS else run[0], dated)

"""`.call` files: telephone calls as transcripts, one act a line.

    # a remark, on a line of its own
    people   busy                 how people react; or +18002636317=busy
    called   +18005550100         the number that the next caller dials
    caller   +14155550123         places a call; without a number, a stranger; a second `caller` is a second call
    hears    To speak to a ...    heard since the caller's last act; ... stands for anything
    fault    error                the next webhook fails: down, slow, error or broken; `error always`, and `none` again
    lacks    words                not heard since the caller's last act
    presses  3                    keys pressed together, while the line waits; or `presses * while talking`
    says     I lost my phone      speech
    waits                         says nothing until the line moves on
    rings    +18002636317         somebody was rung
    reaches  +18002636317         somebody was rung, and answered
    hangs up                      while the line waits; or `hangs up while ringing`, `hangs up while say`
    ends     completed            the call is over; the status may be left out
    is       rung                 the application has called the caller, who answers: that call is the one from here on;
                                  `is rung +18002636317` somebody else, who is in the file's hands from its beginning
    at       +14155550123         the call at that telephone is the one from here on
    text     +14155550123: words  a text message was sent there

What is done `while` something else than waiting (say, play, pause, ringing, talking, gather, record, queue, conference)
is done in the first such moment in which all that stands between it and the act before has been heard.

A project adds acts, or gives these another meaning: see the fixture `call_acts` of `ivr.simulator.pytest_plugin`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from ivr.simulator.acts import Break
from ivr.simulator.checks import CheckedCall, CheckedPhone, contains
from ivr.simulator.faults import Faults
from ivr.simulator.held import Held
from ivr.simulator.phone import PhoneCall
from ivr.simulator.plans import person_of

WHILE = " while "
_PASSING = frozenset({"presses", "hangs", "fault"})


class CallFileError(ValueError):
    """Raised for a line that cannot be understood; the message names it."""


@dataclass(frozen=True, slots=True)
class CallLine:
    """One act of a file. number: from 1."""

    number: int
    verb: str
    rest: str

    @property
    def moment(self) -> str:
        """The moment in which this is done; '' where the line waits."""
        return self.rest.partition(WHILE)[2] if self.verb in _PASSING else ""


@dataclass
class Performance:
    """A file being played: what acts may read and change.

    people: how dialled numbers react, for the next caller. settings: for the next `phone.dial`.
    coming: the lines after the one that is being played. fault: what is broken when the next caller dials.
    by_number: the newest call at each telephone.
    """

    phone: CheckedPhone
    people: dict[str, str] = field(default_factory=lambda: {"*": "completed"})
    settings: dict[str, str] = field(default_factory=dict[str, str])
    placed: CheckedCall | None = None
    coming: Sequence[CallLine] = ()
    fault: Break | None = None
    by_number: dict[str, CheckedCall] = field(default_factory=dict[str, CheckedCall])

    def hold(self) -> None:
        """Take the receivers into one's hands that the file says will be rung."""
        for line in self.coming:
            number = _rung(line)
            if number:
                self._hold(number)

    def next_call(self, number: str) -> None:
        """Answer a call that the application has placed. Raises: AssertionError when there is none."""
        number = number or self.call.line.facts.other_number
        held = self.phone.line.held.get(number)
        ringing = [call for call in held.calls if call.listening and call.listening.kind == "rung"] if held else []
        assert ringing, f"{number} was not rung"  # noqa: S101 a file being played is a test
        self.placed = cast("CheckedCall", ringing[0]).pick_up()
        self.by_number[number] = self.placed

    def _hold(self, number: str) -> None:
        if number not in self.phone.line.held:
            self.phone.line.hold(number, Held(stops=self.has_come))

    @property
    def call(self) -> CheckedCall:
        """The call that is being made. Raises: CallFileError before the first `caller`."""
        if self.placed is None:
            raise CallFileError("nobody has called yet; begin with `caller`")
        return self.placed

    def dial(self, from_: str = "") -> None:
        """Place a call. from_: '' is the application's usual caller."""
        caller = {"from_": from_} if from_ else {}
        options: dict[str, Any] = {"stops": self.has_come, "faults": Faults(self.fault), **self.settings}
        self.fault = None
        self.placed = self.phone.dial(people=dict(self.people), **caller, **options)
        number = self.placed.line.facts.from_
        self.by_number[number] = self.placed
        for line in self.coming:
            if line.verb == "caller":
                break
            if _rung(line) == "":
                self._hold(number)

    def has_come(self, call: PhoneCall) -> bool:
        """Tell whether a call is at the moment of the file's next act, if that is one in which the line does not wait.

        A telephone must know before the moment has passed, so this looks ahead.
        """
        for line in self.coming:
            if line.moment or line.verb in _DOES:
                return call.listening is not None and call.listening.kind == line.moment
            if not _holds(call, line):
                return False
        return False


_DOES = frozenset({"caller", "presses", "says", "waits", "hangs", "is", "at"})


def _rung(line: CallLine) -> str | None:
    """Return who is rung in this act: '' is the caller, None nobody."""
    word, _, number = line.rest.partition(" ")
    return number.strip() if (line.verb, word) == ("is", "rung") else None


def _holds(call: PhoneCall, line: CallLine) -> bool:
    """Tell whether a check would pass by now, as far as it is about what the caller hears."""
    match line.verb:
        case "hears":
            return contains(" ".join(call.heard), line.rest)
        case "rings" | "reaches":
            return line.rest in [number for number, _ in call.dialled]
        case _:
            return True


def _presses(performance: Performance, rest: str) -> None:
    keys, _, moment = rest.partition(WHILE)
    if moment:
        _moment_of(performance, moment).press(keys.strip(), after_s=0.0)
    else:
        performance.call.press(keys)


def _hangs(performance: Performance, rest: str) -> None:
    _, _, moment = rest.partition(WHILE)
    (_moment_of(performance, moment) if moment else performance.call).hangs_up()


def _fault(performance: Performance, rest: str) -> None:
    words, _, moment = rest.partition(WHILE)
    act, call = Break.read(words), performance.placed
    if moment:
        here = _moment_of(performance, moment).act(act)
        # Breaking something takes no time: unless there is more to do in this moment, the call is told to go on.
        if not performance.has_come(here):
            here.wait()
    elif call is None or call.ended:
        performance.fault = act
    else:
        call.act(act)


def _moment_of(performance: Performance, kind: str) -> CheckedCall:
    """Return the call, which has come to such a moment. Raises: AssertionError when it has not."""
    call = performance.call
    now = call.listening.kind if call.listening else "over"
    assert now == kind, f"there was no such moment: {kind}"  # noqa: S101 a file being played is a test
    return call


PlayAct = Callable[[Performance, str], object]
"""Does one act: receives the performance and the rest of the line; raises AssertionError for what should not be."""


def _people(performance: Performance, rest: str) -> None:
    number, _, word = rest.rpartition("=")
    person_of(word)
    performance.people[number or "*"] = word
    performance.phone.line.know({number or "*": word})


def _is(performance: Performance, rest: str) -> None:
    word, _, number = rest.partition(" ")
    if word != "rung":
        raise CallFileError(f"somebody is rung, and nothing else: {rest!r}")
    performance.next_call(number.strip())


def _at(performance: Performance, rest: str) -> None:
    if rest not in performance.by_number:
        raise CallFileError(f"there is no call at {rest}, but at {', '.join(performance.by_number) or 'no telephone'}")
    performance.placed = performance.by_number[rest]


def _text(performance: Performance, rest: str) -> None:
    number, _, words = rest.partition(":")
    sent = [message.body for message in performance.phone.line.messages if message.to == number.strip()]
    found = any(contains(body, words) for body in sent)
    assert found, f"no such text was sent there, but: {sent or 'none'}"  # noqa: S101 a file being played is a test


def _called(performance: Performance, rest: str) -> None:
    performance.settings["to"] = rest


ACTS: Mapping[str, PlayAct] = MappingProxyType(
    {
        "people": _people,
        "called": _called,
        "fault": _fault,
        "caller": Performance.dial,
        "hears": lambda performance, rest: performance.call.hears(rest),
        "lacks": lambda performance, rest: performance.call.lacks(rest),
        "presses": _presses,
        "says": lambda performance, rest: performance.call.says(rest),
        "waits": lambda performance, _: performance.call.waits(),
        "rings": lambda performance, rest: performance.call.rings(rest),
        "reaches": lambda performance, rest: performance.call.is_transferred_to(rest),
        "hangs": _hangs,
        "ends": lambda performance, rest: performance.call.ends(rest),
        "is": _is,
        "at": _at,
        "text": _text,
    }
)


def parse(text: str, acts: Mapping[str, PlayAct] = ACTS) -> list[CallLine]:
    """Read a file. Raises: CallFileError for an act that does not exist."""
    lines: list[CallLine] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        row = raw.strip()
        if not row or row.startswith("#"):
            continue
        verb, _, rest = row.partition(" ")
        if verb not in acts:
            raise CallFileError(f"line {number}: no such act as {verb!r}; there are {', '.join(acts)}")
        lines.append(CallLine(number, verb, rest.strip()))
    return lines


def play(path: Path, phone: CheckedPhone, acts: Mapping[str, PlayAct] = ACTS) -> None:
    """Play a file. Raises: AssertionError, with file and line, for what did not happen; CallFileError."""
    performance = Performance(phone)
    lines = parse(path.read_text(encoding="utf-8"), acts)
    performance.coming = lines
    performance.hold()
    for number, line in enumerate(lines):
        performance.coming = lines[number + 1 :]
        where = f"{path.name}:{line.number}: {line.verb} {line.rest}".rstrip()
        try:
            acts[line.verb](performance, line.rest)
            phone.line.settle()
        except AssertionError as error:
            call = performance.placed
            story = f"\n\n{call.story}" if call is not None and "The call so far:" not in str(error) else ""
            raise AssertionError(f"{where}\n{error}{story}") from None
        except (CallFileError, RuntimeError, ValueError) as error:
            raise CallFileError(f"{where}\n{error}") from None

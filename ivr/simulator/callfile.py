"""`.call` files: telephone calls as transcripts, one act a line.

    # a remark, on a line of its own
    people   busy                 how dialled people react; or +18002636317=busy
    called   +18005550100         the number that the next caller dials
    caller   +14155550123         places a call; without a number, a stranger; a second `caller` is a second call
    hears    To speak to a ...    heard since the caller's last act; ... stands for anything
    lacks    words                not heard since the caller's last act
    presses  3                    keys pressed together
    says     I lost my phone      speech
    waits                         says nothing until the line moves on
    rings    +18002636317         somebody was rung
    reaches  +18002636317         somebody was rung, and answered
    hangs    up                   while the line waits; or `hangs up while ringing`, `hangs up while talking`
    ends     completed            the call is over; the status may be left out

A project adds acts, or gives these another meaning: see the fixture `call_acts` of `ivr.simulator.pytest_plugin`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ivr.simulator.checks import CheckedCall, CheckedPhone
from ivr.simulator.plans import REACTIONS


class CallFileError(ValueError):
    """Raised for a line that cannot be understood; the message names it."""


@dataclass(frozen=True, slots=True)
class CallLine:
    """One act of a file. number: from 1."""

    number: int
    verb: str
    rest: str


@dataclass
class Performance:
    """A file being played: what acts may read and change.

    people: how dialled numbers react, for the next caller. settings: for the next `phone.dial`.
    """

    phone: CheckedPhone
    people: dict[str, str] = field(default_factory=lambda: {"*": "completed"})
    settings: dict[str, str] = field(default_factory=dict[str, str])
    placed: CheckedCall | None = None

    @property
    def call(self) -> CheckedCall:
        """The call that is being made. Raises: CallFileError before the first `caller`."""
        if self.placed is None:
            raise CallFileError("nobody has called yet; begin with `caller`")
        return self.placed

    def dial(self, from_: str = "") -> None:
        """Place a call. from_: '' is the application's usual caller."""
        number = {"from_": from_} if from_ else {}
        self.placed = self.phone.dial(people=dict(self.people), **number, **self.settings)


_WHILE = "up while "


def _hangs(performance: Performance, rest: str) -> None:
    call = performance.call
    if not rest.startswith(_WHILE):
        call.hangs_up()
        return
    assert call.ended, f"the caller never came to hang {rest}"  # noqa: S101 a file being played is a test
    assert call.ended.by == "caller", "the line hung up"  # noqa: S101 the same


PlayAct = Callable[[Performance, str], object]
"""Does one act: receives the performance and the rest of the line; raises AssertionError for what should not be."""


def _people(performance: Performance, rest: str) -> None:
    number, _, status = rest.rpartition("=")
    if status not in REACTIONS:
        raise CallFileError(f"people react with one of {', '.join(REACTIONS)}, not {status!r}")
    performance.people[number or "*"] = status


def _called(performance: Performance, rest: str) -> None:
    performance.settings["to"] = rest


ACTS: Mapping[str, PlayAct] = MappingProxyType(
    {
        "people": _people,
        "called": _called,
        "caller": Performance.dial,
        "hears": lambda performance, rest: performance.call.hears(rest),
        "lacks": lambda performance, rest: performance.call.lacks(rest),
        "presses": lambda performance, rest: performance.call.press(rest),
        "says": lambda performance, rest: performance.call.says(rest),
        "waits": lambda performance, _: performance.call.waits(),
        "rings": lambda performance, rest: performance.call.rings(rest),
        "reaches": lambda performance, rest: performance.call.is_transferred_to(rest),
        "hangs": _hangs,
        "ends": lambda performance, rest: performance.call.ends(rest),
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
    for number, line in enumerate(lines):
        if line.verb == "caller":
            performance.settings["hang_up_during"] = _hang_up_during(lines[number + 1 :])
        where = f"{path.name}:{line.number}: {line.verb} {line.rest}".rstrip()
        try:
            acts[line.verb](performance, line.rest)
        except AssertionError as error:
            call = performance.placed
            story = f"\n\n{call.story}" if call is not None and "The call so far:" not in str(error) else ""
            raise AssertionError(f"{where}\n{error}{story}") from None
        except (CallFileError, RuntimeError, ValueError) as error:
            raise CallFileError(f"{where}\n{error}") from None


def _hang_up_during(lines: list[CallLine]) -> str:
    """Look ahead to where this caller hangs up: a telephone must know before it happens."""
    for line in lines:
        if line.verb == "caller":
            break
        if line.verb == "hangs" and line.rest.startswith(_WHILE):
            return line.rest.removeprefix(_WHILE)
    return ""

"""A call written down again: as a command that repeats it, and as a `.call` file that tests it."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from ivr.simulator.acts import Act, HangUp, Keys, Silence, Speech
from ivr.simulator.events import Dialled, Ended, Event, PlayHeard, SayHeard
from ivr.simulator.facts import Person
from ivr.simulator.phone import DEFAULT_FROM, DEFAULT_TO, PhoneCall

_DATE = re.compile(r"(?:\b[A-Z][a-z]+day, )?\b[A-Z][a-z]{2,8} (?:\d{1,2}|[a-z]+(?:-[a-z]+)?), \d{4}")
_SPELLED = re.compile(r"\b\d(?:,? \d)+\b")
_CODE_DIGITS = range(3, 9)  # a telephone number, which stays, has more


def command(
    url: str,
    acts: Iterable[Act],
    *,
    from_: str = DEFAULT_FROM,
    to: str = DEFAULT_TO,
    people: Mapping[str, str | Person] | None = None,
    fallback: str = "",
    status_callback: str = "",
    method: str = "POST",
) -> str:
    """Return the command line that repeats a call."""
    words = ["python", "-m", "ivr.simulator", url]
    words += ["--from", from_] if from_ != DEFAULT_FROM else []
    words += ["--to", to] if to != DEFAULT_TO else []
    for number, person in (people or {}).items():
        status = person.status if isinstance(person, Person) else person
        if (number, status) != ("*", "completed"):
            words += ["--dial", status if number == "*" else f"{number}={status}"]
    words += ["--fallback", fallback] if fallback else []
    words += ["--status-callback", status_callback] if status_callback else []
    words += ["--method", method] if method != "POST" else []
    return shlex.join([*words, "--script", script(acts)])


def script(acts: Iterable[Act]) -> str:
    """Return acts as the words of `--script`."""
    return " ".join(_word(act) for act in acts)


def call_file(
    call: PhoneCall, *, title: str, from_: str = "", to: str = "", people: Mapping[str, str] | None = None
) -> str:
    """Return a call as the text of a `.call` file, which passes when the same is done again.

    Dates and spelled codes, which differ from call to call, become `...`.
    from_, to: '' leaves the choice to whoever plays the file.
    """
    lines = (f"{verb:<8} {rest}".rstrip() for verb, rest in _lines(call, from_, to, people or {}))
    return "\n".join([f"# {title}", *lines, ""])


def _lines(call: PhoneCall, from_: str, to: str, people: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for number, status in people.items():
        yield "people", status if number == "*" else f"{number}={status}"
    if to:
        yield "called", to
    yield "caller", from_
    acts = list(call.acts)
    for at, event in enumerate(call.events):
        while acts and acts[0][0] <= at:
            yield _line(acts.pop(0)[1])
        yield from _check(event)
        if isinstance(event, Ended):
            break
    yield "ends", "" if call.ended is None or call.ended.status == "completed" else call.ended.status


def _check(event: Event) -> Iterator[tuple[str, str]]:
    match event:
        case SayHeard(_, text) if text.split():
            yield "hears", _steady(" ".join(text.split()))
        case PlayHeard(_, url) if url:
            yield "hears", urlsplit(url).path
        case Dialled(_, number):
            yield "rings", number
        case _:
            return


def _steady(text: str) -> str:
    dated = _DATE.sub("...", text)
    return _SPELLED.sub(lambda run: "..." if sum(map(str.isdigit, run[0])) in _CODE_DIGITS else run[0], dated)


def _word(act: Act) -> str:
    match act:
        case Keys(keys):
            return shlex.quote(keys)
        case Speech(text):
            return shlex.quote(f"say:{text}")
        case HangUp():
            return "hangup"
        case Silence():
            return "wait"


def _line(act: Act) -> tuple[str, str]:
    match act:
        case Keys(keys):
            return "presses", keys
        case Speech(text):
            return "says", text
        case HangUp():
            return "hangs up", ""
        case Silence():
            return "waits", ""

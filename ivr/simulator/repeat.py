"""A call written down again as a command that repeats it; `recorder` writes it down as a test."""

import shlex
from collections.abc import Iterable, Mapping

from ivr.simulator.acts import Act, Break, HangUp, Keys, PickUp, Silence, Speech
from ivr.simulator.caller import BREAKS
from ivr.simulator.facts import Person
from ivr.simulator.phone import DEFAULT_FROM, DEFAULT_TO


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
    fault: Break | None = None,
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
    words += ["--fault", str(fault)] if fault else []
    return shlex.join([*words, "--script", script(acts)])


def script(acts: Iterable[Act]) -> str:
    """Return acts as the words of `--script`."""
    return " ".join(_word(act) for act in acts)


def _word(act: Act) -> str:
    match act:
        case Keys(keys):
            return shlex.quote(keys)
        case Speech(text):
            return shlex.quote(f"say:{text}")
        case HangUp():
            return "hangup"
        case Break():
            return f"{BREAKS}{act}".replace(" ", ",")
        case Silence() | PickUp():
            return "wait"

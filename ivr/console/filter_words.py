"""A filter of calls in words: its chips, each with the address without it, and what a search was taken for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for

from ivr.bootstrap import answerline
from ivr.console.outcomes import outcome
from ivr.console.words import lasting, phone
from ivr.db.console.call_filter import CallFilter, Mark, Period, Simulated, State
from ivr.db.console.lookup import Match, Meaning
from ivr.db.console.path_steps import LATER, NOWHERE
from ivr.numbers import from_text

PERIODS = {
    Period.ALL: "All",
    Period.TODAY: "Today",
    Period.YESTERDAY: "Yesterday",
    Period.WEEK: "7 days",
    Period.MONTH: "30 days",
    Period.THIS_MONTH: "This month",
}
MARKS = {
    Mark.VOICEMAIL: "has a voicemail",
    Mark.PIN: "PIN trouble",
    Mark.ERROR: "an error behind the line",
    Mark.REPEAT: "second call within 24 h",
    Mark.SILENCE: "stayed silent",
    Mark.WRONG_KEY: "pressed a wrong key",
    Mark.PERSON: "asked for a person",
    Mark.FOLLOW_UP: "follow-up",
    Mark.NOTE: "has a note",
}
STATES = {State.ANY: "in progress or over", State.LIVE: "in progress", State.ENDED: "over"}
SIMULATED = {Simulated.HIDDEN: "hidden", Simulated.SHOWN: "shown", Simulated.ONLY: "only these"}
MOST_NAMED, SID_LENGTH = 3, 34
_THEN = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "


@dataclass(frozen=True)
class Chip:
    """A part of a filter that is in force. without: address of the same list without it."""

    text: str
    without: str


def title(flow: str) -> str:
    """Return a flow's title; its name where a deploy has removed it."""
    known = answerline().line.flows.get(flow)
    return known.title if known else {LATER: "further steps", NOWHERE: "before anything was said"}.get(flow, flow)


def titles() -> dict[str, str]:
    """Return the titles of all flows by name."""
    return {name: flow.title for name, flow in answerline().line.flows.items()}


def department(name: str) -> str:
    """Return a department's title as a heading: `Our sales team`; its name where it has been removed."""
    known = answerline().departments.current().get(name)
    title = known.title if known else name
    return title[:1].upper() + title[1:]


def place(position: str) -> str:
    """Write `flow.node` for people: `Free trial: menu`."""
    flow, _, node = position.partition(".")
    return f"{title(flow)}: {node.replace('_', ' ')}"


def about(path: tuple[str, ...], put_to: str = "") -> str:
    """Say what a call was about, shortly: the topics it came through, without the way there; the last few of many.

    put_to: department that the row names anyway.
    """
    line = answerline().line
    said = {line.start, line.main, line.verify, put_to}
    topics = list(dict.fromkeys(flow for flow in path if flow not in said)) or list(path[-1:])
    named = [title(flow) for flow in topics[-MOST_NAMED:]]
    return _THEN.join(["…", *named] if len(topics) > MOST_NAMED else named)


def way(path: tuple[str, ...]) -> str:
    """Say which way a call took, in full."""
    return _THEN.join(map(title, path))


def list_of(wanted: CallFilter, page: str = "console.calls", **more: str) -> str:
    """Return the address of the calls that a filter agrees with. In a demo, hiding has to be asked for.

    page: another endpoint that takes a filter. more: other parameters of it.
    """
    hides = wanted.simulated is Simulated.HIDDEN and answerline().settings.is_demo
    query = wanted.to_query(**({"simulated": Simulated.HIDDEN} if hides else {}), **more)
    return url_for(page) + (f"?{query}" if query else "")


def chips(wanted: CallFilter) -> list[Chip]:
    """Say what a filter asks for, a chip each; simulated calls have a switch of their own."""
    return [Chip(text, list_of(replace(wanted, **without))) for text, without in _parts(wanted) if text]


def _parts(wanted: CallFilter) -> Iterator[tuple[str, dict[str, Any]]]:
    """Write each part in words, '' where it is not asked for, with what its field is without it."""
    yield wanted.q and f"“{shown_words(wanted.q)}”", {"q": ""}
    yield _time(wanted), {"time": Period.ALL, "since": "", "until": ""}
    for one in wanted.disposition:
        yield outcome(one), {"disposition": tuple(other for other in wanted.disposition if other is not one)}
    yield wanted.department and department(wanted.department), {"department": ""}
    yield wanted.flow and f"came to {title(wanted.flow)}", {"flow": ""}
    yield wanted.left and f"hung up at {place(wanted.left)}", {"left": ""}
    yield wanted.account and f"account {wanted.account}", {"account": ""}
    yield wanted.caller and f"caller {phone(wanted.caller)}", {"caller": ""}
    yield "" if wanted.longer is None else f"{lasting(wanted.longer)} or longer", {"longer": None}
    yield "" if wanted.shorter is None else f"{lasting(wanted.shorter)} or shorter", {"shorter": None}
    for mark in wanted.mark:
        yield MARKS[mark], {"mark": tuple(other for other in wanted.mark if other is not mark)}
    yield wanted.state and STATES[wanted.state], {"state": State.ANY}
    yield wanted.version and f"flows {wanted.version}", {"version": ""}
    paths = len(wanted.path)
    yield ("one path" if paths == 1 else f"{paths} paths") + " of the graph" if paths else "", {"path": ()}
    yield _band(wanted), {"band": ""}


def _time(wanted: CallFilter) -> str:
    if wanted.since or wanted.until:
        return " ".join(filter(None, (_bound("from", wanted.since), _bound("to", wanted.until))))
    return "" if wanted.time is Period.ALL else PERIODS[wanted.time]


def _band(wanted: CallFilter) -> str:
    band = wanted.step()
    if band is None:
        return ""
    at, first, then = band
    return f"step {at + 1}: {title(first)} → {title(then) if then else 'end'}"


def shown_words(words: str) -> str:
    """Write the words of a search; a telephone number among them as whoever reads may see it."""
    number = from_text(words)
    return phone(number) if number else words


def meanings(matches: Sequence[Match]) -> str:
    """Say what a search was taken for, as a sentence's end."""
    return ", ".join(_meaning(match) for match in matches)


def _meaning(match: Match) -> str:
    words = {
        Meaning.NUMBER: f"calls from {phone(match.value)}",
        Meaning.ACCOUNT: f"account {match.value}",
        Meaning.CODE: f"confirmation code {match.value} ({_calls(match.calls)})",
        Meaning.SID: f"CallSid {match.value}{'' if len(match.value) == SID_LENGTH else '…'}",
        Meaning.NOTE: f"words of notes ({_calls(match.calls)})",
    }
    return words[match.meaning]


def _calls(count: int | None) -> str:
    return "1 call" if count == 1 else f"{count or 'no'} calls"


def _bound(word: str, text: str) -> str:
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    return f"{word} {at:%-d %b %Y}" + ("" if len(text) <= len("2027-03-05") else f", {at:%H:%M}")

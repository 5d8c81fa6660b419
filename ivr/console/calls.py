"""Calls, newest first: the list and its filters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask import abort, redirect, render_template, request
from werkzeug import Response

from ivr.bootstrap import answerline
from ivr.call import Disposition
from ivr.console import filter_words
from ivr.console.desk import WHOLE_NUMBERS, me, now, page, reads
from ivr.console.outcomes import OUTCOMES
from ivr.console.words import zone
from ivr.db.console.call_filter import CallFilter, FilterError, Mark, Period, Simulated, State
from ivr.db.console.listing import Listed, listed, versions
from ivr.db.console.saved_filters import saved_filters
from ivr.db.console.search import COUNTED, MOST_NEWER, Cursor, find, newer
from ivr.flow import Do, Resume
from ivr.staff import Role

Pairs = Iterable[tuple[str, str]]


def read_filter(query: Pairs) -> CallFilter:
    """Read a filter, or refuse it with a sentence. In a demo nobody really calls, so simulated calls are shown."""
    asked = list(query)
    if answerline().settings.is_demo and "simulated" not in dict(asked):
        asked.append(("simulated", Simulated.SHOWN))
    try:
        return CallFilter.from_query(asked)
    except FilterError as error:
        abort(400, str(error))


@page("/calls", needs=Role.STAFF)
def calls() -> str | Response:
    """List calls."""
    given = list(request.args.items(multi=True))
    wanted = read_filter(given)
    if any(not value.strip() for _, value in given):  # a form sends what was left open, too
        return redirect(_list_of(wanted))
    try:
        before = Cursor.read(request.args.get("before", ""))
    except FilterError as error:
        abort(400, str(error))
    engine = reads()
    found = find(engine, wanted, now(), zone(), before)
    rows = listed(engine, [*found.live, *found.sids])
    hidden = 0
    if not rows and before is None and wanted.simulated is Simulated.HIDDEN:
        hidden = find(engine, replace(wanted, simulated=Simulated.ONLY), now(), zone()).count or 0
    return render_template(
        "console/calls.html",
        wanted=wanted,
        query=wanted.to_query(),
        rows=rows,
        found=found,
        first=before is None,
        ask=filter_words.list_of(wanted, "console.calls_newer", after=_newest(rows).write()),
        older=f"?{wanted.to_query(before=found.older.write())}" if found.older else None,
        most=COUNTED,
        hidden=hidden,
        now=now(),
        whole=me().may(WHOLE_NUMBERS),
        spans=[_span(wanted, period) for period in Period],
        switches=[_switch(wanted, choice) for choice in Simulated],
        saved=saved_filters(answerline().reads.primary, me().id),
        choices=_choices,
        words=filter_words,
    )


@page("/calls/newer", needs=Role.STAFF, polled=True)
def calls_newer() -> dict[str, str]:
    """Tell the page of a list what has come since, in words; '' for nothing."""
    wanted = read_filter(request.args.items(multi=True))
    try:
        after = Cursor.read(request.args.get("after", ""))
    except FilterError as error:
        abort(400, str(error))
    many = newer(answerline().database, wanted, now(), zone(), after) if after else 0
    if many > MOST_NEWER:
        return {"newer": f"more than {MOST_NEWER} newer calls"}
    return {"newer": f"{many} newer {'call' if many == 1 else 'calls'}" if many else ""}


def _newest(rows: Sequence[Listed]) -> Cursor:
    """Name the newest of the calls that are shown; where there are none, this moment."""
    found = max(((row.started_at, row.sid) for row in rows), default=(now(), "-"))
    return Cursor(*found)


@dataclass(frozen=True)
class Choice:
    """A link to the same list with something else chosen. here: it is chosen now."""

    text: str
    address: str
    here: bool


@dataclass(frozen=True)
class Choices:
    """What the form of filters has to choose from: value and label of each."""

    outcomes: list[tuple[str, str]]
    departments: list[tuple[str, str]]
    flows: list[tuple[str, str]]
    places: dict[str, list[tuple[str, str]]]
    marks: list[tuple[str, str]]
    states: list[tuple[str, str]]
    versions: list[tuple[str, str]]

    def has_place(self, place: str) -> bool:
        """Say whether `flow.node` is one of those to choose from."""
        return any(place == value for places in self.places.values() for value, _ in places)


def _choices() -> Choices:
    line = answerline().line
    flows = {name: flow for name, flow in line.flows.items() if name not in line.legs}
    return Choices(
        outcomes=[(one.value, OUTCOMES[one][0]) for one in Disposition],
        departments=[(name, filter_words.department(name)) for name in answerline().departments.current()],
        flows=sorted(((name, flow.title) for name, flow in flows.items()), key=lambda flow: flow[1]),
        places={
            flow.title: [
                (f"{name}.{node}", node.replace("_", " "))
                for node, what in flow.nodes.items()
                if not isinstance(what, Do | Resume)  # nobody hangs up there: it takes no time
            ]
            for name, flow in sorted(flows.items(), key=lambda flow: flow[1].title)
        },
        marks=[(mark.value, filter_words.MARKS[mark]) for mark in Mark],
        states=[(state.value, filter_words.STATES[state]) for state in State],
        versions=[(version, version) for version in versions(reads())],
    )


def _span(wanted: CallFilter, period: Period) -> Choice:
    free = not wanted.since and not wanted.until
    other = replace(wanted, time=period, since="", until="")
    return Choice(filter_words.PERIODS[period], _list_of(other), free and wanted.time is period)


def _switch(wanted: CallFilter, choice: Simulated) -> Choice:
    other = replace(wanted, simulated=choice)
    return Choice(filter_words.SIMULATED[choice], _list_of(other), wanted.simulated is choice)


def _list_of(wanted: CallFilter) -> str:
    return filter_words.list_of(wanted)

"""What goes on this moment: calls in progress, and who waits for whom.

A page asks again and again, in a request that is over in a millisecond: decision 47. It is told that nothing has
happened, or what there is now.
"""

from typing import Any, Final

from flask import Response, current_app, json, render_template, request, session

from ivr.bootstrap import answerline
from ivr.call import Position
from ivr.console.desk import WHOLE_NUMBERS, me, now, page
from ivr.console.shared import shared
from ivr.console.words import zone
from ivr.db.console.live import DepartmentLine, LiveCall, Moment, look
from ivr.flow import Hold, Record, Transfer
from ivr.staff import Role
from ivr.waiting import PlaceState

# With the pause between two questions of a page (live.js: 1.25 s at most) a page is less than 2 s behind.
FRESH_S: Final = 0.6
PRESENT_S: Final = 300
_VARIANTS: Final = 32
_AT_PLACE: Final = {
    PlaceState.WAITING: ("warn", "waiting"),
    PlaceState.OFFERED: ("warn", "being offered"),
    PlaceState.CONNECTING: ("", "being put through"),
    PlaceState.TALKING: ("good", "talking"),
    PlaceState.AWAY: ("", "at a menu, keeps the place"),
}
IN_WORDS: Final = {
    PlaceState.WAITING: ("", "waits"),
    PlaceState.AWAY: ("", "at a menu"),
    PlaceState.OFFERED: ("warn", "is being offered"),
    PlaceState.CONNECTING: ("", "is being put through"),
    PlaceState.RINGING: ("warn", "is being called back"),
    PlaceState.TALKING: ("good", "talks"),
}


@page("/live", needs=Role.STAFF)
def live() -> str:
    """Show what goes on."""
    moment = _moment()
    return render_template("console/live.html", **_shown(moment), tag=_tag(moment))


@page("/live/now", needs=Role.STAFF, polled=True)
def live_now() -> Response:
    """Tell a page what there is now; 304 where that is what it has already. `X-Now`: seconds since 1970."""
    if request.args.get("present") and now().timestamp() - session["seen"] > PRESENT_S:
        session["seen"] = now().timestamp()
    moment = _moment()
    answer = Response(mimetype="application/json")
    answer.set_etag(_tag(moment))
    answer.make_conditional(request)
    if answer.status_code != 304:  # noqa: PLR2004 not modified
        answer.set_data(_body(moment))
    answer.headers["X-Now"] = f"{now().timestamp():.3f}"
    return answer


def waits_for(call: LiveCall) -> tuple[str, str]:
    """Say what a caller is doing: the kind of chip, and its words."""
    if call.place is not None and call.place in _AT_PLACE:
        return _AT_PLACE[call.place]
    match answerline().line.node(Position(call.flow, call.node)):
        case Transfer():
            return "", "being put through"
        case Hold():
            return "warn", "waiting"
        case Record():
            return "", "leaving a message"
        case _:
            return "", {"menu": "at a menu", "ask": "keying in"}.get(call.kind, "on the line")


def flow_title(name: str) -> str:
    """Name a flow as its author did."""
    found = answerline().line.flows.get(name)
    return found.title if found else name


def people(line: DepartmentLine) -> str:
    """Say how many people are free."""
    if not line.is_open:
        return "nobody is there"
    return f"{line.busy} busy" if line.free is None else f"{line.free} free, {line.busy} busy"


def _moment() -> Moment:
    line = answerline()
    return shared("live", lambda: look(line.reads.primary, line.departments, now()), FRESH_S).get()


def _tag(moment: Moment) -> str:
    return f"{moment.tag}{int(me().may(WHOLE_NUMBERS))}"


def _shown(moment: Moment) -> dict[str, Any]:
    waiting = sum(line.waiting for line in moment.lines)
    many = f"{len(moment.calls)}{'+' if moment.more else ''}"
    return {
        "moment": moment,
        "many": many,
        "shown": len(moment.calls),
        "waiting": waiting,
        "summary": f"{many} {'call' if many == '1' else 'calls'} in progress, {waiting} waiting",
        "waits_for": waits_for,
        "flow_title": flow_title,
        "people": people,
        "in_words": IN_WORDS,
        "in_line": (PlaceState.WAITING, PlaceState.OFFERED, PlaceState.AWAY),
    }


def _body(moment: Moment) -> str:
    """Write what a page shows, once for all who may see the same."""
    written: dict[tuple[str, str], str] = current_app.extensions.setdefault("console_live", {})
    key = (_tag(moment), str(zone()))
    if key not in written:
        if len(written) >= _VARIANTS:
            written.clear()
        shown = _shown(moment)
        html = render_template("console/live_now.html", **shown)
        written[key] = json.dumps({"html": html, "summary": shown["summary"], "calls": shown["many"]})
    return written[key]

"""The page of one call, and the file that the simulator replays it from."""

from flask import Response, abort, current_app, make_response, render_template, request, url_for

from ivr.bootstrap import answerline
from ivr.call import Disposition, withheld
from ivr.console.desk import NEEDS, WHOLE_NUMBERS, me, now, page, reads
from ivr.console.flow_drawing import draw
from ivr.console.outcomes import outcome
from ivr.console.replay_file import call_file
from ivr.console.story import SLOW_MS, story, takes_no_time
from ivr.console.walk import walk
from ivr.db.console.call_page import CallPage, read_call
from ivr.db.console.marks import version_of
from ivr.db.demo import demo_table
from ivr.diagram import version
from ivr.staff import Role

NOTE_MAX, REASON_MAX = 4000, 500
SID_MAX = 64


def found(sid: str) -> CallPage:
    """Read a call; answer 404 where there is none."""
    read = read_call(reads(), sid, now()) if len(sid) <= SID_MAX else None
    if read is None and reads() is not (primary := answerline().reads.primary):  # it began a moment ago
        read = read_call(primary, sid, now())
    if read is None:
        abort(404, "There is no such call.")
    return read


@page("/calls/<sid>", needs=Role.STAFF)
def call(sid: str) -> str:
    """Show one call from ring to hang-up."""
    line, read = answerline(), found(sid)
    departments = line.conversation.engine.services.departments.current()
    return render_template(
        "console/call.html",
        page=read,
        scenes=story(read, line),
        drawing=draw(line.line, read.visits, walk(line.line, read.visits)),
        seen=version_of(read.mark),
        dispositions=list(Disposition),
        outcome_names={word: outcome(word) for word in Disposition},
        departments={name: department.title for name, department in departments.items()},
        flow_titles={name: flow.title for name, flow in line.line.flows.items()},
        no_time=takes_no_time(read),
        other_flows=read.facts is not None and read.facts.version != version(line.line),
        simulator=_simulator(read),
        has_account_page="console.account" in NEEDS,
        limits={"note": NOTE_MAX, "reason": REASON_MAX, "slow": SLOW_MS},
        anonymous=withheld(read.call.caller),
        listens=me().may(Role.LEAD),
        corrects=me().may(Role.LEAD),
    )


@page("/calls/<sid>.call", needs=Role.STAFF)
def call_replay(sid: str) -> Response:
    """Send the call as a file that the simulator plays against today's flows."""
    line, read = answerline(), found(sid)
    if read.call.leg:
        abort(404, "This is a call to somebody whom the line rang: there is nothing to replay.")
    pins = {row.number: row.pin for row in demo_table()}.get if line.settings.is_demo else None
    whole = me().may(WHOLE_NUMBERS) and not withheld(read.call.caller)
    number = read.call.caller if whole else "anonymous" if withheld(read.call.caller) else ""
    answer = make_response(call_file(read, story(read, line), line.line, number, pins))
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{read.call.sid[:12]}.call"'
    return answer


def _simulator(read: CallPage) -> str:
    """Return where the simulator replays this call; '' where its page is not to be had."""
    there = "simulator.phone" in current_app.view_functions and not read.call.leg
    if not there or not answerline().settings.shows_simulator(request.host):
        return ""
    return f"{url_for('simulator.phone')}#replay={url_for('console.call_replay', sid=read.call.sid)}"

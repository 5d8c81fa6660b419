"""Work lists: what waits for staff, and calls that they have to come back to."""

from datetime import timedelta
from typing import Any, Final

from flask import abort, flash, redirect, render_template, request, url_for

from ivr.bootstrap import answerline
from ivr.call import Position
from ivr.console.badges import missed_since, my_work, work_has_changed
from ivr.console.desk import me, now, page
from ivr.console.live import flow_title
from ivr.db.console.work.marked import Mark, mark_call, marked_calls
from ivr.db.console.work.missed import MissedCall
from ivr.flow import Hold, Record, Transfer
from ivr.staff import Role

REASON_MAX: Final = 500
LATELY: Final = timedelta(days=30)
# Who hangs up in the queue is sent on as if it had given them up: both are at the same menu then.
_AT_MENU: Final = {
    "closed": "hung up when told that we are closed",
    "missed": "waited, and nobody took the call",
}


@page("/work", needs=Role.STAFF)
def work() -> str:
    """Show how much waits in each list."""
    return render_template("console/work.html", jobs=my_work(), now=now())


@page("/work/missed", needs=Role.STAFF)
def work_missed() -> str:
    """List callers who found nobody."""
    lately = request.args.get("since") == "month"
    found = missed_since(answerline(), now() - LATELY if lately else None)
    return work_page("missed", "console.work_missed", calls=found, lately=lately, how_missed=how_missed)


@page("/work/missed/<sid>/seen", needs=Role.STAFF, methods=("POST",))
def work_missed_seen(sid: str) -> Any:
    """Note that somebody has seen to a missed call."""
    return _marked(sid, Mark.SEEN, "The missed call is seen to.", "console.work_missed")


@page("/work/follow-ups", needs=Role.STAFF)
def work_follow_ups() -> str:
    """List calls to be followed up."""
    return work_page("marked", "console.work_follow_ups", calls=marked_calls(answerline().reads.primary), mine=False)


@page("/work/follow-ups/<sid>/done", needs=Role.STAFF, methods=("POST",))
def work_follow_up_done(sid: str) -> Any:
    """Note that a call has been followed up."""
    return _marked(sid, Mark.FOLLOWED_UP, "The call is followed up.", "console.work_follow_ups")


@page("/work/mine", needs=Role.STAFF)
def work_mine() -> str:
    """List calls that were assigned to whoever asks."""
    return work_page(
        "marked", "console.work_mine", calls=marked_calls(answerline().reads.primary, me().name), mine=True
    )


@page("/work/mine/<sid>/done", needs=Role.STAFF, methods=("POST",))
def work_mine_done(sid: str) -> Any:
    """Note that somebody is done with a call of theirs."""
    return _marked(sid, Mark.GIVEN_BACK, "The call is off your list.", "console.work_mine")


def work_page(template: str, endpoint: str, **shown: Any) -> str:
    """Show a list, with what waits in the others."""
    jobs = my_work()
    job = next(job for job, _ in jobs if job.endpoint == endpoint)
    return render_template(
        f"console/work_{template}.html", jobs=jobs, job=job, now=now(), flow_title=flow_title, **shown
    )


def worked(*, done: bool, told: str, instead: str, back: str) -> Any:
    """Go back to a list. told: what was done; instead: why nothing was, mostly since somebody was faster."""
    work_has_changed()
    flash(told if done else instead, "success" if done else "warning")
    return redirect(url_for(back))


def reason() -> str:
    """Read why somebody does what they do, which has to be said."""
    given = " ".join(request.form.get("reason", "").split())
    if not given:
        abort(400, "Say why: the reason goes into the audit log. Go back and fill it in.")
    if len(given) > REASON_MAX:
        abort(400, f"A reason has {REASON_MAX} characters at most. Go back and shorten it.")
    return given


def how_missed(call: MissedCall) -> str:
    """Say how a caller was missed."""
    if call.left_at is None:
        return "was told that nobody can take the call"
    flow, _, node = call.left_at.partition(".")
    if node in _AT_MENU:
        return _AT_MENU[node]
    match answerline().line.node(Position(flow, node)):
        case Transfer():
            return "hung up while it rang"
        case Hold():
            return "hung up while waiting"
        case Record():
            return "hung up before leaving a message"
        case _:
            return f"hung up at “{flow_title(flow)}”"


def _marked(sid: str, mark: Mark, told: str, back: str) -> Any:
    done = mark_call(answerline().reads.primary, sid, mark, me().name, now())
    return worked(done=done, told=told, instead="Nothing was changed: somebody has done it already.", back=back)

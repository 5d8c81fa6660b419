"""Redirect, Hangup, Reject and Leave."""

from typing import NoReturn

from ivr.simulator.departures import CallOver, Goto, Left
from ivr.simulator.line import Line
from ivr.simulator.verbs.flow import Redirect, Reject

FINAL = {"rejected": "no-answer", "busy": "busy"}


def redirect(line: Line, verb: Redirect) -> Goto:
    """Go on with another document, in an answered call."""
    line.answer()
    return Goto(line.resolve(verb.url), verb.method, {}, "redirect")


def hang_up(line: Line) -> NoReturn:
    """Answer, if that has not been done, and end the call."""
    line.answer()
    raise CallOver("completed", "application")


def reject(line: Line, verb: Reject) -> None:
    """Decline a call that has not been answered; what becomes of an answered one is not documented."""
    if line.answered_at is None:
        raise CallOver(FINAL[verb.reason], "application")
    if line.switches.late_reject_ends:
        raise CallOver("completed", "application")


def leave(line: Line) -> None:
    """Leave the queue; who is not in one cannot."""
    if line.queued:
        raise Left
    line.warn(0, "<Leave> means something only in what is heard in a queue; it is skipped")

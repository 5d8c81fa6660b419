"""Redirect, Hangup and Reject."""

from typing import NoReturn

from ivr.simulator.line import CallOver, Goto, Line
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


def reject(line: Line, verb: Reject) -> NoReturn:
    """Decline a call that has not been answered; an answered one is just ended, which Twilio does not document."""
    raise CallOver(FINAL[verb.reason] if line.answered_at is None else "completed", "application")

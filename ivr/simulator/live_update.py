"""Sending a call elsewhere while it goes on, as an application does over REST.

Source: https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource
"""

from typing import NoReturn

from ivr.simulator.addresses import unusable
from ivr.simulator.departures import CallOver, Departure, Goto, Updated
from ivr.simulator.documents import Script
from ivr.simulator.line import Line
from ivr.simulator.verbs import parse

LONGEST_TWIML = 4000
NOT_IN_PROGRESS, BAD_PARAMETER, BAD_URL, BAD_METHOD, BAD_STATUS = 21220, 20001, 21205, 21403, 21218


class UpdateRefusedError(Exception):
    """Raised for an update the carrier does not take. code: from Twilio's error dictionary; status: of the answer."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def departure(line: Line, *, url: str, method: str, twiml: str, status: str) -> Departure:
    """Return what an update does to a call. Raises: UpdateRefusedError.

    url and method, twiml or status (completed; canceled before the answer). Of url and twiml, url counts.
    """
    if status:
        return _end(line, status)
    if method not in {"GET", "POST"}:
        _refuse(BAD_METHOD, f"Method is GET or POST, not {method!r}")
    if url:
        if problem := unusable(url):
            _refuse(BAD_URL, problem[1])
        return Updated(Goto(url, method, {}, "update"))
    if not twiml:
        _refuse(BAD_PARAMETER, "an update needs Url, Twiml or Status")
    if len(twiml) > LONGEST_TWIML:
        _refuse(BAD_PARAMETER, f"Twiml has {len(twiml)} characters; {LONGEST_TWIML} are allowed")
    document = parse(twiml.encode(), "utf-8")
    if document.fatal is not None:
        _refuse(document.fatal.code, document.fatal.message)
    for p in document.problems:
        line.warn(p.code, p.message)
    return Updated(Script(document, ""))


def _end(line: Line, status: str) -> CallOver:
    if status == "completed":
        return CallOver("completed" if line.answered_at is not None else "canceled", "application")
    if status != "canceled":
        _refuse(BAD_STATUS, f"Status is completed or canceled, not {status!r}")
    if line.answered_at is not None:
        _refuse(NOT_IN_PROGRESS, "an answered call cannot be canceled")
    return CallOver("canceled", "application")


def _refuse(code: int, message: str) -> NoReturn:
    raise UpdateRefusedError(code, message)

"""Sending a call elsewhere while it goes on, as an application does over REST.

Source: https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource
"""

from ivr.simulator.departures import CallOver, Departure, Goto, Updated
from ivr.simulator.documents import Script
from ivr.simulator.line import Line
from ivr.simulator.refused import BAD_PARAMETER, RefusedError, check_address, check_method, refuse
from ivr.simulator.verbs import parse

LONGEST_TWIML = 4000
NOT_IN_PROGRESS, BAD_URL, BAD_STATUS = 21220, 21205, 21218


UpdateRefusedError = RefusedError


def departure(line: Line, *, url: str, method: str, twiml: str, status: str) -> Departure:
    """Return what an update does to a call. Raises: UpdateRefusedError.

    url and method, twiml or status (completed; canceled before the answer). Of url and twiml, url counts.
    """
    if status:
        return _end(line, status)
    check_method("Method", method)
    if url:
        check_address(BAD_URL, "Url", url)
        return Updated(Goto(url, method, {}, "update"))
    if not twiml:
        refuse(BAD_PARAMETER, "an update needs Url, Twiml or Status")
    if len(twiml) > LONGEST_TWIML:
        refuse(BAD_PARAMETER, f"Twiml has {len(twiml)} characters; {LONGEST_TWIML} are allowed")
    document = parse(twiml.encode(), "utf-8")
    if document.fatal is not None:
        refuse(document.fatal.code, document.fatal.message)
    for p in document.problems:
        line.warn(p.code, p.message)
    return Updated(Script(document, ""))


def _end(line: Line, status: str) -> CallOver:
    if status == "completed":
        return CallOver("completed" if line.answered_at is not None else "canceled", "application")
    if status != "canceled":
        refuse(BAD_STATUS, f"Status is completed or canceled, not {status!r}")
    if line.answered_at is not None:
        refuse(NOT_IN_PROGRESS, "an answered call cannot be canceled")
    return CallOver("canceled", "application")

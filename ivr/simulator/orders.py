"""A call that an application orders over REST.

Source: https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ivr.simulator.line import LONGEST_CALL_S
from ivr.simulator.live_update import LONGEST_TWIML
from ivr.simulator.progress import EVENTS
from ivr.simulator.refused import BAD_PARAMETER, check_address, check_method, refuse
from ivr.simulator.verbs import Document, parse

NO_TO, BAD_URL, FOREIGN_FROM, BAD_TO, BAD_FROM, NO_FROM = 21201, 21205, 21210, 21211, 21212, 21213
BAD_CALLBACK, BAD_EVENT = 21609, 21626
TIMEOUT_S, LONGEST_TIMEOUT_S = 60, 600
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_ADDRESS = re.compile(r"(sips?|client):.+")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be called, and how it goes on. url, fallback, status_callback: whole addresses.

    twiml: the document to run in place of `url`. timeout_s: as it was asked for; the carrier adds five seconds.
    Raises: RefusedError.
    """

    to: str
    from_: str
    url: str = ""
    method: str = "POST"
    twiml: Document | None = None
    fallback: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    events: Collection[str] = ("completed",)
    timeout_s: int = TIMEOUT_S
    time_limit_s: int = LONGEST_CALL_S

    def __post_init__(self) -> None:
        check_numbers(self.to, self.from_, missing_to=NO_TO, missing_from=NO_FROM)
        if self.twiml is None and not self.url:
            refuse(BAD_URL, "Url parameter is required.")
        check_address(BAD_URL, "Url", self.url)
        check_address(BAD_URL, "FallbackUrl", self.fallback)
        check_address(BAD_CALLBACK, "StatusCallback", self.status_callback)
        check_method("Method", self.method)
        check_method("FallbackMethod", self.fallback_method)
        check_method("StatusCallbackMethod", self.status_callback_method)
        if unknown := sorted(set(self.events) - set(EVENTS)):
            refuse(BAD_EVENT, f"Invalid StatusCallbackEvent {', '.join(unknown)}; there are {', '.join(EVENTS)}")
        if not 0 < self.timeout_s <= LONGEST_TIMEOUT_S:
            refuse(BAD_PARAMETER, f"Timeout is 1 to {LONGEST_TIMEOUT_S} seconds")
        if not 0 < self.time_limit_s <= LONGEST_CALL_S:
            refuse(BAD_PARAMETER, f"TimeLimit is 1 to {LONGEST_CALL_S} seconds")


def order_of(form: Mapping[str, Sequence[str]]) -> Order:
    """Read an order from the form of a request. Of Url and Twiml, Url counts. Raises: RefusedError."""
    first = {name: values[-1] for name, values in form.items() if values}
    url, twiml = first.get("Url", ""), first.get("Twiml", "")
    return Order(
        to=first.get("To", ""),
        from_=first.get("From", ""),
        url=url,
        method=first.get("Method", "POST").upper(),
        twiml=document_of(twiml) if twiml and not url else None,
        fallback=first.get("FallbackUrl", ""),
        fallback_method=first.get("FallbackMethod", "POST").upper(),
        status_callback=first.get("StatusCallback", ""),
        status_callback_method=first.get("StatusCallbackMethod", "POST").upper(),
        events=tuple(form.get("StatusCallbackEvent") or ("completed",)),
        timeout_s=_whole("Timeout", first.get("Timeout"), TIMEOUT_S),
        time_limit_s=_whole("TimeLimit", first.get("TimeLimit"), LONGEST_CALL_S),
    )


def document_of(twiml: str) -> Document:
    """Read a document given in a request. Raises: RefusedError."""
    if len(twiml) > LONGEST_TWIML:
        refuse(BAD_PARAMETER, f"Twiml has {len(twiml)} characters; {LONGEST_TWIML} are allowed")
    document = parse(twiml.encode(), "utf-8")
    if document.fatal is not None:
        refuse(document.fatal.code, document.fatal.message)
    return document


def check_numbers(to: str, from_: str, *, missing_to: int, missing_from: int) -> None:
    """See that somebody can be reached at one number, and that the other can be shown. Raises: RefusedError."""
    if not to:
        refuse(missing_to, "A 'To' phone number is required.")
    if not from_:
        refuse(missing_from, "A 'From' phone number is required.")
    if not (_NUMBER.fullmatch(to) or _ADDRESS.fullmatch(to)) or to == from_:
        refuse(BAD_TO, f"The 'To' number {to} is not a valid phone number.")
    if not (_NUMBER.fullmatch(from_) or (_ADDRESS.fullmatch(from_) and not _NUMBER.fullmatch(to))):
        refuse(BAD_FROM, f"The 'From' number {from_} is not a valid phone number.")


def _whole(name: str, text: str | None, default: int) -> int:
    if not text:
        return default
    if not text.isdecimal():
        refuse(BAD_PARAMETER, f"{name} is a whole number of seconds")
    return int(text)

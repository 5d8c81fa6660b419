"""What the carrier's refusals mean, in words of ours: its own repeat the numbers that were called.

Source: https://www.twilio.com/docs/api/errors
"""

from http import HTTPStatus

from ivr.service_errors import RefusedError, ServiceError

_FROM = "CALLER_ID is not a number of this account that can do this"
_TO = "no number that can be reached"
_COUNTRY = "the account may not reach this country: its geographic permissions are set in the carrier's console"
_TRIAL = "a trial account reaches only numbers that were verified in the carrier's console"
MEANING = {
    13224: _TO,
    13227: _COUNTRY,
    21210: _FROM,
    21211: _TO,
    21212: _FROM,
    21214: _TO,
    21215: _COUNTRY,
    21216: "the carrier does not call this number",
    21217: _TO,
    21219: _TRIAL,
    21220: "the call is over",
    21408: _COUNTRY,
    21603: _FROM,
    21606: _FROM,
    21608: _TRIAL,
    21610: "who has this number has unsubscribed from texts",
    21611: "too many texts wait to be sent from CALLER_ID",
    21612: "no text goes from CALLER_ID to this number",
    21614: "not a mobile number",
    21617: "the text is too long",
    21659: _FROM,
    21660: _FROM,
}
# 10xxx and 20xxx speak of the account, its limits and its rights: the same request may well be carried out later.
# 21611 does too: the queue of one sender is full.
_OF_THE_ACCOUNT = frozenset({10, 20})
FULL = 21611
_REFUSED, _BUSY = 4, frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class NotThereError(ServiceError):
    """The carrier has no such thing: not yet, or no longer."""


def explained(status: int, code: int) -> ServiceError:
    """Return the error that a refusal becomes. code: Twilio's, or the status again where the answer had none."""
    if status == HTTPStatus.NOT_FOUND:
        return NotThereError("the carrier has no such recording or call (yet, or any more)")
    if status == HTTPStatus.UNAUTHORIZED or (status == HTTPStatus.FORBIDDEN and not _of_this_request(code)):
        return ServiceError(f"the carrier refuses TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN ({status})")
    if status // 100 == _REFUSED and status not in _BUSY and _of_this_request(code):
        return RefusedError(code, f"the carrier refuses: {MEANING.get(code, 'see its list of errors')} ({code})")
    return ServiceError(f"the carrier answers {status}" + (f" ({code})" if code != status else ""))


def _of_this_request(code: int) -> bool:
    known = code >= 10_000  # noqa: PLR2004 Twilio's codes have five digits; an HTTP status is none of them
    return known and code // 1000 not in _OF_THE_ACCOUNT and code != FULL

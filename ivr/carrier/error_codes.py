"""What the codes of the carrier's Debugger mean, and what to do, in words.

Source: https://www.twilio.com/docs/api/errors, of which these are the ones a line like this can meet.
"""

from ivr.carrier.errors import MEANING

_UNREACHED = "look whether the line runs, and whether PUBLIC_BASE_URL leads to it from outside"
_OURS = "a fault of the line: please report it, with the call"
_DEBUGGER = {
    11100: "an address that we gave is none: check PUBLIC_BASE_URL",
    11200: f"the line did not answer as it should: {_UNREACHED}; a 403 is a wrong PUBLIC_BASE_URL or token",
    11205: f"no connection to the line: {_UNREACHED}",
    11206: "the answer was no HTTP: look at the proxy",
    11210: "the name in the address is not known: check PUBLIC_BASE_URL and DNS",
    11215: "too many redirects: PUBLIC_BASE_URL must be the last of them",
    11220: "no secure connection: look at the certificate and the TLS versions of the proxy",
    11235: "the certificate is of another name than PUBLIC_BASE_URL",
    11236: "the certificate is no longer valid: renew it",
    11237: "the certificate's chain is not whole: have the proxy send those between, too",
    11750: f"an answer was too long; {_OURS}",
    12100: f"an answer was no XML; {_OURS}",
    12101: f"an answer was no TwiML; {_OURS}",
    12200: f"an answer had something in it that TwiML does not know; {_OURS}",
    12300: f"an answer was of another type than XML or sound; {_OURS}, unless a proxy answered",
    12400: "the carrier itself has failed: nothing to do here",
    13214: "caller ID is not a number that may be shown: check CALLER_ID",
    13225: "the carrier does not call this number",
    13227: "the account may not reach this country: its geographic permissions are set in the carrier's console",
    15003: "one of our answers to a status callback was an error: look into the log of that moment",
    30003: "the telephone is off, or out of reach",
    30004: "who has this number has blocked texts",
    30005: "no such number, or no longer",
    30006: "a landline, or a network that takes no texts",
    30007: "the network has taken the text for spam",
    30008: "the network did not say why it failed",
    30034: "the sender is not registered for texts to the US (A2P 10DLC)",
}
_KINDS = {
    11: "the line could not be asked: look whether it runs and can be reached",
    12: f"an answer of ours was not understood; {_OURS}",
    13: "a call could not be put through as we asked",
    30: "a text was not delivered",
}


def meaning(code: int | None) -> str:
    """Say what a code means; at least of what kind it is, '' where nobody here knows."""
    if code is None:
        return ""
    return _DEBUGGER.get(code) or MEANING.get(code) or _KINDS.get(code // 1000, "")


def page(code: int) -> str:
    """Address of the carrier's own page about a code."""
    return f"https://www.twilio.com/docs/api/errors/{code}"

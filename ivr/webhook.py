"""What the carrier tells: a webhook's form to Heard, and whether the carrier sent it at all."""

# twilio ships no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from twilio.request_validator import RequestValidator

from ivr.address import taken_apart
from ivr.call import DialEnded, DialStatus, Heard, Keys, Recorded, Waited, WaitEnd

KEYS = frozenset("0123456789*#")
DIGITS_MAX = 64  # far more than any entry takes; what lies beyond is not a caller
SECONDS_MAX = 86_400  # of a recording
_WAITS = {"bridged": WaitEnd.SERVED, "bridging-in-process": WaitEnd.SERVED, "leave": WaitEnd.KEY}
_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def heard(form: Mapping[str, str]) -> Heard:
    """Read what a caller did from a webhook's form."""
    if "DialCallStatus" in form:
        return DialEnded(_dial_status(form["DialCallStatus"]))
    if "QueueResult" in form:
        return Waited(_WAITS.get(form["QueueResult"], WaitEnd.FAILED))
    if "RecordingUrl" in form or "RecordingSid" in form:
        return recorded(form)
    digits = form.get("Digits", "") or form.get("FinishedOnKey", "")  # a lone pound key is no silence
    return Keys("".join(key for key in digits[:DIGITS_MAX] if key in KEYS))


def recorded(form: Mapping[str, str]) -> Recorded:
    """Read which recording a webhook is about; one without a sid of its own has it in its address."""
    address = taken_apart(form.get("RecordingUrl", "")).path
    sid = form.get("RecordingSid") or address.rpartition("/")[2].partition(".")[0]
    seconds = form.get("RecordingDuration", "")
    known = seconds.isascii() and seconds.isdecimal() and len(seconds) < len(str(SECONDS_MAX)) + 1
    return Recorded(sid if _SID.fullmatch(sid) else "", min(int(seconds), SECONDS_MAX) if known else 0)


def _dial_status(text: str) -> DialStatus:
    if text == "answered":  # how a conference says it
        return DialStatus.COMPLETED
    try:
        return DialStatus(text)
    except ValueError:
        return DialStatus.FAILED


def signed(token: str, url: str, form: Any, signature: str) -> bool:
    """Say whether the carrier sent this.

    url: as the carrier knows it, with its query. form: all fields of a POST, blank ones too.
    Source: https://www.twilio.com/docs/usage/security#validating-requests
    """
    fields = sorted(set(form.items(multi=True)) if hasattr(form, "getlist") else form.items())
    said = url + "".join(name + value for name, value in fields)
    expected = b64encode(hmac.digest(token.encode(), said.encode(), "sha1"))
    if hmac.compare_digest(expected, signature.encode()):
        return True
    # The carrier's own library has the last word: it also knows addresses with and without their port.
    return bool(RequestValidator(token).validate(url, form, signature))

"""The clock: opening hours, second factors and what was agreed with callers go by it."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from ivr.doctor.findings import Findings, SkipError, broken
from ivr.doctor.knock import WAIT_S
from ivr.doctor.patient import Patient, need_carrier

WRONG_S = 60.0


def skew(patient: Patient) -> Findings:
    """A clock that the carrier's clock contradicts."""
    need_carrier(patient.settings)
    base = patient.settings.twilio_api_base
    try:
        began = datetime.now(UTC)
        told = httpx.get(base, timeout=WAIT_S).headers.get("date", "")
        at = parsedate_to_datetime(told)
    except (httpx.HTTPError, ValueError, TypeError):
        raise SkipError(f"{base} does not answer, or not with the time") from None
    taken_s = (datetime.now(UTC) - began).total_seconds()
    ahead_s = (patient.now() - at).total_seconds() - taken_s / 2
    if abs(ahead_s) > WRONG_S + taken_s:
        yield broken(
            "clock.skew",
            f"this machine's clock is {abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} the carrier's",
            "set it by a time server: `timedatectl set-ntp true`",
        )

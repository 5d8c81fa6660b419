"""The account at the carrier: whether it lets us in, and what it lets us do."""

from ivr.address import shown
from ivr.carrier.errors import NotThereError
from ivr.config import TWILIO
from ivr.doctor.findings import Findings, SkipError, broken, warning
from ivr.doctor.patient import Patient, need_carrier
from ivr.service_errors import ServiceError

_CREDENTIALS = "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN in .env to those the carrier's console shows"


def account(patient: Patient) -> Findings:
    """An account that is not there, not ours, or not in use."""
    settings = patient.settings
    need_carrier(settings)
    try:
        found = patient.account.get()
    except NotThereError:
        what = f"{shown(settings.twilio_api_base)} knows no account TWILIO_ACCOUNT_SID, or no such addresses"
        yield broken("carrier.credentials", what, _CREDENTIALS)
        return
    except ServiceError as error:
        if "TWILIO_AUTH_TOKEN" in str(error):
            yield broken("carrier.credentials", str(error), _CREDENTIALS)
            return
        base = settings.twilio_api_base
        mend = "see that this machine reaches it: " + f"`curl -I {shown(base)}`"
        other = "" if base == TWILIO else "; TWILIO_API_BASE names it"
        yield broken("carrier.away", f"{shown(base)}: {error}{other}", mend)
        return
    if found.status and found.status != "active":
        yield broken(
            f"carrier.{'suspended' if found.status == 'suspended' else 'closed'}",
            f"the account is {found.status}: no call comes in or goes out",
            "settle it in the carrier's console (Billing), or set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN of another",
        )
    if found.kind == "Trial":
        yield warning(
            "carrier.trial",
            "a trial account says so to every caller first, and rings and texts only numbers that were verified",
            "Upgrade it in the carrier's console (Billing)",
        )


def caller_id(patient: Patient) -> Findings:
    """A number to be shown that the account may not show."""
    shows = patient.settings.caller_id
    if not shows:
        raise SkipError("CALLER_ID is not set")
    own = {one.number for one in patient.own_numbers()}
    if shows in own or shows in patient.verified.get():
        return
    known = f", such as {min(own)}" if own else ""
    yield broken(
        "carrier.caller_id",
        f"CALLER_ID {shows} is no number of this account, so every call and text from it is refused",
        f"set CALLER_ID in .env to one of the account's numbers{known}; `flask numbers list` shows them",
    )

"""Settings that work, and should not stay as they are once a real carrier calls."""

from ivr.address import TUNNEL, shown, unreachable
from ivr.config import DEMO_NUMBER, Settings
from ivr.db.demo import holds_demo
from ivr.doctor.findings import Findings, SkipError, broken, warning
from ivr.doctor.patient import Patient, need_carrier

SHORT = 16  # characters of a secret that can be guessed
NUMBERS = ("sales_number", "support_number", "support_direct_number")
SECRETS = ("secret_key", "pin_pepper")


def public_address(patient: Patient) -> Findings:
    """An address that no carrier can reach."""
    settings = patient.settings
    need_carrier(settings)
    base = settings.public_base_url
    if why := unreachable(base):
        find = warning if base.startswith("http://") and "https" in why else broken
        yield find("settings.public_base_url", f"PUBLIC_BASE_URL {shown(base)} {why}", TUNNEL)


def company(patient: Patient) -> Findings:
    """Callers of one company who are sent to another."""
    settings, given = patient.settings, Settings()
    need_carrier(settings)
    if settings.company_name == given.company_name:
        return
    left = [name.upper() for name in NUMBERS if getattr(settings, name) == getattr(given, name)]
    if left:
        names, them = ", ".join(left), given.company_name
        yield broken(
            "settings.company",
            f"{names} {'is' if len(left) == 1 else 'are'} still {them}'s: {settings.company_name}'s callers reach them",
            f"set {names} in .env to numbers of {settings.company_name}",
        )


def demo_number(patient: Patient) -> Findings:
    """The number that only a demo can show."""
    need_carrier(patient.settings)
    if patient.settings.caller_id == DEMO_NUMBER:
        yield broken(
            "settings.demo_number",
            f"CALLER_ID is {DEMO_NUMBER}, an invented number: the carrier refuses calls and texts from it",
            "set CALLER_ID in .env to a number of the account; `flask numbers list` shows them",
        )


def demo_accounts(patient: Patient) -> Findings:
    """Invented accounts, whose PINs are printed, behind a real number."""
    need_carrier(patient.settings)
    if patient.settings.accounts_backend:
        raise SkipError("accounts are kept elsewhere (ACCOUNTS_BACKEND)")
    if holds_demo(patient.line.database):
        yield warning(
            "settings.demo_accounts",
            "the database holds the demo accounts, whose PINs anybody can read",
            "set DATABASE_URL in .env to another database, and import your accounts: `flask accounts import FILE.csv`",
        )


def secrets(patient: Patient) -> Findings:
    """Secrets that can be guessed, or are the same."""
    settings = patient.settings
    values = {name: str(getattr(settings, name)) for name in (*SECRETS, "twilio_auth_token")}
    for name in SECRETS:
        others = [other.upper() for other, value in values.items() if other != name and value == values[name]]
        if len(values[name]) < SHORT or len(set(values[name])) < SHORT // 3:
            yield broken("settings.secret", f"{name.upper()} can be guessed", _new(name))
        elif others:
            yield broken("settings.secret", f"{name.upper()} is the same as {others[0]}", _new(name))


def _new(name: str) -> str:
    make = "python3 -c 'import secrets; print(secrets.token_hex(32))'"
    loses = "; every PIN must then be set anew" if name == "pin_pepper" else ""
    return f"set {name.upper()} in .env to what `{make}` prints{loses}"

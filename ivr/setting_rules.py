"""What settings may be: everything that keeps a line from starting, in words that say what to do.

settings, everywhere: `ivr.config.Settings`.
"""

import re
from base64 import b64decode
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

COUNTRIES = "US,CA"
PARTS = ("voice", "console", "simulator", "helpers")
TOKEN_MIN = 16
_SECRET_BYTES = range(24, 65)  # by the specification of Standard Webhooks
_E164 = (r"\+[0-9]{7,15}", "E.164, like +18002636317")
_FORMS = {
    "prompt_mode": ("play|say", "play or say"),
    "database_pooler": ("(pgbouncer)?", "pgbouncer, or empty"),
    "say_language": (r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", "a language tag, like en-US"),
    "sales_number": _E164,
    "support_number": _E164,
    "support_direct_number": _E164,
    "caller_id": (rf"({_E164[0]})?", _E164[1]),
    "log_format": ("(json|text)?", "json or text"),
    "log_level": ("debug|info|warning|error", "debug, info, warning or error"),
    "events_private": ("yes|no", "yes or no"),
    "events_numbers": ("yes|no", "yes or no"),
    "events_simulated": ("(yes|no)?", "yes or no"),
}
RANGES = (
    ("port", 1, 65535),
    ("workers", 0, 64),
    ("threads", 0, 128),
    ("trusted_proxies", 0, 5),
    ("secret_floor_ms", 0, 10_000),
    ("voicemail_days", 1, 3650),
    ("text_days", 2, 3650),  # a day's texts to a number are counted in what is kept
    ("call_days", 30, 36_500),  # a caller who calls again within seven days is counted
    ("pin_try_days", 2, 3650),  # a day's tries are counted in what is kept
    ("ledger_days", 365, 36_500),
    ("audit_days", 365, 36_500),
    ("event_days", 4, 3650),  # they are tried for three
    ("database_replica_lag_s", 1, 3600),
    ("database_pool", 1, 1000),
    ("database_lock_ms", 10, 60_000),
    ("database_statement_ms", 10, 600_000),
    ("database_connect_s", 2, 60),  # libpq knows no less
    ("database_deadline_ms", 100, 2000),  # callers are answered within 3 s
)


class SettingsError(ValueError):
    """A setting is missing or cannot be understood; the message is one line and says what to do."""


def problems(settings: Any) -> list[str]:
    """Name everything that cannot work, a sentence each."""
    wrong: list[str] = []
    for name in ("public_base_url", "twilio_api_base"):
        if not _web_address(address := getattr(settings, name)):
            shown = "one with a user in it" if "@" in address else repr(address)
            wrong.append(f"{name.upper()} must be http(s)://host[:port][/path], not {shown}")
    if not settings.company_name.isprintable():
        wrong.append("COMPANY_NAME must be text that can be printed, on one line")
    wrong += _ill_formed(settings)
    if not settings.parts or settings.parts - set(PARTS):
        wrong.append(f"SERVE must be one or more of {', '.join(PARTS)}, not {settings.serve!r}")
    if settings.is_demo and "simulator" in settings.parts and settings.workers > 1:
        wrong.append("WORKERS must be 1 for a demo, which is its own carrier, or SERVE must leave out simulator")
    wrong += _unknown_places(settings) + _open_metrics(settings) + _wrong_events(settings)
    return wrong


def _ill_formed(settings: Any) -> list[str]:
    wrong: list[str] = []
    for name, least, most in RANGES:
        if not least <= getattr(settings, name) <= most:
            wrong.append(f"{name.upper()} must be between {least} and {most}")
    for name, (pattern, what) in _FORMS.items():
        if not re.fullmatch(pattern, getattr(settings, name)):
            wrong.append(f"{name.upper()} must be {what}, not {getattr(settings, name)!r}")
    return wrong


def _unknown_places(settings: Any) -> list[str]:
    wrong: list[str] = []
    if settings.allowed_countries != COUNTRIES:
        from ivr.numbers import unknown_countries  # noqa: PLC0415 28 ms, for who asks for others

        if unknown := unknown_countries(settings.countries):
            named = ", ".join(map(repr, unknown))
            wrong.append(f"ALLOWED_COUNTRIES must be ISO codes of countries, like US,CA or GB, not {named}")
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # "America" is a folder
        wrong.append(f"TIME_ZONE must be an IANA name, like Europe/London, not {settings.time_zone!r}")
    return wrong


def _open_metrics(settings: Any) -> list[str]:
    wrong: list[str] = []
    if settings.metrics_token and len(settings.metrics_token) < TOKEN_MIN:
        wrong.append(f"METRICS_TOKEN must have at least {TOKEN_MIN} characters, such as of `openssl rand -hex 16`")
    for network in settings.scrapers:
        try:
            ip_network(network, strict=False)
        except ValueError:
            wrong.append(f"METRICS_ALLOW must be addresses or networks, like 10.0.0.0/8, not {network!r}")
    return wrong


def _wrong_events(settings: Any) -> list[str]:
    wrong: list[str] = []
    endpoints: tuple[str, ...] = settings.event_endpoints
    for address in endpoints:
        parts = urlsplit(address)
        if not _web_address(address):
            wrong.append("EVENTS_URL must be https://host[:port][/path], without a user or a query; or several")
        elif parts.scheme != "https" and not is_loopback(parts.hostname):
            wrong.append("EVENTS_URL must begin with https://; http:// is only for this machine itself")
    if len(set(endpoints)) < len(endpoints):
        wrong.append("EVENTS_URL names an address twice")
    if any(not _signs(secret) for secret in settings.events_secret.split()):
        wrong.append("EVENTS_SECRET must be whsec_ and 24 to 64 random bytes in base64; or two of them")
    elif endpoints and not settings.events_secret:
        wrong.append('EVENTS_URL needs EVENTS_SECRET; echo "whsec_$(openssl rand -base64 32)" makes one')
    return wrong


def _signs(secret: str) -> bool:
    kind, _, key = secret.partition("_")
    try:
        return kind == "whsec" and len(b64decode(key + "==", validate=False)) in _SECRET_BYTES
    except ValueError:
        return False


def _web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain


def is_loopback(host: str | None) -> bool:
    """Say whether a host, by name or address, is this machine itself."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_private(host: str | None) -> bool:
    """Say whether a host is this machine, or an address of a private network."""
    try:
        return host == "localhost" or ip_address(host or "").is_private
    except ValueError:
        return False

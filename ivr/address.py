"""The public address: whether a carrier can reach it, what lies below it, and how addresses are shown."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

VOICE, FALLBACK, STATUS, TEXT = "/voice", "/voice/fallback", "/voice/status", "/voice/text"
_NEVER_PUBLIC = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home", ".home.arpa", ".test", ".invalid")
TUNNEL = (
    "start a tunnel (`ngrok start answerline --config ngrok.yml`), set PUBLIC_BASE_URL in .env to the https:// address "
    "that it prints, and start the line again"
)


def taken_apart(address: str) -> SplitResult:
    """Take apart an address that a stranger wrote: nothing is in it where it is none, such as `http://[`."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")


def unreachable(base: str) -> str:
    """Say why a carrier cannot call this address, in words that follow it; '' where it can."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    if not _is_public(host):
        return "is an address of this machine or of a private network, which no carrier can reach"
    if parts.scheme != "https":
        return "is not https://, so whoever is on the way can read what callers key in"
    return ""


def _is_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_NEVER_PUBLIC)


def same(one: str, other: str) -> bool:
    """Say whether two addresses are the same for a carrier."""
    return _plain(one) == _plain(other)


def _plain(address: str) -> tuple[str, str, int | None, str, str]:
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", address, None, "", ""
    return parts.scheme, parts.hostname or "", port, parts.path, parts.query


def shown(address: str) -> str:
    """Write an address for people, without what may be secret in it: a user, a password, a query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "(no address)"
    host = parts.netloc.rpartition("@")[2]
    text = f"{parts.scheme}://{'...@' if '@' in parts.netloc else ''}{host}{parts.path}{'?...' if parts.query else ''}"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text) if address else ""

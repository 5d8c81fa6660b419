"""Addresses of webhooks: which can be asked, and how they are written on the wire."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import SplitResult, quote_plus, urlsplit, urlunsplit

BAD_ADDRESS, BAD_HOST = 11100, 11210


@lru_cache(maxsize=1024)
def unusable(url: str) -> tuple[int, str] | None:
    """Return error code and reason for an address that cannot be asked; None for a good one."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and _port_is_possible(parts)
    except ValueError:
        good, parts = False, SplitResult("", "", "", "", "")
    if not good or any(c.isspace() for c in url):
        return BAD_ADDRESS, f"{url!r} is not an address"
    if "_" in (parts.hostname or ""):
        return BAD_HOST, f"the host name in {url!r} has an underscore"
    return None


def encoded(params: Mapping[str, str]) -> str:
    """Write parameters as a form does."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in params.items())


# The names and most values are the same in every webhook of a call.
_quoted = lru_cache(maxsize=4096)(quote_plus)


def bare(url: str) -> str:
    """Return the address without user and password, which travel in a header."""
    return url if "@" not in url else urlunsplit(urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2]))


def _port_is_possible(parts: SplitResult) -> bool:
    return parts.port is None or parts.port > 0

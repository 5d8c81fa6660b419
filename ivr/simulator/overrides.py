"""Connection settings in the fragment of an address: `#rc=2&ct=1000&rp=5xx,ct`.

Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urldefrag

POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})
_RANGES = {"rc": (0, 5), "ct": (100, 10000), "rt": (100, 15000), "tt": (100, 15000)}


@dataclass(frozen=True, slots=True)
class Overrides:
    """How often and how patiently a webhook is tried. problem: what the fragment got wrong; '' is nothing."""

    retries: int = 1
    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 15.0
    policy: frozenset[str] = frozenset({"ct"})
    problem: str = ""

    def retry(self, kind: str) -> bool:
        """Tell whether a failure of this kind (ct, rt, 4xx, 5xx) is tried again."""
        return "all" in self.policy or kind in self.policy


DEFAULT = Overrides()


@lru_cache(maxsize=1024)
def overrides(url: str) -> Overrides:
    """Read the fragment; values out of range are ignored and named."""
    fragment = urldefrag(url).fragment
    if not fragment:
        return DEFAULT
    given = dict(parse_qsl(fragment))
    wrong = [f"{k}={given[k]}" for k, (low, high) in _RANGES.items() if k in given and not _within(given[k], low, high)]
    policy = frozenset(given.get("rp", "ct").split(","))
    if not policy <= POLICIES:
        wrong.append(f"rp={given['rp']}")
    good = {k: int(given[k]) for k, (low, high) in _RANGES.items() if _within(given.get(k, ""), low, high)}
    return Overrides(
        retries=good.get("rc", DEFAULT.retries),
        connect_s=good.get("ct", 5000) / 1000,
        read_s=good.get("rt", 15000) / 1000,
        total_s=good.get("tt", 15000) / 1000,
        policy=policy if policy <= POLICIES else DEFAULT.policy,
        problem=", ".join(wrong),
    )


def _within(text: str, low: int, high: int) -> bool:
    return text.isascii() and text.isdecimal() and low <= int(text) <= high

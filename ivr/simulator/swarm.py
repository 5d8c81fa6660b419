"""Many callers at once: how long webhooks take when more than one person calls."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ivr.simulator.acts import Act, Listening
from ivr.simulator.caller import ScriptedCaller
from ivr.simulator.carrier import HTTP_ERROR, Exchange
from ivr.simulator.events import Failed
from ivr.simulator.phone import Phone, PhoneCall
from ivr.simulator.transport import Answer, HttpTransport, Limits, Transport, WireError

MOST_CALLS, MOST_A_SECOND, MOST_AT_ONCE = 10_000, 100.0, 256
LOOPBACK = frozenset({"localhost", "::1"})


@dataclass(frozen=True)
class Load:
    """A swarm: so many calls, begun at so many a second. think_s: clock time before each act of a caller."""

    calls: int
    rate: float
    think_s: float

    def __post_init__(self) -> None:
        if not 1 <= self.calls <= MOST_CALLS:
            raise ValueError(f"--load: 1 to {MOST_CALLS} calls")
        if not 0 < self.rate <= MOST_A_SECOND:
            raise ValueError(f"--rate: more than 0, {MOST_A_SECOND:g} a second at most")
        if not 0 <= self.think_s <= 60:  # noqa: PLR2004 a minute
            raise ValueError("--think: 0 to 60 seconds")


@dataclass(frozen=True)
class WebhookTimes:
    """Clock time of one webhook's answers, in milliseconds. failed: no answer, or 4xx or 5xx."""

    webhook: str
    requests: int
    failed: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float


class OneHost:
    """A wire that reaches one host, and this machine; a swarm must not fall upon a stranger."""

    def __init__(self, inner: Transport, url: str) -> None:
        self._inner = inner
        self._host = urlsplit(url).hostname or ""

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, limits: Limits) -> Answer:
        """Send a request as it is. Raises: WireError, for another host, too."""
        host = urlsplit(url).hostname or ""
        if host != self._host and host not in LOOPBACK and not host.startswith("127."):
            raise WireError(11210, "rt", f"{url} is on another host than the one under load")
        return self._inner.send(method, url, headers, body, limits)


class Thinker(ScriptedCaller):
    """Does what a script says, after a while."""

    def __init__(self, script: str, think_s: float, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(script)
        self._think_s, self._sleep = think_s, sleep

    def act(self, listening: Listening) -> Act:
        """Think where the line waits, then act."""
        if listening.waits:
            self._sleep(self._think_s)
        return super().act(listening)


def swarm(
    load: Load,
    url: str,
    script: str,
    auth_token: str,
    account_sid: str,
    *,
    progress: Callable[[int], None] | None = None,
    **options: Any,
) -> list[PhoneCall]:
    """Place the calls and return them when all are over.

    progress: is told how many are over so far. options: as for `Phone.dial`.
    """
    wire = HttpTransport()
    phone = Phone(url, auth_token=auth_token, account_sid=account_sid, transport=OneHost(wire, url))
    began = time.monotonic()

    def place(number: int) -> PhoneCall:
        time.sleep(max(0.0, began + number / load.rate - time.monotonic()))
        return phone.dial(caller=Thinker(script, load.think_s), **options)

    try:
        with ThreadPoolExecutor(min(load.calls, MOST_AT_ONCE)) as callers:
            placed = [callers.submit(place, number) for number in range(load.calls)]
            for over, _ in enumerate(as_completed(placed), start=1):
                if progress is not None:
                    progress(over)
            return [call.result() for call in placed]
    finally:
        wire.close()


def times(calls: Iterable[PhoneCall]) -> list[WebhookTimes]:
    """Sort the webhooks of calls by path, without the query, and sum them up; the slowest first."""
    by_path: dict[str, list[Exchange]] = {}
    for call in calls:
        for exchange in call.requests:
            by_path.setdefault(urlsplit(exchange.url).path or "/", []).append(exchange)
    return sorted((_times(path, exchanges) for path, exchanges in by_path.items()), key=lambda t: -t.p99_ms)


def broken(calls: Iterable[PhoneCall]) -> int:
    """Count the calls that the application failed."""
    return sum(any(isinstance(event, Failed) for event in call.events) for call in calls)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of sorted values that `share` per cent do not exceed."""
    return values[max(0, -(-len(values) * int(share) // 100) - 1)]


def _times(path: str, exchanges: list[Exchange]) -> WebhookTimes:
    ms = sorted(exchange.ms for exchange in exchanges)
    failed = sum(exchange.answer is None or exchange.answer.status >= HTTP_ERROR for exchange in exchanges)
    return WebhookTimes(path, len(ms), failed, percentile(ms, 50), percentile(ms, 90), percentile(ms, 99), ms[-1])

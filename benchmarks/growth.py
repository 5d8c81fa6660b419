"""`make bench-growth`: what a webhook takes of the processor as calls in progress and logged turns grow.

Databases of all sizes are asked in turns, so ratios hold on a busy machine. TURNS: how many are logged, a list of
sizes; CALLS: how many are in progress; ON: databases; ROUNDS: of eight calls in each. PLOT: where to draw it.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from bench import application
from console_load import Load, load_postgresql, load_sqlite
from console_timed import Server
from growth_plot import Series, draw
from webhook_calls import BASE, Webhook, recorded
from webhook_inside import Caller, compared
from webhooks import postgresql, tell

from ivr.db.database import open_database
from ivr.db.migrate import upgrade

SHAPES = 300
TURNS_A_CALL = 10
TURNS = [int(size) for size in os.environ.get("TURNS", "0 10000 100000 1000000 10000000").split()]
CALLS = [int(size) for size in os.environ.get("CALLS", "10 100 1000 10000").split()]
ROUNDS = int(os.environ.get("ROUNDS", "25"))
_runs = count(1)


class Sizes:
    """Lines on databases of one kind. server: PostgreSQL's address, '' for SQLite."""

    def __init__(self, folder: Path, server: str, recordings: list[list[Webhook]]) -> None:
        self._folder, self._server, self._recordings = folder, server, recordings
        self._made = count()

    def logged(self, turns: int) -> Caller:
        """Call a line that has so many turns in its log."""
        url = self._url()
        if turns:
            calls = turns // TURNS_A_CALL
            load = Load.made(calls, min(SHAPES, calls))
            if self._server:
                load_postgresql(url, load, lambda _: None)
            else:
                load_sqlite(url.removeprefix("sqlite:///"), load, lambda _: None)
        else:
            upgrade(url)
        return self._caller(url)

    def in_progress(self, calls: int) -> Caller:
        """Call a line on which so many calls wait for their callers."""
        url = self._url()
        upgrade(url)
        caller = self._caller(url)
        caller.begin(calls)
        return caller

    def _caller(self, url: str) -> Caller:
        app: Any = application(self._folder, url, BASE)
        return Caller.of(app, self._recordings, next(_runs), Server(open_database(url)).worked)

    def _url(self) -> str:
        name = f"size{next(self._made)}"
        if not self._server:
            return f"sqlite:///{self._folder}/{name}.db"
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._server.replace("/postgres?", f"/{name}?", 1)


def measured(name: str, what: str, sizes: list[int], make: Callable[[int], Caller]) -> Series:
    """Make lines of all sizes, measure, and print a row for each."""
    callers = [make(size) for size in sizes]
    costs = compared(callers, ROUNDS)
    for size, cost in zip(sizes, costs, strict=True):
        there = f" and {cost.there_us:5.0f} of the database's" if cost.there_us else ""
        tell(f"  {name:10} {size:>12,} {what:18} {cost.here_us:6.0f} µs{there:26} {cost.times:6.2f} times the first")
    return Series(name, what, sizes, [cost.times for cost in costs])


@contextmanager
def _folder() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="answerline-growth-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Measure, print, and draw."""
    on = os.environ.get("ON", "sqlite postgresql").split()
    recordings, series = recorded(), list[Series]()

    def both(name: str, sizes: Sizes) -> None:
        series.append(measured(name, "calls in progress", CALLS, sizes.in_progress))
        series.append(measured(name, "turns logged", TURNS, sizes.logged))

    tell(f"processor time of a webhook, median of {ROUNDS} rounds; load {os.getloadavg()[0]:.1f}")
    with _folder() as folder:
        if "sqlite" in on:
            both("SQLite", Sizes(folder, "", recordings))
        if "postgresql" in on:
            with postgresql(folder) as url:
                both("PostgreSQL", Sizes(folder, url, recordings))
    if to := os.environ.get("PLOT"):
        Path(to).write_text(draw(series), encoding="utf-8")
        sys.stdout.write(f"drawn: {to}\n")


if __name__ == "__main__":
    main()

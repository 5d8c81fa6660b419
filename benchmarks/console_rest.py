"""Times what is asked for less often than a list: insight's figures, a purge, and one caller forgotten."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from console_calls import DAYS, NOW, ZONE, number_of
from console_shapes import build_line
from sqlalchemy import Engine, event, func, select

from ivr.console.insight_parts import NEWEST
from ivr.db.console.erase import Eraser
from ivr.db.console.facts import FACTS
from ivr.db.console.figures import count_calls, newest
from ivr.db.console.paths import count_bands
from ivr.db.console.purge import BATCH, Purge, Rules
from ivr.db.console.scope import Scope
from ivr.db.console.turn_figures import answer_times, count_hand_overs, count_nodes, count_tasks, reply_times
from ivr.db.database import reading
from ivr.measured import measured

Ask = Callable[[], int]


class _Clock:
    def now(self) -> datetime:
        return NOW

    def today(self) -> Any:
        return NOW.astimezone(ZONE).date()


def insight(engine: Engine) -> Iterator[tuple[str, Ask]]:
    """The parts of the insight page, each as a question that returns how many rows it is told in."""
    with tempfile.TemporaryDirectory() as folder:
        line = build_line(f"sqlite:///{folder}/none.db", Path(folder))
        marks = measured(line.line)
        line.database.dispose()
    parts: dict[str, Callable[[Scope], Any]] = {
        "figures": lambda scope: count_calls(engine, scope, marks.handed_over),
        "paths": lambda scope: count_bands(engine, scope),
        "nodes": lambda scope: count_nodes(engine, newest(engine, scope, NEWEST)),
        "answers": lambda scope: answer_times(engine, newest(engine, scope, NEWEST), frozenset(marks.topics)),
        "tasks": lambda scope: count_tasks(engine, newest(engine, scope, NEWEST), marks.tasks),
        "people": lambda scope: count_hand_overs(engine, newest(engine, scope, NEWEST), marks.waits),
        "reply time": lambda scope: reply_times(engine, newest(engine, scope, NEWEST)),
    }
    for days in (7, 30):
        scope = Scope(NOW - timedelta(days=days), NOW, NOW)
        for name, count in parts.items():
            yield f"insight: {name}, {days} days", lambda count=count, scope=scope: len(count(scope))


def kept_and_erased(engine: Engine, tell: Callable[[str], None]) -> None:
    """Purge the calls of the oldest day, and forget one caller; tell how long it took, and how long others waited."""
    with reading(engine) as session:
        oldest = session.scalar(select(func.min(FACTS.c.started_at))) or NOW
    days = (NOW.astimezone(ZONE).date() - oldest.astimezone(ZONE).date()).days - 1
    ages = 10 * DAYS
    purge = Purge(engine, _Clock(), Rules(days, ages, ages, ages), ZoneInfo("America/New_York"), lambda _: None)
    eraser = Eraser(engine, _Clock(), "x")
    for name, work in {
        "purge of a day": lambda: purge.run("bench"),
        "purge with nothing due": lambda: purge.run("bench"),
        "one caller erased": lambda: eraser.erase(number_of(oldest.microsecond % 1000), "bench"),
    }.items():
        began = perf_counter()
        with _writes(engine) as held:
            receipt = work()
        counts = dict(receipt.counts) if receipt else {}
        told = f"{perf_counter() - began:6.1f} s; {len(held)} writing transactions"
        tell(f"  {name:44} {told}, the longest {max(held, default=0):.0f} ms; {counts}")
    tell(f"  (a purge pauses between its batches of {BATCH} calls, which is left out here)")


@contextmanager
def _writes(engine: Engine) -> Iterator[list[float]]:
    """Note how long each transaction that writes takes, in milliseconds: so long others may have to wait."""
    held: list[float] = []
    open_since: dict[int, float] = {}

    def begins(connection: Any) -> None:
        if connection.get_execution_options().get("answerline_write"):
            open_since[id(connection)] = perf_counter()

    def ends(connection: Any) -> None:
        if (began := open_since.pop(id(connection), None)) is not None:
            held.append(1000 * (perf_counter() - began))

    listeners = (("begin", begins), ("commit", ends), ("rollback", ends))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield held
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)

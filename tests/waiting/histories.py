"""Random histories of the waiting room: lived through, and cut down to what matters where one breaks a rule.

`make histories` runs ten thousand of them; `python tests/waiting/histories.py 1 4711` runs the one of seed 4711.
"""

import os
import sys
import tempfile
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "tests"), str(ROOT)]

from databases import migrated_url  # noqa: E402 the path comes first
from sqlalchemy import event, text  # noqa: E402 the same
from waiting_world import STEPS, World  # noqa: E402 the same

from ivr.db.database import open_database  # noqa: E402 the same

HOW_MANY, PROCESSES, LONGEST = 10_000, 2, 18
Step = tuple[str, int]


def drawn(seed: int) -> list[Step]:
    """Draw a history: what happens, and the luck it has."""
    draw = Random(seed)
    names = draw.choices(list(STEPS), weights=list(STEPS.values()), k=draw.randint(5, LONGEST))
    return [(name, draw.getrandbits(32)) for name in names]


def live(engine: Any, seed: int, steps: list[Step]) -> Counter[str]:
    """Live through a history, and then on to its end. Returns what came of it. Raises: AssertionError."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM places"))
    world = World(engine, Random(seed))
    event.listen(engine, "commit", world.rules.changed)
    try:
        _live(world, seed, steps)
    finally:
        event.remove(engine, "commit", world.rules.changed)
    ends = Counter(str(row.state) for row in world.rules.rows())
    return ends + Counter(histories=1, offers=len(world.rules.offers), talks=len(world.rules.met))


def _live(world: World, seed: int, steps: list[Step]) -> None:
    for name, luck in steps:
        world.draw = Random(luck)
        getattr(world, name)()
        world.rules.check()
    world.draw = Random(seed)
    world.becomes_kind()


def fails(engine: Any, seed: int, steps: list[Step]) -> Exception | None:
    """Return what is wrong with a history."""
    try:
        live(engine, seed, steps)
    except Exception as error:  # noqa: BLE001 whatever a history brings to light
        return error
    return None


def shortened(engine: Any, seed: int, steps: list[Step]) -> list[Step]:
    """Leave out of a history what it does not need to fail."""
    size = len(steps) // 2
    while size:
        at = 0
        while at < len(steps):
            shorter = steps[:at] + steps[at + size :]
            if fails(engine, seed, shorter):
                steps = shorter
            else:
                at += size
        size //= 2
    return steps


def run(url: str, seeds: range) -> Counter[str]:
    """Live through the histories of some seeds. Raises: AssertionError with a short one that breaks a rule."""
    engine = open_database(url)
    event.listen(engine, "connect", _careless)
    told: Counter[str] = Counter()
    try:
        for seed in seeds:
            steps = drawn(seed)
            try:
                told += live(engine, seed, steps)
            except Exception as error:  # noqa: BLE001 the same as in fails()
                short = shortened(engine, seed, steps)
                raise AssertionError(f"history {seed}: {_told(fails(engine, seed, short) or error)}\n{short}") from None
    finally:
        engine.dispose()
    return told


def _told(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{error!r} at {Path(where.filename).name}:{where.lineno}: {where.line}"


def _careless(connection: Any, _record: object) -> None:
    if "sqlite" in type(connection).__module__:
        connection.execute("PRAGMA synchronous = OFF")


def shown(told: Counter[str]) -> str:
    """Write in a line what came of many histories."""
    return ", ".join(f"{count} {name}" for name, count in told.most_common())


def _part(seeds: range) -> Counter[str]:
    memory = Path("/dev/shm")  # noqa: S108 where there is one: nothing here has to last
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        return run(migrated_url("sqlite", Path(folder)), seeds)


def main() -> None:
    how_many = int(sys.argv[1]) if len(sys.argv) > 1 else HOW_MANY
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    parts = min(how_many, 20 * PROCESSES)
    with ProcessPoolExecutor(min(PROCESSES, os.cpu_count() or 1)) as pool:
        each = pool.map(_part, [range(first + part, first + how_many, parts) for part in range(parts)])
        try:
            sys.stdout.write(f"{shown(sum(each, Counter()))}\n")
        except AssertionError as error:
            pool.shutdown(cancel_futures=True)
            sys.exit(str(error))


if __name__ == "__main__":
    main()

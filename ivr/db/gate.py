"""Who writes to an SQLite file next, of all threads and processes: one after the other, without long sleeps.

SQLite's own waiting is to sleep longer and longer, up to a tenth of a second, and to try again; under load somebody is
always there first, and one may wait for seconds. Before this gate the sleeps stay short.
"""

import fcntl
import os
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from ivr import deadline

_GLANCE_S = 0.0005


class GateError(Exception):
    """Somebody else wrote to the database all the time."""


class Gate:
    """Lets one writer at a time to a database file. database: None for one that needs no gate."""

    def __init__(self, database: Path | None, patience_s: float) -> None:
        self._patience_s = patience_s
        self._path = database.with_name(f"{database.name}-gate") if database else None
        self._mine = threading.local()

    @contextmanager
    def entered(self) -> Generator[None]:
        """Wait until nobody else writes, and keep others waiting. Who is inside may enter again.

        Raises: GateError where somebody else writes all the time.
        """
        if self._path is None or getattr(self._mine, "inside", False):
            yield
            return
        file = self._file(self._path)
        self._lock(file)
        self._mine.inside = True
        try:
            yield
        finally:
            self._mine.inside = False
            fcntl.flock(file, fcntl.LOCK_UN)

    def _lock(self, file: int) -> None:
        until = time.monotonic() + deadline.shorter(self._patience_s)
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise GateError("somebody else writes to the database") from None
                time.sleep(_GLANCE_S)
            else:
                return

    def _file(self, path: Path) -> int:
        """Return this thread's own opening of the file, since a lock belongs to an opening; anew after a fork."""
        mine: _Opening | None = getattr(self._mine, "opening", None)
        if mine is None or mine.pid != os.getpid():
            mine = self._mine.opening = _Opening(path)
        return mine.file


class _Opening:
    """A file opened by a thread; closed with it."""

    def __init__(self, path: Path) -> None:
        self.pid, self.file = os.getpid(), os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __del__(self) -> None:
        with suppress(AttributeError):  # it could not be opened
            os.close(self.file)


OPEN = Gate(None, 0.0)

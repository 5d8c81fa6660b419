"""SQLite's log put back into its file by a thread of its own, beside those who write.

SQLite leaves that to whoever's commit fills the log: a thousand pages are written all over the file and waited for, and
with them everybody who would write next.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

from ivr.db.gate import Gate, GateError

COMMITS = 300
"""How many are made before the log is put back: some thousand pages, many of them the same again and again."""
PAGES_MAX = 8_000
"""A log that has grown so long is put back whole, so that it begins anew: 32 MB."""
log = logging.getLogger("answerline")


class Checkpoints:
    """Told of every commit. connect: opens a connection of the driver."""

    def __init__(self, connect: Callable[[], Any], gate: Gate) -> None:
        self._connect, self._gate = connect, gate
        self._commits = 0
        self._at_it = threading.Lock()

    def committed(self) -> None:
        """Count a commit, and put back what it is time for; whoever has written does not wait for it."""
        self._commits += 1
        if self._commits >= COMMITS and self._at_it.acquire(blocking=False):
            self._commits = 0
            try:
                threading.Thread(target=self._run, daemon=True).start()
            except (RuntimeError, MemoryError):  # no thread is to be had; what was committed is, and is told so
                self._at_it.release()

    def put_back_now(self) -> None:
        """Put back what is in the log now: nobody waits, and nobody is waited for.

        Only if the log has grown long, what came meanwhile is put back too while nobody writes: that is little.
        """
        with closing(self._connect()) as connection:
            if _passive(connection) > PAGES_MAX:
                with self._gate.entered():
                    _passive(connection)

    def _run(self) -> None:
        try:
            self.put_back_now()
        except GateError:
            log.info("the database's log does not begin anew yet: somebody writes all the time")
        except Exception:
            log.exception("the database's log is not put back into its file; it grows until that works")
        finally:
            self._at_it.release()


def _passive(connection: Any) -> int:
    """Return how many pages are in the log; those that somebody still reads stay there."""
    _busy, pages, _put_back = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(pages)

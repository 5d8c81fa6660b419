"""How long this thread may still wait: whoever waits for something slow asks here, however deep below they are.

Without a deadline everything keeps the bounds of its own.
"""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager


class _Mine(threading.local):
    at: float | None = None


_mine = _Mine()


@contextmanager
def within(seconds: float) -> Generator[None]:
    """Have everything in the block end within so many seconds, all of it together."""
    before, _mine.at = _mine.at, time.monotonic() + seconds
    try:
        yield
    finally:
        _mine.at = before


def left() -> float | None:
    """Return the seconds that are left, 0 and less where none are; None where nobody is in a hurry."""
    return None if _mine.at is None else _mine.at - time.monotonic()


def shorter(seconds: float) -> float:
    """Return how long to wait for something that may take so many seconds by itself."""
    return seconds if _mine.at is None else max(0.0, min(seconds, _mine.at - time.monotonic()))

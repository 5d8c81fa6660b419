"""Files read in time, or not at all."""

from concurrent.futures import Future
from pathlib import Path
from threading import Lock, Thread

STUCK_MOST = 8  # threads that a disk may keep; then nobody tries for a while


class _Stuck:
    def __init__(self) -> None:
        self.lock, self.many = Lock(), 0

    def one(self, more: int) -> None:
        with self.lock:
            self.many += more


_stuck = _Stuck()


def read_in_time(file: Path, within_s: float) -> bytes | None:
    """Return what is in a file; None where there is none. Raises: TimeoutError where the disk does not give it."""
    if _stuck.many >= STUCK_MOST:
        raise TimeoutError
    content: Future[bytes | None] = Future()
    Thread(target=_read, args=(file, content), daemon=True).start()
    try:
        return content.result(within_s)
    except TimeoutError:
        _stuck.one(+1)
        content.add_done_callback(lambda _: _stuck.one(-1))
        raise


def _read(file: Path, content: "Future[bytes | None]") -> None:
    try:
        content.set_result(file.read_bytes())
    except (OSError, MemoryError):
        content.set_result(None)

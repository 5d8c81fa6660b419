"""One commit for all who write at the same time: a commit waits for the disk, and one wait serves them all.

Nobody is told that something is written before it is on the disk. Who comes first leads: takes everybody's work,
commits it, and hands the lead to one of those who came meanwhile.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Do = Callable[[Any], Any]  # takes a cursor of the driver


def _held() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass
class Work:
    """What one webhook does to the database, and what became of it."""

    do: Do
    result: Any = None
    error: BaseException | None = None
    done: bool = False
    _woken: threading.Lock = field(default_factory=_held)

    def wait(self) -> None:
        """Wait until it is done, or until it is this one's turn to lead."""
        self._woken.acquire()

    def wake(self) -> None:
        """End the wait."""
        self._woken.release()


class GroupCommit:
    """Writes for the threads of a process. commit: runs works in one transaction, and marks each that failed alone."""

    def __init__(self, commit: Callable[[Sequence[Work]], None]) -> None:
        self._commit = commit
        self._lock = threading.Lock()
        self._waiting: list[Work] = []
        self._led = False

    def write(self, do: Do) -> Any:
        """Return what `do` returns, once it is durable. Raises: whatever kept it from that."""
        mine = Work(do)
        with self._lock:
            self._waiting.append(mine)
            leads, self._led = not self._led, True
        if not leads:
            mine.wait()
        if not mine.done:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.result

    def _lead(self) -> None:
        with self._lock:
            works, self._waiting = self._waiting, []
        try:
            self._commit(works)
        except BaseException as error:  # noqa: BLE001 it is everybody's, and each raises it
            for work in works:
                work.error = work.error or error
        with self._lock:
            following = self._waiting[:1]
            self._led = bool(following)
        for work in works:
            work.done = True
            work.wake()  # the leader's own, too: nobody waits for it
        for work in following:
            work.wake()

"""A circuit breaker: who has found the database away spares everybody after them the wait, until it is back.

Source of the pattern: M. Nygard, Release It!, "Circuit Breaker".
"""

import logging
import os
import time
import weakref
from collections.abc import Callable, Collection
from threading import Lock, Thread

from ivr.service_errors import ServiceError

log = logging.getLogger("answerline")
PROBE_EVERY_S = 1.0
_known: "weakref.WeakSet[Breaker]" = weakref.WeakSet()


def in_background(work: Callable[[], None]) -> None:
    """Do it in a thread that ends with the process."""
    Thread(target=work, name="database-probe", daemon=True).start()


class Breaker:
    """Closed while the database answers. Once open, one background thread probes, and nobody else asks it anything.

    probe: raises ServiceError while the database is away. catch_up: is called each time it is back, and where something
    was put aside though it never was away; raises ServiceError where it has gone again. waits: what there is to
    catch up with, of processes that have ended. watcher: is told whether it is open.
    start, pause, now: threads and time, for tests.
    """

    def __init__(
        self,
        probe: Callable[[], None],
        catch_up: Callable[[], None],
        waits: Callable[[], Collection[object]],
        *,
        start: Callable[[Callable[[], None]], None] = in_background,
        pause: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._probe, self._catch_up, self._waits = probe, catch_up, waits
        self._start, self._pause, self._now = start, pause, now
        self.watcher: Callable[[bool], None] = lambda _is_open: None
        self._fresh()
        _known.add(self)

    def _fresh(self) -> None:
        self._lock = Lock()
        self.is_closed, self._is_untried = False, True
        self._opened_at = 0.0
        self._is_working = self._is_wanted = False

    def admits(self) -> bool:
        """Say whether the database may be asked. The first who asks, in each process, looks what others left behind."""
        if self._is_untried:
            with self._lock:
                self.is_closed, self._is_untried = True, False
            if self._waits():
                self.wake()
        elif self._is_wanted and not self._is_working:  # no thread was to be had
            self.wake()
        return self.is_closed

    @property
    def open_s(self) -> float:
        """For how long it has been open, in seconds; 0 while it is closed."""
        return 0.0 if self.is_closed or self._is_untried else self._now() - self._opened_at

    def trip(self, error: ServiceError) -> None:
        """Open it: the database has not answered, or not in time."""
        with self._lock:
            first, self.is_closed, self._is_untried = self.is_closed or self._is_untried, False, False
            if first:
                self._opened_at = self._now()
        if first:
            log.error("%s; callers hear answers without it, and turns wait on disk until it is back", error)
            self.watcher(True)
        self.wake()

    def wake(self) -> None:
        """See that what was put aside is caught up with, as soon as the database is there."""
        with self._lock:
            self._is_wanted = True
            idle, self._is_working = not self._is_working, True
        if idle:
            try:
                self._start(self._work)
            except (RuntimeError, MemoryError) as error:
                self._is_working = False
                log.error("nobody looks whether the database is back: %s; the next webhook tries again", error)  # noqa: TRY400 it says all

    def _work(self) -> None:
        while self._goes_on():
            try:
                if not self.is_closed:
                    self._probe()
                    self._close()
                self._catch_up()
            except ServiceError as error:
                log.debug("the database is still away: %s", error)
                self._later()
            except Exception:
                log.exception("what waits on disk could not be written yet; it is tried again")
                self._later()

    def _goes_on(self) -> bool:
        with self._lock:
            wanted, self._is_wanted = self._is_wanted, False
            self._is_working = wanted
            return wanted

    def _later(self) -> None:
        self._pause(PROBE_EVERY_S)
        with self._lock:
            self._is_wanted = True

    def _close(self) -> None:
        log.warning("the database answers again, after %.1f s", self.open_s)
        with self._lock:
            self.is_closed = True
        self.watcher(False)

    def forked(self) -> None:
        """Begin anew in a child: the threads are the parent's."""
        self._fresh()


def _forked() -> None:
    for breaker in _known:
        breaker.forked()


os.register_at_fork(after_in_child=_forked)

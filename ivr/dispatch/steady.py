"""Whether the clock can be believed: one that jumps must not have people called in the night."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from ivr.clock import Clock

log = logging.getLogger("answerline")
JUMP_S = 120.0  # more than this between two looks is no slow machine
DOUBT_S = 600.0  # how long a clock that has jumped is not believed; time servers need less


def since_boot() -> float:
    """Seconds since the machine started, those in which it slept included where that is known."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class SteadyClock:
    """Compares the clock with one that cannot be set. monotonic: seconds since some moment."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = since_boot) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._seen: tuple[datetime, float] | None = None
        self._doubted_until = float("-inf")

    def is_steady(self) -> bool:
        """Look at the clock, and say whether it has gone evenly for the last minutes."""
        now, passed = self._clock.now(), self._monotonic()
        if self._seen is not None:
            jump_s = (now - self._seen[0]).total_seconds() - (passed - self._seen[1])
            if abs(jump_s) > JUMP_S:
                log.error("the clock has jumped by %.0f s: nobody is rung for %.0f minutes", jump_s, DOUBT_S / 60)
                self._doubted_until = passed + DOUBT_S
        self._seen = now, passed
        return passed >= self._doubted_until

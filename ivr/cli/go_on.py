"""Commands that go on until they are stopped, or until the process is gone that started them."""

import logging
import os
import signal
import time
from collections.abc import Callable

from ivr.services import ServiceError
from ivr.telemetry.metrics import HELPER_FAILURES, HELPER_TURNED, harmless

log = logging.getLogger("answerline")
POLL_S = 5.0
TROUBLE_S = 60.0
GLANCE_S = 1.0
NICE = 10  # of what need not be done this moment: webhooks go first, since a caller is waiting for those


def go_on(
    what: str,
    work: Callable[[], object],
    *,
    poll_s: float = POLL_S,
    trouble_s: float = TROUBLE_S,
    parent: int | None = None,
    beat: Callable[[], None] = lambda: None,
) -> None:
    """Do all that is due, over and over, until a signal. A pass that fails is logged, and there is a next one.

    poll_s: pause between two passes; trouble_s: after one that failed. parent: process without which this one stops.
    beat: is called after each that did not fail.
    """

    def wanted() -> bool:
        return parent is None or os.getppid() == parent

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while wanted():
            done = _did(what, work, beat)
            pause_s = poll_s if done else trouble_s
            _count(what, done=done)
            until = time.monotonic() + pause_s
            while wanted() and (left := until - time.monotonic()) > 0:
                time.sleep(min(left, GLANCE_S))
    except KeyboardInterrupt:
        return


@harmless
def _count(what: str, *, done: bool) -> None:
    HELPER_TURNED.labels(what).set_to_current_time()
    if not done:
        HELPER_FAILURES.labels(what).inc()


def _did(what: str, work: Callable[[], object], beat: Callable[[], None]) -> bool:
    try:
        work()
        beat()
    except ServiceError as error:
        log.warning("%s: %s", what, error)
    except Exception:
        log.exception("%s: a pass has failed", what)
    else:
        return True
    return False

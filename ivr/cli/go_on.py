"""Commands that go on until they are stopped, or until the process is gone that started them."""

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread, get_native_id

from ivr.service_errors import ServiceError
from ivr.telemetry.metrics import HELPER_FAILURES, HELPER_TURNED, harmless

log = logging.getLogger("answerline")
POLL_S = 5.0
TROUBLE_S = 60.0
GLANCE_S = 1.0
NICE = 10  # of what need not be done this moment: webhooks go first, since a caller is waiting for those


@dataclass(frozen=True)
class Loop:
    """Something that is done over and over. A pass that fails is logged, and there is a next one.

    work: does all that is due. poll_s: pause between two passes; trouble_s: after one that failed. gently: webhooks go
    first. beat: is called after each pass that did not fail. counted: what metrics call it, if something else.
    """

    what: str
    work: Callable[[], object]
    poll_s: float = POLL_S
    trouble_s: float = TROUBLE_S
    gently: bool = True
    beat: Callable[[], None] = lambda: None
    counted: str = ""


def go_on(*loops: Loop, parent: int | None = None) -> None:
    """Do all of these, one beside the other, until a signal. parent: process without which this one stops.

    A step that is cut short by the end of the process is no harm: each can be done twice.
    """

    def wanted() -> bool:
        return parent is None or os.getppid() == parent

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    over = Event()
    try:
        if len(loops) == 1:
            _keep_doing(loops[0], over, wanted)
            return
        threads: dict[Loop, Thread] = {}
        while wanted():
            for loop in loops:
                if loop not in threads or not threads[loop].is_alive():
                    if loop in threads:
                        log.error("%s: its thread has died, and is begun again", loop.what)
                    threads[loop] = Thread(target=_keep_doing, args=(loop, over), name=loop.what, daemon=True)
                    threads[loop].start()
            over.wait(GLANCE_S)
    except KeyboardInterrupt:
        return
    finally:
        over.set()


def _keep_doing(loop: Loop, over: Event, wanted: Callable[[], bool] = lambda: True) -> None:
    if loop.gently:
        with suppress(OSError):  # a thread of its own on Linux, the whole process elsewhere
            os.setpriority(os.PRIO_PROCESS, get_native_id(), NICE)
    while not over.is_set() and wanted():
        done = _did(loop)
        _count(loop.counted or loop.what, done=done)
        pause_s = loop.poll_s if done else loop.trouble_s
        until = time.monotonic() + pause_s
        while not over.is_set() and wanted() and (left := until - time.monotonic()) > 0:
            over.wait(min(left, GLANCE_S))


@harmless
def _count(what: str, *, done: bool) -> None:
    HELPER_TURNED.labels(what).set_to_current_time()
    if not done:
        HELPER_FAILURES.labels(what).inc()


def _did(loop: Loop) -> bool:
    try:
        loop.work()
        loop.beat()
    except ServiceError as error:
        log.warning("%s: %s", loop.what, error)
    except Exception:
        log.exception("%s: a pass has failed", loop.what)
    else:
        return True
    return False

"""Commands that go on until they are stopped."""

import logging
import time
from collections.abc import Callable

from ivr.services import ServiceError

log = logging.getLogger("answerline")
POLL_S = 5.0
TROUBLE_S = 60.0  # before the next pass, when one has failed as a whole
NICE = 10  # webhooks go first: a caller is waiting for those


def go_on(work: Callable[[], object], what: str, wanted: Callable[[], bool] = lambda: True) -> None:
    """Do all that is due, over and over. A pass that fails is logged, and there is a next one."""
    while wanted():
        pause_s = POLL_S
        try:
            work()
        except ServiceError as error:
            log.warning("%s: %s", what, error)
            pause_s = TROUBLE_S
        except Exception:
            log.exception("%s: a pass has failed", what)
            pause_s = TROUBLE_S
        until = time.monotonic() + pause_s
        while wanted() and time.monotonic() < until:
            time.sleep(1)

"""A question that may take so long and no longer, and is not asked again too soon."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from threading import Lock, Thread
from typing import Generic, TypeVar

from ivr.service_errors import ServiceError

Answer = TypeVar("Answer")


class Bounded(Generic[Answer]):
    """Asks in a thread of its own, one at a time: whoever does not answer holds one thread, however often it is asked.

    within_s: longest wait for an answer. kept_s: how long one is good. now: seconds since some moment.
    """

    def __init__(
        self,
        ask: Callable[[], Answer],
        within_s: float,
        kept_s: float = 0.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._within_s, self._kept_s, self._now = ask, within_s, kept_s, now
        self._lock = Lock()
        self._asked: Future[Answer] | None = None
        self._answered_at = float("-inf")

    def __call__(self) -> Answer:
        """Return the answer, or the last one while that is good.

        Raises: ServiceError where there is none in time, and whatever the question raises.
        """
        with self._lock:
            asked = self._asked
            if asked is None or (asked.done() and self._now() - self._answered_at >= self._kept_s):
                asked = self._asked = Future[Answer]()
                try:
                    Thread(target=self._run, args=(asked,), daemon=True).start()
                except RuntimeError as error:  # no thread is to be had: who asks later tries again
                    self._asked = None
                    raise ServiceError(f"nobody can be asked: {error}") from error
        try:
            return asked.result(self._within_s)
        except LateError:
            raise ServiceError(f"no answer within {self._within_s:g} s") from None

    def _run(self, asked: Future[Answer]) -> None:
        try:
            answer = self._ask()
        except BaseException as error:  # noqa: BLE001 it is raised where the answer is waited for
            self._answered_at = self._now()
            asked.set_exception(error)
        else:
            self._answered_at = self._now()
            asked.set_result(answer)

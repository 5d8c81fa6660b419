"""Sends what waits in the outbox: at least once. Why not exactly once: decision 36.

Killed at any moment, no text is lost: it waits until the database says that the carrier has taken it. One that was
handed over just before is handed over again, word for word the same.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from ivr.call import masked
from ivr.clock import Clock
from ivr.db.text_queue import TextQueue, TextTask
from ivr.service_errors import RefusedError, ServiceError

log = logging.getLogger("answerline")
UNSUBSCRIBED = 21610  # https://www.twilio.com/docs/api/errors/21610


class Texts(Protocol):
    """The carrier."""

    def send(self, *, to: str, from_: str, body: str) -> str:
        """Hand over a text, and return the carrier's name of it.

        to, from_: E.164. Raises: RefusedError for one that is refused for good; UnknownOutcomeError where it may have
        gone out; else ServiceError.
        """
        ...


@dataclass(frozen=True)
class Worker:
    """Does what the queue hands out. sender: number that texts come from. days: how long a text is remembered."""

    queue: TextQueue
    texts: Texts
    clock: Clock
    sender: str
    days: int

    def run(self) -> int:
        """Send everything that is due now, and return how many texts were tried."""
        self.queue.forget(self.clock.now() - timedelta(days=self.days))
        tried = 0
        while (task := self.queue.claim()) is not None:
            tried += 1
            self._send(task)
        return tried

    def _send(self, task: TextTask) -> None:
        whom = masked(task.to)
        try:
            sid = self.texts.send(to=task.to, from_=self.sender, body=task.body)
        except RefusedError as error:
            if error.code == UNSUBSCRIBED:
                self.queue.refused_by_receiver(task, _told(task, error))
                log.info("text %s to %s: its receiver has said STOP; nothing more is sent there", task.id, whom)
                return
            self.queue.dead(task, _told(task, error))
            log.warning("text %s to %s: %s; not tried again", task.id, whom, _told(task, error))
        except ServiceError as error:
            self.queue.failed(task, _told(task, error))
            log.warning("text %s to %s: %s", task.id, whom, _told(task, error))
        else:
            self.queue.sent(task, sid)
            log.info("text %s to %s is sent", task.id, whom)


def _told(task: TextTask, error: ServiceError) -> str:
    return str(error).replace(task.to, masked(task.to))  # whatever a carrier repeats

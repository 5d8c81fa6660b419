"""Sends what waits in the outbox of events: at least once, in order for each account.

Killed at any moment, no event is lost: it waits until the database says that its receiver has taken it. One that was
handed over just before is handed over again, with the same `webhook-id` and the same body.
"""

import logging
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from ivr.db.event_queue import EventQueue, EventTask
from ivr.delivery.receiver import GoneError, NotTakenError

log = logging.getLogger("answerline")


class Takes(Protocol):
    """Whoever is told."""

    def send(self, event_id: str, body: str) -> None:
        """Hand over an event. Raises: NotTakenError, GoneError."""
        ...


@dataclass(frozen=True)
class Worker:
    """Does what the queue of one address hands out."""

    queue: EventQueue
    receiver: Takes

    def run(self) -> int:
        """Send everything that is due now, and return how many events were tried."""
        tried = 0
        while (task := self.queue.claim()) is not None:
            tried += 1
            self._send(task)
        return tried

    def _send(self, task: EventTask) -> None:
        whom = urlsplit(self.queue.endpoint).hostname
        try:
            self.receiver.send(task.event_id, task.body)
        except GoneError as error:
            self.queue.gone(task, str(error))
            log.warning("event %s to %s: %s; nothing more is sent until `flask events replay`", task.id, whom, error)
        except NotTakenError as error:
            self.queue.failed(task, str(error), error.wait_s)
            log.warning("event %s (%s) to %s: %s", task.id, task.type, whom, error)
        else:
            self.queue.sent(task)
            log.info("event %s (%s) to %s is taken", task.id, task.type, whom)

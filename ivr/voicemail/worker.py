"""Brings messages in: one step of one message at a time, each of which can be done twice without harm.

Killed at any moment, nothing is lost: the sound stays with the carrier until ours is whole and durable and the
database says so, and a step that was begun is done again when its claim has run out.
"""

import logging
from dataclasses import dataclass
from typing import Protocol, assert_never

from ivr.call import masked
from ivr.carrier.errors import NotThereError
from ivr.clock import Clock
from ivr.db.voicemail_queue import Step, Task, VoicemailQueue
from ivr.service_errors import ServiceError
from ivr.voicemail.ear import Ear, listen
from ivr.voicemail.storage import Storage
from ivr.voicemail.wav import check_wav

log = logging.getLogger("answerline")
GONE_AFTER = 3  # times that the carrier does not know a recording we never saw, before it counts as deleted
DEAF_AFTER = 3  # times that writing down fails, before nobody tries any more


class Recordings(Protocol):
    """Recordings at the carrier. Both methods raise NotThereError, or ServiceError where it cannot be reached."""

    def fetch(self, sid: str) -> bytes:
        """Return a recording as a WAV file."""
        ...

    def delete(self, sid: str) -> None:
        """Delete a recording."""
        ...


@dataclass(frozen=True)
class Worker:
    """Does what the queue hands out. ear: writes messages down; None where no recognizer is installed."""

    queue: VoicemailQueue
    recordings: Recordings
    storage: Storage
    clock: Clock
    ear: Ear | None = None

    def run(self) -> int:
        """Do everything that is due now, and return how many steps were done."""
        steps = 0
        while (task := self.queue.claim()) is not None:
            steps += 1
            try:
                self._do(task)
            except ServiceError as error:
                log.warning("message %s of %s: %s: %s", task.id, masked(task.caller), task.step.name.lower(), error)
                self.queue.failed(task, str(error))
        return steps

    def _do(self, task: Task) -> None:
        match task.step:
            case Step.FETCH:
                self._fetch(task)
            case Step.DELETE_AT_CARRIER:
                self._delete_at_carrier(task)
                self.queue.done(task, deleted_at_carrier=self.clock.now())
            case Step.ERASE:
                self._erase(task)
                self.queue.done(task, stored=None, transcript=None)
            case Step.TRANSCRIBE:
                self.queue.done(task, transcript=self._words(task))
            case Step.EXPIRE:
                if task.on_carrier:
                    self._delete_at_carrier(task)
                self._erase(task)
                self.queue.done(task)
                log.info("message %s: its time is over", task.id)
            case Step.NONE:
                self.queue.done(task)
            case _ as never:
                assert_never(never)

    def _fetch(self, task: Task) -> None:
        content = self.recordings.fetch(task.recording_sid)
        check_wav(content)
        name = f"{task.at:%Y-%m}/{task.recording_sid}.wav"
        self.storage.write(name, content)
        self.queue.done(task, stored=name, fetched_at=self.clock.now())
        log.info("message %s of %s is here, %s bytes", task.id, masked(task.caller), len(content))

    def _delete_at_carrier(self, task: Task) -> None:
        try:
            self.recordings.delete(task.recording_sid)
        except NotThereError:
            if task.stored is None and task.failures < GONE_AFTER:
                raise  # we never saw it: it may still be written

    def _erase(self, task: Task) -> None:
        if task.stored is not None:
            self.storage.remove(task.stored)

    def _words(self, task: Task) -> str:
        """Write a message down; '' in the end where that fails, since the sound is there to be heard."""
        if self.ear is None or task.stored is None or task.failures >= DEAF_AFTER:
            return ""
        content = self.storage.read(task.stored)
        try:
            return listen(self.ear, content)
        except Exception as error:  # whatever a recognizer throws, the next message must not wait for it
            raise ServiceError(f"it could not be written down: {type(error).__name__}") from error


def steps_for(ear: Ear | None) -> frozenset[Step]:
    """Return the steps that a worker with, or without, a recognizer can do."""
    return frozenset(Step) - (frozenset() if ear else {Step.TRANSCRIBE})

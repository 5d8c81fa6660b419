"""A real process is killed (SIGKILL) after an event was taken and before that is written down: the same comes again."""

import os
import signal
from datetime import datetime
from pathlib import Path

from databases import FakeClock, backend, clock, engine, url
from forked import Forked
from told import HERE, happens, rows

from ivr.db.claims import LEASE_S
from ivr.db.database import open_database
from ivr.db.event_queue import EventQueue
from ivr.delivery.worker import Worker
from ivr.events import EventState

__all__ = ["backend", "clock", "engine", "url"]


class Notebook:
    """Takes events into a file, which no death of ours can reach."""

    def __init__(self, path, *, dies=False):
        self.path, self.dies = path, dies

    def send(self, event_id, body):
        with Path(self.path).open("a") as file:
            file.write(f"{event_id} {body}\n")
            file.flush()
            os.fsync(file.fileno())
        if self.dies:
            os.kill(os.getpid(), signal.SIGKILL)


def sends(words):
    url, path, at = words
    queue = EventQueue(open_database(url), FakeClock(datetime.fromisoformat(at)), HERE)
    Worker(queue, Notebook(path, dies=True)).run()


def test_what_was_taken_and_not_written_down_comes_again_the_same(url, engine, clock, tmp_path):
    taken = tmp_path / "taken"
    happens(engine, clock)
    assert Forked(url, str(taken), clock.now().isoformat(), env=os.environ, does=sends).wait(60) == -signal.SIGKILL
    worker = Worker(EventQueue(engine, clock, HERE), Notebook(taken))
    assert worker.run() == 0, "it is claimed"
    clock.passes(seconds=LEASE_S)
    assert worker.run() == 1
    first, second = taken.read_text().splitlines()
    assert first == second
    assert rows(engine)[0].state is EventState.SENT

"""A real process is killed (SIGKILL) before and after each thing the worker does; no text is lost, whatever happens."""

import os
import signal
from datetime import datetime
from pathlib import Path

import pytest
from databases import FakeClock
from forked import Forked

from ivr.db.claims import LEASE_S
from ivr.db.database import open_database
from ivr.db.text_queue import TextQueue
from ivr.texts.worker import Worker


class Mortal:
    """Dies before or after the next thing that is asked of it, once its life is used up."""

    def __init__(self, inner, life):
        self.inner, self.life = inner, life

    def goes_on(self):
        self.life[0] -= 1
        if self.life[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def __getattr__(self, name):
        def call(*arguments, **named):
            self.goes_on()
            result = getattr(self.inner, name)(*arguments, **named)
            self.goes_on()
            return result

        return call


class Carrier:
    """Writes what is handed over to a file, one text a line: no death of ours can reach it."""

    def __init__(self, path):
        self.path = path

    def send(self, *, to, from_, body):  # noqa: ARG002 a carrier's arguments
        with Path(self.path).open("a") as file:
            file.write(f"{to} {body}\n")
            file.flush()
            os.fsync(file.fileno())
        return "SM1"


def sends(words):
    """Send what there is, in a process of its own, for so long a life."""
    url, carrier, at, steps = words
    clock, life = FakeClock(datetime.fromisoformat(at)), [int(steps)]
    queue = TextQueue(open_database(url), clock)
    Worker(Mortal(queue, life), Mortal(Carrier(carrier), life), clock, "+18005550100", 90).run()


@pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True)
def test_nothing_is_lost_and_nothing_is_sent_after_it_is_noted(url, put, kept, worker, tmp_path):
    sent, deaths, doubled = tmp_path / "sent", 0, 0
    while True:
        sent.write_text("")
        put(f"CA{deaths}/x", to=f"+1415555{1000 + deaths}")
        arguments = [url, str(sent), worker.clock.now().isoformat(), str(deaths)]
        code = Forked(*arguments, env=os.environ, does=sends).wait(30)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        deaths += 1
        state, lines = kept()[-1]["state"], sent.read_text().splitlines()
        assert state == ("sent" if deaths > 7 else "waiting")
        if state == "waiting":
            worker.clock.passes(seconds=LEASE_S)
            doubled += bool(lines) and worker.run() == 1
            worker.run()
            assert kept()[-1]["state"] == "sent"
        assert worker.run() == 0
        assert len(sent.read_text().splitlines()) <= 1
    assert deaths == 10, "forget; claim, send, sent; claim: before and after each"
    assert doubled == 2, "after it was sent, before that was noted"

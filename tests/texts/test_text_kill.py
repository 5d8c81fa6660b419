"""A real process is killed (SIGKILL) before and after each thing the worker does; no text is lost, whatever happens."""

import signal
import subprocess
import sys
from pathlib import Path

from ivr.db.claims import LEASE_S

HERE = Path(__file__).parent
# What is handed over is written to a file, one text a line: a carrier that no death of ours can reach.
PROGRAM = """
import os, signal, sys
from datetime import datetime
from ivr.db.database import open_database
from ivr.db.text_queue import TextQueue
from ivr.texts.worker import Worker

url, carrier, at, life = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3]), int(sys.argv[4])

def goes_on():
    global life
    life -= 1
    if life < 0:
        os.kill(os.getpid(), signal.SIGKILL)

class Mortal:
    def __init__(self, inner):
        self.inner = inner
    def __getattr__(self, name):
        def call(*arguments, **named):
            goes_on()
            result = getattr(self.inner, name)(*arguments, **named)
            goes_on()
            return result
        return call

class Carrier:
    def send(self, *, to, from_, body):
        with open(carrier, "a") as file:
            file.write(f"{to} {body}\\n")
            file.flush()
            os.fsync(file.fileno())
        return "SM1"

class Clock:
    def now(self):
        return at

Worker(Mortal(TextQueue(open_database(url), Clock())), Mortal(Carrier()), Clock(), "+18005550100", 90).run()
"""


def test_nothing_is_lost_and_nothing_is_sent_after_it_is_noted(url, put, kept, worker, tmp_path):
    sent, deaths, doubled = tmp_path / "sent", 0, 0
    while True:
        sent.write_text("")
        put(f"CA{deaths}/x", to=f"+1415555{1000 + deaths}")
        arguments = [url, str(sent), worker.clock.now().isoformat(), str(deaths)]
        done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], cwd=HERE.parent.parent, check=False)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
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

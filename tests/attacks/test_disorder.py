"""Webhooks that come twice, late, in another order or never; clocks that jump; disks that are full."""

import json
import os
import random
import resource
import signal
from datetime import timedelta
from threading import Thread

import pytest
from cancel_path import PIN, YES, CancelPath, ToFile, code_in, in_a_child
from databases import backend, migrated_url
from forked import Forked
from once import wait_for_no_disk
from tables import show

from ivr.db.claims import LEASE_S

__all__ = ["backend"]
DISORDER = ("duplicated", "delayed", "reordered", "dropped", "at once", "clock jumps")
JUMPS = (timedelta(days=-400), timedelta(days=-1), timedelta(hours=-1), timedelta(seconds=90), timedelta(days=2))


class Carrier:
    """Delivers the webhooks of one call as a bad network would; remembers which codes were heard for which webhook."""

    def __init__(self, path, dice):
        self.path, self.dice, self.call, self.heard = path, dice, path.call(), {}
        self.late, self.did = [], dict.fromkeys(DISORDER, 0)
        self.now = path.clock.time

    def lives(self):
        """Confirm, among whatever else comes; in the end everything that is late has come as well."""
        self.deliver(self.call["path"], YES)
        for _ in range(self.dice.randrange(3, 9)):
            getattr(self, f"_{self.dice.choice(DISORDER).replace(' ', '_')}")()
        for path, digits in self.late:
            self.deliver(path, digits)
        self.path.clock.time = self.now
        return self

    def deliver(self, path, digits, answers=None):
        answer = self.path.post(path, self.call["sid"], digits)
        if "turn=5" in path and answers is None and (code := code_in(answer)):
            self.heard.setdefault(path, set()).add(code)
        if answers is not None:
            answers.append(code_in(answer))

    def _duplicated(self):
        self.did["duplicated"] += 1
        for _ in range(2):
            self.deliver(self.call["path"], YES)

    def _delayed(self):
        self.did["delayed"] += 1
        self.late.append((self.call["path"], YES))

    def _reordered(self):
        """Webhooks of earlier waits come after later ones, with what was keyed then, or with something else."""
        self.did["reordered"] += 1
        for turn, digits in self.dice.sample([(4, PIN), (5, "1#"), (5, YES), (6, "1"), (1, "3")], 3):
            node = {1: "main/menu", 4: "verify/pin", 5: "cancel_trial/confirm", 6: "cancel_trial/cancelled"}[turn]
            self.deliver(f"/voice/{node}?turn={turn}", digits)

    def _dropped(self):
        """The answer is lost on its way: nobody has heard it, and the carrier asks at the fallback address."""
        self.did["dropped"] += 1
        self.path.post(self.call["path"], self.call["sid"], YES)
        self.path.post("/voice/fallback", self.call["sid"])

    def _at_once(self):
        self.did["at once"] += 1
        answers = []
        threads = [Thread(target=self.deliver, args=(self.call["path"], YES, answers)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.heard.setdefault(self.call["path"], set()).update(filter(None, answers))

    def _clock_jumps(self):
        self.did["clock jumps"] += 1
        self.path.clock.time = self.now + self.dice.choice(JUMPS)


def histories(url, folder, number, seed):
    """Live through so many histories; returns how often each disorder came, and what was wrong."""
    path, dice = CancelPath(url, folder), random.Random(seed)
    did, wrong = dict.fromkeys(DISORDER, 0), []
    sent = ToFile(folder / "sent", path.points)
    for _ in range(number):
        carrier = Carrier(path, dice).lives()
        codes = {code for heard in carrier.heard.values() for code in heard}
        path.clock.passes(seconds=LEASE_S + 1)
        path.send(sent)
        found = path.wrong(carrier.call, next(iter(codes), None), exactly_once=True)
        found += [f"several codes: {codes}"] if len(codes) > 1 else []
        taken = sent.taken(carrier.call["phone"])
        found += [f"{len(taken)} texts"] if len(taken) != 1 else []
        wrong += found
        for kind, times in carrier.did.items():
            did[kind] += times
    path.engine.dispose()
    return did, wrong


@pytest.mark.attack
def test_many_calls_in_disorder(backend, tmp_path):
    did, wrong = histories(migrated_url(backend, tmp_path), tmp_path, 150, seed=8)
    heads = ("calls", *DISORDER, "changes lost, doubled or told wrongly")
    show(f"4. Webhooks in disorder, and clocks, {backend}", heads, [(150, *did.values(), len(wrong))])
    assert wrong == []
    assert min(did.values()) > 100


def test_some_calls_in_disorder(tmp_path):
    did, wrong = histories(migrated_url("sqlite", tmp_path), tmp_path, 12, seed=4)
    assert wrong == []
    assert min(did.values()) > 0


def fills(words):
    """Confirm calls on a disk that has room for so many bytes more than the log holds, until there is room enough."""
    url, folder, results, step = words
    wait_for_no_disk()
    path = CancelPath(url, folder)
    log, sent = path.folder / "test.db-wal", ToFile(path.folder / "sent", path.points)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    rows, room = [], 0
    while True:
        call, heard = path.call(), path.folder / "heard"
        heard.unlink(missing_ok=True)
        path.engine.dispose()
        with path.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

        def confirms(call=call, heard=heard, room=room):
            heard.write_text("-" * 10)  # its place on the disk
            most = max(room, 10)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
            code, answer = None, path.post(call["path"], call["sid"], YES)
            code = code_in(answer)
            helped = "<Dial" in answer or "<Gather" in answer  # a person, or the main menu in words
            heard.write_text(f"{code or ('helped' if helped else 'silence')}")

        in_a_child(path, confirms)
        told = heard.read_text()
        code = told if told.isdecimal() else None
        wrong = path.wrong(call, code) + ([] if code or told == "helped" else [f"the caller hears {told}"])
        again = path.confirm(call)
        wrong += [] if again == code or not code else ["asked again, something else is heard"]
        path.send(sent)
        wrong += path.wrong(call, again, exactly_once=bool(again))  # or the failure was written down, and is told again
        rows.append({"room": room, "heard": "the code" if code else told, "wrong": wrong})
        if code:
            break
        room += int(step)
    (path.folder / results).write_text(json.dumps([rows, log.exists()]))


def filled(folder, step):
    (folder / "errors").touch()
    words = (migrated_url("sqlite", folder), str(folder), "results", str(step))
    process = Forked(*words, env=os.environ, does=fills, stderr=folder / "errors")
    assert process.wait(300) == 0, (folder / "errors").read_text()
    return json.loads((folder / "results").read_text())[0]


@pytest.mark.attack
def test_a_disk_that_is_full_at_every_page(tmp_path):
    rows = filled(tmp_path, 2048)
    table = [(row["room"], row["heard"], "; ".join(row["wrong"]) or "-") for row in rows]
    show("4. Disk full: room for so many bytes of log (RLIMIT_FSIZE), SQLite", ("room", "heard", "wrong"), table)
    assert [row for row in rows if row["wrong"]] == []
    assert len(rows) > 5


def test_a_disk_that_is_full(tmp_path):
    rows = filled(tmp_path, 40_000)
    assert [row for row in rows if row["wrong"]] == []
    assert {row["heard"] for row in rows} == {"helped", "the code"}

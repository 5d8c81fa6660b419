"""The outbox against a small model of its rules, with a carrier that fails and workers that die at any moment."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest
from databases import FakeClock, migrated_url
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ivr.db.claims import LEASE_S
from ivr.db.database import open_database
from ivr.db.history import list_texts
from ivr.db.outbox import SqlOutbox
from ivr.db.text_queue import TextQueue
from ivr.service_errors import RefusedError, ServiceError, UnknownOutcomeError
from ivr.text import Purpose, StopSource, Text, Texting
from ivr.text_numbers import textable
from ivr.texts.worker import Worker

NUMBERS = ["+14155550111", "+14155550112"]
CAPS = {Purpose.ANSWER: 3, Purpose.CHANGE: 10}
DAY = timedelta(hours=24)
FAULTS = ["", "away", "lost", "stopped there", "killed before", "killed after"]


class Killed(BaseException):
    """The process is gone."""


class Carrier:
    """Does as the next fault says. taken: keys of the texts that it has, by their bodies, as often as it has them."""

    def __init__(self):
        self.taken, self.faults, self.unsubscribed = [], [], set()

    def send(self, *, to, from_, body):
        assert from_ == "+18005550100"
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "killed before":
            raise Killed
        if fault == "away":
            raise ServiceError("away")
        if fault == "stopped there":
            self.unsubscribed.add(to)
            raise RefusedError(21610, "unsubscribed")
        self.taken.append((to, body))
        if fault == "lost":
            raise UnknownOutcomeError("no answer")
        if fault == "killed after":
            raise Killed
        return f"SM{len(self.taken)}"


def outbox_machine(folder):  # noqa: C901 hypothesis wants a class, and the class a folder
    serial = count()

    class Outbox(RuleBasedStateMachine):
        @initialize()
        def begins(self):
            place = folder / str(next(serial))
            place.mkdir()
            self.clock, self.carrier = FakeClock(), Carrier()
            self.engine = open_database(migrated_url("sqlite", place))
            self.outbox = SqlOutbox(self.engine, self.clock, partial(textable, countries={"US"}))
            self.worker = Worker(TextQueue(self.engine, self.clock), self.carrier, self.clock, "+18005550100", 90)
            self.written: dict[str, tuple[str, Purpose, datetime]] = {}
            self.stopped: dict[str, int] = {}  # how much the carrier had taken for that number by then

        @rule(key=st.integers(0, 30), purpose=st.sampled_from(Purpose))
        def put(self, key, purpose):
            to = NUMBERS[key % 2]
            name, now = f"{purpose.value}/{key}", self.clock.now()
            today = [at for t, p, at in self.written.values() if (t, p) == (to, purpose) and now - at < DAY]
            expected = Texting.POSSIBLE
            if name not in self.written:
                if to in self.stopped:
                    expected = Texting.STOPPED
                elif len(today) >= CAPS[purpose]:
                    expected = Texting.ENOUGH
                else:
                    self.written[name] = (to, purpose, now)
            assert self.outbox.put(Text(name, to, name, purpose, "CA1")) is expected

        @rule(number=st.sampled_from(NUMBERS))
        def stop(self, number):
            self.outbox.stop(number, StopSource.REPLY)
            self.stopped.setdefault(number, self.taken_for(number))

        @rule(number=st.sampled_from(NUMBERS))
        def start(self, number):
            self.outbox.resume(number)
            self.stopped.pop(number, None)

        @rule(faults=st.lists(st.sampled_from(FAULTS), max_size=6))
        def work(self, faults):
            self.carrier.faults = list(faults)
            with suppress(Killed):
                self.worker.run()
            self.carrier.faults = []
            for number in self.carrier.unsubscribed:
                self.stopped.setdefault(number, self.taken_for(number))
            self.carrier.unsubscribed.clear()

        @rule(seconds=st.sampled_from([30, int(LEASE_S), 3600, 30_000]))
        def time_passes(self, seconds):
            self.clock.passes(seconds=seconds)

        def taken_for(self, number):
            return sum(to == number for to, _ in self.carrier.taken)

        @invariant()
        def what_was_promised_is_kept_once(self):
            if not hasattr(self, "engine"):
                return
            rows = list_texts(self.engine)
            assert sorted(row["body"] for row in rows) == sorted(self.written)
            for row in rows:
                if row["state"] == "sent":
                    assert (row["to"], row["body"]) in self.carrier.taken
                if row["state"] == "waiting":
                    assert row["next_try_at"], "it would never be looked at again"
                    assert row["to"] not in self.stopped
            assert {body for _, body in self.carrier.taken} <= set(self.written)

        @invariant()
        def nothing_goes_to_who_has_stopped(self):
            for number, taken in getattr(self, "stopped", {}).items():
                assert self.taken_for(number) == taken

        def teardown(self):
            """In the end, with a carrier that is well, everything that still waits arrives."""
            if not hasattr(self, "engine"):
                return
            for _ in range(10):
                self.clock.passes(hours=9)
                self.worker.run()
            for row in list_texts(self.engine):
                assert row["state"] in {"sent", "suppressed", "dead"}
                assert (row["state"] == "dead") <= (row["attempts"] == 8)
            self.engine.dispose()

    return Outbox


@pytest.mark.parametrize("examples", [10, pytest.param(60, marks=pytest.mark.slow)])
def test_the_outbox_keeps_its_rules(tmp_path, examples):
    run_state_machine_as_test(
        outbox_machine(tmp_path),
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""Histories of receivers that say no, workers that die, and several at once: none lost, in order, at least once."""

from contextlib import suppress
from itertools import count

import pytest
from databases import FakeClock, migrated_url
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from told import HERE, Killed, happens, rows

from ivr.db.claims import LEASE_S
from ivr.db.database import open_database
from ivr.db.event_queue import EventQueue
from ivr.db.models.events import EventRow
from ivr.delivery.receiver import GoneError, NotTakenError
from ivr.delivery.worker import Worker
from ivr.events import EventState

FAULTS = ["", "", "no", "rests", "gone", "killed before", "killed after", "another worker at once"]
STEPS = st.one_of(
    st.sampled_from(["1", "2"]).map(lambda account: ("happens", account)),
    st.lists(st.sampled_from(FAULTS), max_size=5).map(lambda faults: ("work", faults)),
    st.sampled_from([6, 40, int(LEASE_S) + 1, 90_000]).map(lambda seconds: ("passes", seconds)),
)


class History:
    """A line with two accounts, and a receiver that does as the next fault says."""

    def __init__(self, engine, number):
        self.engine, self.clock, self.endpoint = engine, FakeClock(), f"{HERE}/{number}"
        self.happened = {"1": [], "2": []}
        self.taken, self.faults, self.ids = [], [], {}

    def worker(self):
        return Worker(EventQueue(self.engine, self.clock, self.endpoint), self)

    def send(self, event_id, body):
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "another worker at once":
            self.worker().run()
        if fault == "killed before":
            raise Killed
        if fault == "no":
            raise NotTakenError("no")
        if fault == "rests":
            raise NotTakenError("later", 60.0)
        if fault == "gone":
            raise GoneError("gone")
        self.note(event_id, body)
        if fault == "killed after":
            raise Killed

    def note(self, event_id, body):
        """Take an event: whatever happened to its account before has been taken, or was given up."""
        known = {row.event_id: row for row in self.rows()}
        key = known[event_id].key
        assert self.ids.setdefault(key, (event_id, body)) == (event_id, body)
        account = known[event_id].account_id
        given_up = {row.key for row in known.values() if row.state is EventState.DEAD}
        before = self.happened[account][: self.happened[account].index(key)]
        assert set(before) <= given_up | set(self.taken), (before, key)
        self.taken.append(key)

    def rows(self):
        return rows(self.engine, EventRow.endpoint == self.endpoint)

    def step(self, what, value):
        match what:
            case "happens":
                self.happened[value].append(happens(self.engine, self.clock, value, [self.endpoint]))
            case "passes":
                self.clock.passes(seconds=value)
            case _:
                self.faults = list(value)
                with suppress(Killed):
                    self.worker().run()
                self.faults = []

    def ends(self):
        """Everybody is well in the end: what was not given up, and no address refused, has arrived."""
        for _ in range(3):
            self.clock.passes(days=1)
            self.worker().run()
        found = self.rows()
        assert [row.key for row in found if row.account_id == "1"] == self.happened["1"]
        disabled = any(row.error == "gone" for row in found)
        for row in found:
            assert (row.key in self.taken) or (row.state is EventState.DEAD) or disabled
            assert row.state is not EventState.SENT or row.key in self.taken


@pytest.mark.parametrize(("backend", "many"), [("sqlite", 15), ("postgresql", 8)])
def test_none_is_lost_each_account_is_in_order_and_each_event_arrives_at_least_once(tmp_path, backend, many):
    engine, serial = open_database(migrated_url(backend, tmp_path)), count()

    @settings(max_examples=many, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(STEPS, min_size=4, max_size=20))
    def histories(steps):
        history = History(engine, next(serial))
        for step in steps:
            history.step(*step)
        history.ends()

    histories()
    engine.dispose()

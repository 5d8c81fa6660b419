"""Lockout against a small model of the rules, written from the rules and not from the code."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from databases import FakeClock, QuickHasher, add_account, migrated_url
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from ivr.db.accounts import SqlAccounts
from ivr.db.database import open_database
from ivr.db.pins import UNTIL_UNLOCKED, SqlPins
from ivr.pins import PinResult, PinTry

DAY = timedelta(hours=24)
PHONES = ["+14155550111", "+14155550112", "anonymous"]


class Model:
    """The rules in the plainest form: every failure is remembered with its call."""

    def __init__(self) -> None:
        self.day: dict[str, list[datetime]] = {}
        self.total: dict[str, list[str]] = {}
        self.locked: dict[str, datetime] = {}
        self.step: dict[str, int] = {}
        self.callers: dict[str, list[datetime]] = {}
        self.closed_callers: dict[str, datetime] = {}
        self.calls: dict[str, int] = {}

    def tries(self, account: str | None, caller: str, call: str, now: datetime, *, right: bool) -> PinResult:
        wrong_so_far = self.calls.get(call, 0)
        answer = PinResult.SPENT if wrong_so_far >= 2 else PinResult.WRONG
        looked_at = wrong_so_far < 3 and not self.caller_closed(caller, now)
        account_open = account is not None and self.locked.get(account, now) <= now
        if looked_at and account_open and right:
            self.day[account] = []
            self.total[account] = [c for c in self.total.get(account, []) if c != call]
            return PinResult.CORRECT
        self.calls[call] = wrong_so_far + 1
        if looked_at and caller.startswith("+"):
            recent = [at for at in self.callers.get(caller, []) if now - at < DAY] + [now]
            self.callers[caller] = recent
            if len(recent) >= 6:
                self.closed_callers[caller] = now
        if looked_at and account_open:
            self.fails(account, call, now)
        return answer

    def caller_closed(self, caller: str, now: datetime) -> bool:
        return caller in self.closed_callers and now - self.closed_callers[caller] < DAY

    def fails(self, account: str, call: str, now: datetime) -> None:
        self.total.setdefault(account, []).append(call)
        recent = [at for at in self.day.get(account, []) if now - at < DAY] + [now]
        self.day[account] = recent
        if len(self.total[account]) >= 20:
            self.locked[account] = UNTIL_UNLOCKED
        elif len(recent) >= 5:
            self.step[account] = 1 if len(recent) == 5 else self.step[account] + 1
            self.locked[account] = now + timedelta(hours=[0.5, 1, 4, 24][min(self.step[account], 4) - 1])

    def unlock(self, account: str) -> None:
        self.day[account], self.total[account] = [], []
        self.locked.pop(account, None)


def lockout_machine(folder):  # noqa: C901 hypothesis wants a class, and the class a folder
    serial = count()

    class Lockout(RuleBasedStateMachine):
        @initialize()
        def begins(self):
            self.clock, hasher = FakeClock(), QuickHasher("pepper")
            place = folder / str(next(serial))
            place.mkdir()
            self.engine = open_database(migrated_url("sqlite", place))
            self.ids = [add_account(self.engine, hasher, f"7000001{n}") for n in range(2)]
            self.pins = SqlPins(self.engine, SqlAccounts(self.engine, hasher, self.clock), self.clock, "pepper")
            self.model, self.turns = Model(), count()

        def attempt(self, account, caller, call, *, right):
            account_id = self.ids[account] if account is not None else None
            sid = call or f"CA{next(self.turns)}"
            attempt = PinTry(account_id, caller, sid, f"{sid}/{next(self.turns)}")
            expected = self.model.tries(account_id, caller, sid, self.clock.now(), right=right)
            assert self.pins.check(attempt, "204816" if right else "931507") is expected
            closed = self.model.caller_closed(caller, self.clock.now())
            assert self.pins.spent(sid, caller) == (closed or self.model.calls.get(sid, 0) >= 3)

        @rule(
            account=st.sampled_from([0, 0, 0, 1, None]),
            caller=st.sampled_from(PHONES),
            call=st.sampled_from([None, None, None, "CAx", "CAy"]),
            right=st.booleans(),
        )
        def tries(self, account, caller, call, right):
            self.attempt(account, caller, call, right=right)

        @rule(times=st.integers(2, 7))
        def is_attacked(self, times):
            for _ in range(times):
                self.attempt(0, "anonymous", None, right=False)

        @rule(hours=st.sampled_from([0.25, 0.5, 1, 4, 12, 24, 25]))
        def waits(self, hours):
            self.clock.passes(hours=hours)

        @rule(account=st.sampled_from([0, 1]))
        def staff_unlock(self, account):
            self.pins.unlock(self.ids[account])
            self.model.unlock(self.ids[account])

        @rule()
        def staff_look(self):
            for account_id in self.ids:
                until = self.model.locked.get(account_id)
                shown = until if until and until > self.clock.now() else None
                assert self.pins.locked_until(account_id, self.clock.now()) == shown

        def teardown(self):
            self.engine.dispose()

    return Lockout


@pytest.mark.parametrize("examples", [6, pytest.param(60, marks=pytest.mark.slow)])
def test_lockout_follows_the_rules(tmp_path, examples):
    run_state_machine_as_test(
        lockout_machine(tmp_path),
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )

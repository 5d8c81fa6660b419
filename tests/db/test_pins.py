import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import at_once
import pytest
from databases import add_account
from forked import together
from sqlalchemy import text

from ivr.db.accounts import SqlAccounts
from ivr.db.base import Base
from ivr.db.database import open_database, reading
from ivr.db.pins import UNTIL_UNLOCKED, SqlPins
from ivr.db.postgresql import Waits
from ivr.pins import PinResult, PinTry
from ivr.service_errors import ServiceError

RIGHT, BAD = "204816", "931507"
CORRECT, WRONG, SPENT = PinResult.CORRECT, PinResult.WRONG, PinResult.SPENT
ANN = "+14155550111"
STRANGERS = ("+19995550100", "anonymous")


class Watched:
    """Accounts that note what is compared, and can be made slow or dead."""

    def __init__(self, accounts: SqlAccounts) -> None:
        self.accounts = accounts
        self.asked: list[str | None] = []
        self.before = lambda: None

    def check_pin(self, account_id, pin):
        self.asked.append(account_id)
        self.before()
        return self.accounts.check_pin(account_id, pin)

    @property
    def compared(self) -> int:
        return len([account_id for account_id in self.asked if account_id is not None])


class Callers:
    """People who call and try PINs; each try of `by` is a call of its own unless `call` names one."""

    def __init__(self, engine, watched, clock) -> None:
        self.pins = SqlPins(engine, watched, clock, "pepper")
        self.serial = count(1)

    def tries(self, account_id, pin, by=ANN, call=None, key=None):
        n = next(self.serial)
        sid = call or f"CA{n}"
        return self.pins.check(PinTry(account_id, by, sid, key or f"{sid}/{n}"), pin)

    def fail(self, account_id, times, by=None):
        for n in range(times):
            assert self.tries(account_id, BAD, by or f"+1415555{next(self.serial):04d}") is WRONG, n


@pytest.fixture
def engine(url):
    engine = open_database(url, Waits(pool=25))  # fifty try at once, and each has a connection, as in a server
    yield engine
    engine.dispose()


@pytest.fixture
def watched(engine, hasher, clock):
    return Watched(SqlAccounts(engine, hasher, clock))


@pytest.fixture
def callers(engine, watched, clock):
    return Callers(engine, watched, clock)


@pytest.fixture
def ben(engine, hasher):
    return add_account(engine, hasher, "70000012", RIGHT)


def test_the_right_pin_is_correct(callers, ann):
    assert callers.tries(ann, RIGHT) is CORRECT
    assert not callers.pins.spent("CA1", ANN)


def test_three_wrong_tries_spend_the_call_and_nothing_is_compared_after(callers, watched, ann):
    assert [callers.tries(ann, BAD, call="CA") for _ in range(2)] == [WRONG, WRONG]
    assert not callers.pins.spent("CA", ANN)
    assert callers.tries(ann, BAD, call="CA") is SPENT
    assert callers.pins.spent("CA", ANN)
    assert watched.compared == 3
    assert callers.tries(ann, RIGHT, call="CA") is SPENT
    assert (watched.compared, watched.asked[-1]) == (3, None)
    assert callers.tries(ann, RIGHT, call="CA-next") is CORRECT


def test_a_caller_whose_number_is_closed_is_not_asked_again(callers):
    for _ in range(6):
        callers.tries(None, BAD)
    assert callers.pins.spent("CA-new", ANN)
    assert not callers.pins.spent("CA-new", "+14155550190")


@pytest.mark.parametrize("withheld", ["anonymous", "+266696687", "+7378742833", ""])
def test_withheld_callers_do_not_shut_each_other_out(callers, ann, withheld):
    for _ in range(6):
        callers.tries(None, BAD, by=withheld)
    assert not callers.pins.spent("CA-new", withheld)
    assert callers.tries(ann, RIGHT, by=withheld) is CORRECT


def test_a_broken_account_system_gives_no_free_tries(callers, watched, ann):
    def explode():
        raise RuntimeError("the billing system says 401")

    watched.before = explode
    for _ in range(8):
        with pytest.raises(RuntimeError):
            callers.tries(ann, BAD, by="+14155550190")
    watched.before = lambda: None
    assert callers.tries(ann, RIGHT) is WRONG, "closed after five"


def test_the_third_try_of_a_call_may_be_right(callers, ann):
    assert [callers.tries(ann, pin, call="CA") for pin in (BAD, BAD, RIGHT)] == [WRONG, WRONG, CORRECT]
    assert not callers.pins.spent("CA", ANN)


def test_an_unknown_account_sounds_like_a_wrong_pin(callers, watched):
    assert [callers.tries(None, RIGHT, call="CA") for _ in range(4)] == [WRONG, WRONG, SPENT, SPENT]
    assert watched.asked == [None] * 4


def test_a_locked_account_sounds_like_a_wrong_pin(callers, watched, ann):
    callers.fail(ann, 5)
    assert [callers.tries(ann, RIGHT, call="CA") for _ in range(4)] == [WRONG, WRONG, SPENT, SPENT]
    assert (watched.compared, watched.asked[5:]) == (5, [None] * 4)


def test_an_account_closes_longer_each_time(callers, clock, ann):
    callers.fail(ann, 4)
    assert callers.pins.locked_until(ann, clock.now()) is None
    for hours in (0.5, 1, 4):
        callers.fail(ann, 1)
        until = callers.pins.locked_until(ann, clock.now())
        assert until == clock.now() + timedelta(hours=hours)
        clock.passes(hours=hours, seconds=-1)
        assert callers.tries(ann, RIGHT, by="+14155559999") is not CORRECT
        clock.passes(seconds=1)
        assert callers.pins.locked_until(ann, clock.now()) is None
    callers.fail(ann, 1)
    assert callers.pins.locked_until(ann, clock.now()) == clock.now() + timedelta(hours=24)


def test_tries_at_a_locked_account_do_not_close_it_longer(callers, clock, ann):
    callers.fail(ann, 5)
    until = callers.pins.locked_until(ann, clock.now())
    callers.fail(ann, 10)
    assert callers.pins.locked_until(ann, clock.now()) == until


def test_failures_older_than_a_day_no_longer_close(callers, clock, ann):
    callers.fail(ann, 4)
    clock.passes(hours=24, seconds=1)
    callers.fail(ann, 4)
    assert callers.pins.locked_until(ann, clock.now()) is None


def test_a_success_resets_the_day(callers, clock, ann):
    callers.fail(ann, 4)
    assert callers.tries(ann, RIGHT) is CORRECT
    callers.fail(ann, 4)
    assert callers.pins.locked_until(ann, clock.now()) is None
    callers.fail(ann, 1)
    assert callers.pins.locked_until(ann, clock.now()) == clock.now() + timedelta(minutes=30)


def test_a_right_fifth_try_lifts_the_lock_it_was_counted_for(callers, clock, ann):
    callers.fail(ann, 4)
    assert callers.tries(ann, RIGHT) is CORRECT
    assert callers.pins.locked_until(ann, clock.now()) is None
    assert callers.tries(ann, RIGHT) is CORRECT


def test_twenty_failures_close_until_staff_unlock(callers, clock, ann):
    for _ in range(5):
        callers.fail(ann, 4)
        clock.passes(days=2)
    assert callers.pins.locked_until(ann, clock.now()) == UNTIL_UNLOCKED
    clock.passes(days=4000)
    assert callers.tries(ann, RIGHT) is WRONG
    callers.pins.unlock(ann)
    assert callers.pins.locked_until(ann, clock.now()) is None
    assert callers.tries(ann, RIGHT) is CORRECT
    callers.fail(ann, 4)
    assert callers.pins.locked_until(ann, clock.now()) is None


@pytest.mark.parametrize("owner", [ANN, pytest.param("anonymous", marks=pytest.mark.slow)])
def test_slips_are_forgiven_in_the_call_that_gets_it_right(callers, clock, ann, owner):
    for n in range(10):
        assert [callers.tries(ann, pin, by=owner, call=f"CA-{n}") for pin in (BAD, BAD, RIGHT)] == [
            WRONG,
            WRONG,
            CORRECT,
        ]
        clock.passes(days=1)
    callers.fail(ann, 4)
    assert callers.pins.locked_until(ann, clock.now()) is None


# An owner who calls daily must not buy an attacker fresh tries, and a caller's number is no proof of who called.
@pytest.mark.parametrize("attacker", [ANN, *(pytest.param(who, marks=pytest.mark.slow) for who in STRANGERS)])
def test_failures_of_other_calls_are_not_forgiven_whatever_number_they_show(callers, clock, ann, attacker):
    for n in range(19):
        callers.fail(ann, 1, by=attacker)
        assert callers.tries(ann, RIGHT) is CORRECT, n
        clock.passes(days=1)
    callers.fail(ann, 1, by=attacker)
    assert callers.pins.locked_until(ann, clock.now()) == UNTIL_UNLOCKED


def test_a_caller_has_six_wrong_tries_a_day_over_all_accounts(callers, watched, clock, ann, ben):
    for account_id in (ann, None, ben, None, ann):
        assert callers.tries(account_id, BAD) is WRONG
    for _ in range(2):
        assert callers.tries(ben, RIGHT) is CORRECT  # a right sixth try does not close
    assert callers.tries(ben, BAD) is WRONG  # a wrong one does
    compared = watched.compared
    assert callers.tries(ann, RIGHT) is WRONG
    assert watched.compared == compared
    assert callers.tries(ann, RIGHT, by="+14155550112") is CORRECT  # the account is open to others
    clock.passes(hours=23, minutes=59)
    assert callers.tries(ann, RIGHT) is WRONG
    clock.passes(minutes=2)
    assert callers.tries(ann, RIGHT) is CORRECT


def test_an_unknown_account_costs_a_caller_as_much_as_a_known_one(callers, ann):
    callers.fail(None, 6, by=ANN)
    assert callers.tries(ann, RIGHT) is WRONG


@pytest.mark.parametrize(
    "withheld",
    ["anonymous", *(pytest.param(odd, marks=pytest.mark.slow) for odd in ("", "client:bob", "+1\0", "+" + "9" * 199))],
)
def test_withheld_callers_are_not_counted_together(callers, engine, withheld, hasher):
    for n in range(8):
        account_id = add_account(engine, hasher, f"7100000{n}", RIGHT)
        assert callers.tries(account_id, BAD, by=withheld) is WRONG
        assert callers.tries(account_id, RIGHT, by=withheld) is CORRECT


def test_the_same_key_again_gives_the_first_result_and_counts_nothing(callers, watched, ann):
    assert callers.tries(ann, BAD, call="CA", key="CA/3") is WRONG
    assert [callers.tries(ann, RIGHT, call="CA", key="CA/3") for _ in range(5)] == [WRONG] * 5
    assert watched.compared == 1
    assert callers.tries(ann, RIGHT, call="CA", key="CA/5") is CORRECT
    assert callers.tries(ann, BAD, call="CA", key="CA/5") is CORRECT


def test_a_webhook_posted_twice_at_once_waits_for_the_first(callers, watched, ann):
    watched.before = lambda: time.sleep(0.15)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: callers.tries(ann, RIGHT, call="CA", key="CA/3"), range(4)))
    assert results == [CORRECT] * 4
    assert len(watched.asked) == 1


def test_a_try_that_could_not_be_compared_does_not_count(callers, watched, ann):
    def dead():
        raise ServiceError("billing is down")

    callers.fail(ann, 4)
    watched.before = dead
    for _ in range(8):
        with pytest.raises(ServiceError):
            callers.tries(ann, RIGHT, call="CA")
    watched.before = lambda: None
    assert callers.tries(ann, RIGHT, call="CA") is CORRECT


@pytest.mark.parametrize("several_calls", [True, False])
def test_of_fifty_tries_at_once_five_at_most_are_compared(callers, watched, ann, several_calls):
    start = threading.Barrier(50)
    watched.before = lambda: time.sleep(0.05)

    def attempt(n):
        start.wait()
        return callers.tries(ann, BAD, by=f"+1415555{n:04d}", call=f"CA{n}" if several_calls else "CA")

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(attempt, range(50)))
    assert watched.compared == (5 if several_calls else 3)
    assert results.count(WRONG) == (50 if several_calls else 2)
    assert CORRECT not in results


def test_tries_from_several_processes_share_one_count(url, engine, ann):
    together(at_once.try_pins, 3, url, ann, BAD)
    with reading(engine) as session:
        count_, checked = session.execute(
            text("SELECT count(*), sum(CASE WHEN checked THEN 1 ELSE 0 END) FROM pin_tries")
        ).one()
    assert (count_, checked) == (75, 5)


def test_counts_survive_a_restart(url, engine, hasher, clock, ann):
    Callers(engine, Watched(SqlAccounts(engine, hasher, clock)), clock).fail(ann, 4)
    engine.dispose()
    again = open_database(url)
    accounts = Watched(SqlAccounts(again, hasher, clock))
    restarted = Callers(again, accounts, clock)
    restarted.serial = count(1000)
    restarted.fail(ann, 1)
    assert restarted.tries(ann, RIGHT) is WRONG
    assert accounts.compared == 1
    again.dispose()


def test_neither_digits_nor_caller_numbers_are_written(engine, callers, ann):
    caller = "+14155550187"  # on file with nobody
    callers.tries(ann, RIGHT, by=caller)
    callers.tries(ann, BAD, by=caller)
    with reading(engine) as session:
        tables = [Base.metadata.tables[name] for name in ("accounts", "pin_tries", "pin_locks")]
        rows = [str(tuple(row)) for table in tables for row in session.execute(table.select())]
    assert len(rows) == 4
    assert not [row for row in rows if RIGHT in row or BAD in row or caller[1:] in row]

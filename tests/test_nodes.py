"""More than one machine: what callers hear, and what is written, while nodes die and come and the database restarts.

500 calls are in progress at once. Everybody is compared, step by step, with somebody who did the same in peace.
"""

import shutil
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from threading import Condition, Thread

import pytest
from crowd import Caller
from databases import LightHasher, add_account
from nodes import THREADS, TOKEN, Node, Proxy
from postgres_server import OwnServer
from server import PEPPER
from sqlalchemy import text

from ivr.db.database import open_database
from ivr.db.migrate import upgrade
from ivr.db.pins import PER_ACCOUNT, PER_CALL
from ivr.simulator.phone import Phone
from ivr.simulator.transport import HttpTransport

pytestmark = pytest.mark.slow
CALLS, HANDS, ATTACKERS, PATIENCE_S = 500, 2 * THREADS, 25, 60
SCRIPTS = ("2 1 9 5 1", "1 1 * 2 1#", "5 9 2 1 9", "3 2 9 5 1", "3 1 ACCOUNT PIN 2#")
PIN, WRONG, TARGET = "204816", "111999", "70009999"
KILLED, RESTARTED = 0.25, 0.6  # when this share of all steps is done
SETTLES_S = 3.0  # connections that broke in a restart are noticed when they are used next


@dataclass
class Line:
    """The machines: nodes behind a proxy, and the database that they share."""

    database: OwnServer
    proxy: Proxy
    nodes: list[Node]
    spare: Node

    def phone(self, transport=None):
        return Phone(f"{self.proxy.base}/", auth_token=TOKEN, account_sid="AC" + "0" * 32, transport=transport)

    def rows(self, query):
        engine = open_database(self.database.url)
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(text(query))]
        engine.dispose()
        return rows

    def add_accounts(self, *numbers):
        engine, in_a_month = open_database(self.database.url), datetime.now(UTC).date() + timedelta(days=30)
        for number in numbers:
            add_account(engine, LightHasher(PEPPER), number, PIN, trial_ends_on=in_a_month)
        engine.dispose()


@pytest.fixture
def line(tmp_path):
    with ExitStack() as stack:
        proxy, database = Proxy(tmp_path), OwnServer()
        stack.callback(shutil.rmtree, database.folder)
        stack.callback(database.stop, "immediate")
        database.server.psql("ALTER SYSTEM SET fsync = off")  # nothing here has to survive a power cut
        database.restart()
        upgrade(database.url)
        nodes = [Node(tmp_path, f"node{number}", database.url, proxy.base) for number in range(4)]
        for node in nodes:
            stack.callback(node.stop)
        for node in nodes[:3]:
            node.start()
        for node in nodes[:3]:
            node.wait()
        proxy.start(nodes)
        stack.callback(proxy.stop)
        yield Line(database, proxy, nodes[:3], nodes[3])


class Trouble(Thread):
    """What happens to the machines while callers go on; how far these are is told by `tick`."""

    def __init__(self, line, steps):
        super().__init__(daemon=True)
        self._line, self._steps, self._done, self._changed = line, steps, 0, Condition()
        self.killed = self.restarted = (0.0, 0.0)
        self.over = False

    def tick(self):
        with self._changed:
            self._done += 1
            self._changed.notify_all()

    def run(self):
        self.killed = self._when(KILLED, self._line.nodes[0].lose_power)
        self._line.spare.start()
        self._line.spare.wait()
        self.restarted = self._when(RESTARTED, self._line.database.restart)
        self.over = True

    def _when(self, share, happens):
        with self._changed:
            self._changed.wait_for(lambda: self._done >= share * self._steps, PATIENCE_S)
        began = time.monotonic()
        happens()
        return began, time.monotonic() + SETTLES_S

    def excuses(self, caller):
        """Say whether this caller may have heard something else: the database was away when they went astray.

        Or the node died that was comparing their PIN, which counts as a wrong one then.
        """
        began, over = caller.times[caller.astray_at]
        met_restart, met_kill = (began <= until and over >= since for since, until in (self.restarted, self.killed))
        return met_restart or (met_kill and PIN in caller.keys[caller.astray_at - 1 : caller.astray_at])


def keys(script, account="", pin=PIN):
    return script.replace("ACCOUNT", account).replace("PIN", pin).split()


def crowd_of(line, told):
    """Make 500 callers: so many of each script, everybody with an account of their own, and some who guess a PIN."""
    crowd = []
    for number, script in zip(range(CALLS), cycle(SCRIPTS), strict=False):
        crowd.append(Caller(f"+1415{5_550_000 + number}", keys(script, f"{70_001_000 + number}"), told[script]))
    for guesser in crowd[:: CALLS // ATTACKERS]:
        guesser.keys, guesser.told = keys("3 1 ACCOUNT PIN", TARGET, WRONG), told["guess"]
    line.add_accounts(*(caller.keys[2] for caller in crowd if PIN in caller.keys))
    return crowd


def alone(line, keys):
    """What somebody hears, step by step, while nothing happens."""
    caller = Caller("+14155559999", keys)
    with line.phone() as phone:
        caller.dials(phone)
        while caller.goes_on():
            pass
        caller.hangs_up()
    return caller.heard


def test_no_call_is_dropped_and_no_turn_lost_or_doubled_while_nodes_die_and_come_and_the_database_restarts(line):
    line.add_accounts("70000011", TARGET)
    told = {script: alone(line, keys(script, "70000011")) for script in SCRIPTS}
    told["guess"] = alone(line, keys("3 1 ACCOUNT PIN", "70000012", WRONG))
    crowd = crowd_of(line, told)
    trouble = Trouble(line, steps=sum(len(caller.keys) for caller in crowd))

    def goes_on(caller):
        trouble.tick()
        return caller.goes_on()

    with line.phone() as phone, ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(lambda caller: caller.dials(phone), crowd))
        assert sum(caller.call.listening is not None for caller in crowd) == CALLS  # all of them at once
        trouble.start()
        going = crowd
        while going:
            going = [caller for caller, more in zip(going, hands.map(goes_on, going), strict=True) if more]
        trouble.join(PATIENCE_S)
        list(hands.map(Caller.hangs_up, crowd))
    assert trouble.over

    astray = [caller for caller in crowd if caller.astray_at is not None]
    assert [caller.call.transcript for caller in astray if not trouble.excuses(caller)] == []
    assert [caller.call.transcript for caller in astray if not caller.call.dialled] == []  # a person helps them
    assert {caller.call.ended.status for caller in crowd} == {"completed"}
    assert len(astray) < CALLS / 10

    assert_all_is_written_once(line, crowd)
    assert served_by(crowd) == {"web1", "web2", "web3", "web4"}  # the one that died, and the one that came
    guessed = "SELECT count(*) FROM pin_tries JOIN accounts ON account_id = CAST(accounts.id AS text)"
    assert line.rows(f"{guessed} WHERE checked AND account_number = '{TARGET}'") == [(PER_ACCOUNT,)]


def assert_all_is_written_once(line, crowd):
    """Recount the database against what callers did. What was spooled while it was away is waited for."""
    until = time.monotonic() + PATIENCE_S
    while (wrong := list(miscounted(line, crowd))) and time.monotonic() < until:
        time.sleep(1)
    assert wrong == []


def miscounted(line, crowd):
    turns, changed = (
        defaultdict(list),
        dict(line.rows("SELECT call_sid, count(*) FROM account_changes GROUP BY call_sid")),
    )
    for sid, number, keyed in line.rows("SELECT call_sid, number, input FROM turns ORDER BY call_sid, number"):
        turns[sid].append((number, keyed))
    ended = dict(line.rows("SELECT sid, status FROM calls WHERE ended_at IS NOT NULL"))
    for caller in crowd:
        sid = caller.call.call_sid
        asked, written = list(caller.asked()), dict(turns[sid])
        acknowledged = {turn.turn: turn.keys for turn in asked if turn.acknowledged and turn.turn}
        possible = {turn.turn for turn in asked} | {max(acknowledged, default=0) + 1}  # they hung up in the last one
        right = {
            "numbered from one on, each once": [number for number, _ in turns[sid]] == list(range(1, len(written) + 1)),
            "none lost": acknowledged.keys() <= written.keys(),
            "none invented": written.keys() <= possible,
            "as keyed": all(
                written.get(turn) in {keyed, len(keyed) * "•"} for turn, keyed in acknowledged.items() if keyed
            ),
            "changed once": changed.get(sid, 0) == any("Your confirmation code" in t for h in caller.heard for t in h),
            "ended": ended.get(sid) == "completed" or not caller.told_of_end(),
        }
        yield from (
            f"{what}: {turns[sid]} {acknowledged} {caller.call.transcript}"
            for what, holds in right.items()
            if not holds
        )


def served_by(crowd):
    answers = (exchange.answer for caller in crowd for exchange in caller.call.requests if exchange.answer)
    return {answer.headers.get("x-served-by") for answer in answers} - {None}


class EachAtAnotherNode(HttpTransport):
    """Leads one webhook after the other to another node, past the proxy."""

    def __init__(self, line):
        super().__init__()
        self._base, self._ports = line.proxy.base, cycle(node.port for node in line.nodes)

    def send(self, method, url, *rest):
        return super().send(method, url.replace(self._base, f"http://127.0.0.1:{next(self._ports)}"), *rest)


def test_wrong_pins_at_different_nodes_count_together(line):
    line.add_accounts(TARGET)

    def tries(phone, number, *pins):
        """What a caller hears after the last of these PINs."""
        call = phone.dial("voice", from_=number).press("3").press("1")
        for pin in pins:
            call.press(TARGET).press(pin)
        return " ".join(call.heard)

    with line.phone(EachAtAnotherNode(line)) as phone:
        assert "I can't check a PIN right now" in tries(phone, "+14155550001", *[WRONG] * PER_CALL)
        assert "That doesn't match" in tries(phone, "+14155550002", *[WRONG] * (PER_ACCOUNT - PER_CALL))
        assert "That doesn't match" in tries(phone, "+14155550003", PIN)
    assert line.rows("SELECT count(*) FROM pin_tries WHERE checked") == [(PER_ACCOUNT,)]

"""Invented calls, of demonstrations and benchmarks: as the webhooks would have written them, and marked."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from once import filled
from sqlalchemy import String, cast, func, select

from ivr.call import Call, Disposition, Keys
from ivr.db.call_statements import CALLS, MAIL, TURNS
from ivr.db.console.facts import FACTS
from ivr.db.console.samples.demo_calls import CALLS as HOW_MANY
from ivr.db.console.samples.demo_calls import DAYS, load_demo_calls
from ivr.db.console.samples.rhythm import moments
from ivr.db.console.samples.walk import walk
from ivr.db.console.samples.world import Moment, World
from ivr.db.console.samples.write import write
from ivr.db.database import open_database, writing
from ivr.db.demo import demo_table
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.db.models.pins import PinLockRow, PinTryRow
from ivr.db.models.texts import TextRow
from ivr.diagram import version
from ivr.pins import PinResult

UTC = ZoneInfo("UTC")
SAMPLE = "CA" + "5" * 32
ITS_OWN = {"id", "sid", "call_sid", "key", "at", "started_at", "ended_at", "duration_s", "ms", "slowest_ms"}
ITS_OWN |= {"since_last_s", "next_after_s", "simulated", "caller_key"}


@dataclass
class Scripted:
    """A caller who presses what the test says, and then hangs up."""

    left: list[str] = field(default_factory=list)

    def is_content(self, *_):
        return False

    def does(self, *_):
        return (Keys(self.left.pop(0)), 1.0) if self.left else (None, 1.0)


def rows(line, table, sid, of="call_sid", without=()):
    """Rows of a call in a table, without what is each call's own; pending and facts know the time in their JSON."""
    found = []
    with line.database.connect() as connection:
        for row in connection.execute(select(table).where(table.c[of] == sid)).mappings():
            kept = {name: value for name, value in row.items() if name not in ITS_OWN | set(without)}
            if isinstance(kept.get("pending"), dict):
                kept["pending"] = {**kept["pending"], "at": None}
            found.append(kept)
    return found


@pytest.mark.parametrize(
    "keys",
    [
        ["5"],  # an answer
        ["", "8", "4", "9", "5", "1"],  # a silence, a wrong key, and the main menu again
        ["3", "1", "70000011", "111111", "70000011", "204816", "1#"],  # a wrong PIN, then nothing is changed
        ["3", "1", "70000099", "111111", "70000099", "222222"],  # no such account
    ],
)
def test_its_rows_are_those_of_the_same_call_placed_by_telephone(phone, staffed, clock, keys):
    call = phone.dial()
    for key in keys:
        if key:
            call.press(key)
        else:
            call.wait()
    call.hang_up()
    (real,) = calls(staffed)
    known = replace(staffed.accounts.find("70000011"), phone="")
    world = World([known], Moment(clock.now(), UTC), Random(1))
    world.faulty = 0.0
    sample = walk(staffed.conversation, world, Scripted(list(keys)), Call(SAMPLE, real.caller, real.called))
    with writing(staffed.database) as session:
        write(session.connection(), [sample], version(staffed.line))
    tries = PinTryRow.__table__
    for table, of in ((CALLS, "sid"), (TURNS, "call_sid"), (FACTS, "sid"), (tries, "call_sid")):
        assert rows(staffed, table, SAMPLE, of) == rows(staffed, table, real.sid, of), table.name


def calls(line):
    with line.database.connect() as connection:
        return connection.execute(select(CALLS).order_by(CALLS.c.started_at, CALLS.c.sid)).all()


def count(line, what, *where):
    with line.database.connect() as connection:
        return connection.scalar(select(func.count()).select_from(what).where(*where))


@pytest.fixture
def shown(staffed, clock):
    """A demo's console on its first day."""
    given = staffed.conversation, clock.now(), UTC, version(staffed.line)
    filled("sample calls", staffed.database, clock, lambda: load_demo_calls(staffed.database, *given))
    return staffed


def test_a_demo_has_calls_of_the_last_two_weeks_all_marked_and_over(shown, clock):
    found = calls(shown)
    assert len(found) == HOW_MANY
    assert all(call.simulated and call.status == "completed" for call in found)
    assert found[0].started_at >= clock.now() - timedelta(days=DAYS)
    assert found[-1].ended_at <= clock.now()
    assert count(shown, FACTS, FACTS.c.simulated, FACTS.c.ended) == HOW_MANY


def test_they_come_to_what_calls_come_to(shown):
    dispositions = {call.disposition for call in calls(shown)}
    assert dispositions >= set(Disposition) - {Disposition.FAILED}
    for some in (FACTS.c.pin_wrong > 0, FACTS.c.silences > 0, FACTS.c.asked_person, FACTS.c.voicemail):
        assert count(shown, FACTS, some) > 0, str(some)


def test_a_second_start_adds_nothing(shown, clock):
    again = load_demo_calls(shown.database, shown.conversation, clock.now(), UTC, version(shown.line))
    assert (again, len(calls(shown))) == (0, HOW_MANY)


def test_they_touch_no_demo_account(demo_database, shown):
    """Whoever tries the line as one of them finds it as the list of demo accounts says, with all its PIN tries."""
    before = open_database(f"sqlite:///{demo_database}")
    numbers = [row.number for row in demo_table()]
    accounts = select(AccountRow.__table__).where(AccountRow.account_number.in_(numbers)).order_by(AccountRow.id)
    for question in (accounts, select(PinLockRow.__table__)):
        with before.connect() as one, shown.database.connect() as other:
            assert one.execute(question).all() == other.execute(question).all()
    before.dispose()
    theirs = PinTryRow.account_id.in_(select(cast(AccountRow.id, String)).where(AccountRow.account_number.in_(numbers)))
    ours = PinTryRow.call_sid.not_like("CAdemo%")
    assert count(shown, PinTryRow, theirs, ours, PinTryRow.outcome == PinResult.CORRECT) > 0
    assert count(shown, PinTryRow, theirs, ours, PinTryRow.outcome != PinResult.CORRECT) == 0


def test_a_customer_who_changed_something_has_the_account_to_show_for_it(shown):
    newest = {}
    with shown.database.connect() as connection:
        for change in connection.execute(select(ChangeRow.__table__).order_by(ChangeRow.at)):
            newest[change.account_id] = change
        made = [change for change in newest.values() if not change.call_sid.startswith("CAdemo")]
        assert made
        for change in made:
            table = AccountRow.__table__
            account = connection.execute(select(table).where(table.c.id == change.account_id)).mappings().one()
            assert {name: account[name] for name in change.after} == change.after
            assert account["pin_hash"] is None


def test_a_message_without_a_sound_is_asked_of_no_carrier(shown):
    assert count(shown, MAIL) > 0
    assert count(shown, MAIL, MAIL.c.next_try_at.is_not(None)) == 0
    assert count(shown, TextRow, TextRow.next_try_at.is_not(None)) == 0


def test_calls_come_by_day_rather_than_by_night_and_on_weekdays_rather_than_on_sundays(clock):
    zone = ZoneInfo("America/New_York")
    found = moments(Random(1), 2000, clock.now() - timedelta(days=28), clock.now(), zone)
    assert found == sorted(found)
    assert len(found) == 2000
    hours = [at.astimezone(zone).hour for at in found]
    assert hours.count(10) > 10 * hours.count(3)
    days = [at.astimezone(zone).weekday() for at in found]
    assert days.count(0) > 2 * days.count(6)

"""What goes when its days are over, and what stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from ivr.accounts import ChangeKind
from ivr.call import Call, Disposition
from ivr.call_log import Progress, Visit
from ivr.db.calls import SqlCallLog
from ivr.db.console.audit import Act, entries
from ivr.db.console.facts import facts_statements
from ivr.db.console.holds import HoldError, hold, holds, release
from ivr.db.console.purge import BATCH, Purge, Rules
from ivr.db.console.tables import CallFactsRow, MarkRow, NoteRow, PathRow, SignInRow
from ivr.db.database import reading, writing
from ivr.db.models.accounts import ChangeRow
from ivr.db.models.calls import CallRow, TurnRow
from ivr.db.models.pins import PinTryRow
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.db.prepared import cursor_of
from ivr.db.text_queue import TextQueue
from ivr.db.voicemail_queue import Step, VoicemailQueue
from ivr.messages import MessageState
from ivr.pins import PinResult
from ivr.text import Purpose, TextState
from ivr.waiting import Kind, PlaceState

ZONE = ZoneInfo("America/Los_Angeles")
RULES = Rules(calls=396, pin_tries=30, ledger=2557, audit=2557)
KIM, LOU = "+14155550123", "+14155550199"
OF_CALLS = (NoteRow, MarkRow, CallFactsRow, TurnRow, CallRow)


@pytest.fixture
def purge(engine, clock):
    return Purge(engine, clock, RULES, ZONE, pause=lambda _: None)


@pytest.fixture
def called(engine, clock):
    """Place a call of two turns, so many days ago, and note something about it."""
    log = SqlCallLog(engine)

    def call(days, caller=KIM, sid="", **fields):
        at = clock.now() - timedelta(days=days)
        one = replace(Call(sid or f"CA{days}{caller[-4:]}", caller, "+18005550100", turn=1), **fields)
        visit = Visit(at, "main", "menu", "menu", ("main.menu",), {})
        log.save(Progress(one, visit, "<Response/>"), None)
        log.save(
            Progress(replace(one, turn=2), replace(visit, flow="trial"), "<Response/>"), replace(visit, outcome="3")
        )
        log.ended(replace(one, turn=2), "completed", 30, at + timedelta(seconds=30))
        with writing(engine) as session:
            session.add(NoteRow(call_sid=one.sid, at=at, who="lea", body="said thanks"))
            session.add(MarkRow(call_sid=one.sid, at=at, who="lea"))
        return one.sid

    return call


def counted(engine, *tables):
    with reading(engine) as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


# Calls are kept for thirteen months, and go with all that belongs to them.
def test_old_calls_go_with_all_that_is_theirs(purge, called, engine):
    called(500)
    kept = called(395)
    assert purge.due() == {"calls": 1}
    assert purge.run("flask").counts == {"notes": 1, "marks": 1, "call_facts": 1, "turns": 2, "calls": 1}
    assert counted(engine, *OF_CALLS) == [1, 1, 1, 2, 1]
    with reading(engine) as session:
        assert session.scalar(select(CallRow.sid)) == kept


# A purge leaves a receipt in the audit log, unless there was nothing to do; it may run as often as anybody likes.
def test_a_second_purge_finds_nothing(purge, called, engine):
    called(500)
    receipt = purge.run("flask")
    assert [(entry.act, entry.who, entry.subject) for entry in entries(engine)] == [(Act.PURGED, "flask", receipt.code)]
    assert purge.run("flask") is None
    assert len(entries(engine)) == 1


# The cut is the beginning of a day of the company's: no day is counted by half of its calls.
def test_a_day_goes_whole(purge, called, clock, engine):
    first = datetime(2027, 3, 5, 8, tzinfo=UTC) - timedelta(days=396)  # midnight in California
    age = clock.now() - first
    called(age / timedelta(days=1), sid="CAmidnight")
    called(age / timedelta(days=1) + 0.001, sid="CAbefore")
    purge.run("flask")
    with reading(engine) as session:
        assert list(session.scalars(select(CallRow.sid))) == ["CAmidnight"]


# However many there are, each transaction is short: callers who write meanwhile wait for one batch at most.
def test_many_calls_go_in_batches_and_callers_get_in_between(engine, clock):
    old = clock.now() - timedelta(days=500)
    with writing(engine) as session:
        plain = {"caller": KIM, "called": LOU, "turn": 1, "status": "completed", "state": {}, "answer": ""}
        session.add_all(
            CallRow(sid=f"CA{n:04}", started_at=old, ended_at=old, disposition=Disposition.INFORMED, **plain)
            for n in range(2 * BATCH + 1)
        )
    log, pauses = SqlCallLog(engine), []

    def meanwhile(_seconds):
        pauses.append(1)
        log.ended(Call(f"CAnew{len(pauses)}", KIM, LOU), "completed", 1, clock.now())

    assert Purge(engine, clock, RULES, ZONE, meanwhile).run("flask").counts == {"calls": 2 * BATCH + 1}
    assert len(pauses) == 2
    assert counted(engine, CallRow) == [2]


# What is counted stays right: a call knows how long it was since the one before, also when that is gone.
def test_the_caller_who_called_before_is_still_known_as_such(purge, called, engine):
    called(396.9)
    called(395.5)
    purge.run("flask")
    with reading(engine) as session:
        assert session.scalar(select(CallFactsRow.since_last_s)) == round(1.4 * 86400)


# Ways through the flows that no call has taken any more go; the others stay.
def test_a_way_that_nobody_takes_goes(purge, called, engine):
    called(500)
    assert counted(engine, PathRow) == [1]
    purge.run("flask")
    assert counted(engine, PathRow) == [0]
    called(1)
    purge.run("flask")
    assert counted(engine, PathRow) == [1]


def pin_try(days, clock, account="1", call_sid="CA1", **fields):
    at = clock.now() - timedelta(days=days)
    known = {"checked": True, "counts_for_caller": True, "outcome": PinResult.WRONG, "settled": True, **fields}
    return PinTryRow(key=f"{days} {account}", call_sid=call_sid, account_id=account, at=at, **known)


# PIN tries go thirty days after the last one of that account: who goes on guessing is counted from the first.
def test_pin_tries_go_together_thirty_days_after_the_last(purge, engine, clock):
    right = {"outcome": PinResult.CORRECT}
    with writing(engine) as session:
        session.add_all([pin_try(days, clock, "1", **right) for days in (90, 29)])
        session.add_all([pin_try(days, clock, "2", **right) for days in (60, 40)])
    purge.run("flask")
    with reading(engine) as session:
        assert list(session.scalars(select(PinTryRow.account_id))) == ["1", "1"]


# What counts towards closing an account for good stays a year, or a patient guesser would begin anew every month.
def test_failures_that_count_stay_for_a_year(purge, engine, clock):
    days = {"counts": 360, "old": 370, "refused": 60, "forgiven": 60}
    fields = {"refused": {"checked": False}, "forgiven": {"forgiven": True}}
    with writing(engine) as session:
        session.add_all(pin_try(ago, clock, name, **fields.get(name, {})) for name, ago in days.items())
    purge.run("flask")
    with reading(engine) as session:
        assert list(session.scalars(select(PinTryRow.account_id))) == ["counts"]


# What a call's facts count of PIN tries stays, also when they are told anew after the tries have gone.
def test_the_tries_of_a_call_stay_counted(purge, called, engine, clock):
    with writing(engine) as session:
        session.add(pin_try(60, clock, call_sid="CAtried", checked=False))
    called(60, sid="CAtried")
    purge.run("flask")
    assert counted(engine, PinTryRow) == [0]
    with engine.begin() as connection:
        SqlCallLog(engine).message_left(connection, "CAtried", clock.now())
    with reading(engine) as session:
        assert session.execute(select(CallFactsRow.pin_tries, CallFactsRow.pin_wrong)).one() == (1, 1)


# The ledger of changes is kept for seven years, longer than the calls that made them.
def test_the_ledger_stays_when_its_call_goes(purge, called, engine, clock, ann):
    sid = called(500)
    terms = {"kind": ChangeKind.CANCEL_TRIAL, "call_sid": sid, "before": {}, "after": {}, "account_id": int(ann)}
    with writing(engine) as session:
        session.add(ChangeRow(code="111111", key="a", at=clock.now() - timedelta(days=500), **terms))
        session.add(ChangeRow(code="222222", key="b", at=clock.now() - timedelta(days=2600), **terms))
    assert purge.run("flask").counts["ledger"] == 1
    with reading(engine) as session:
        assert list(session.scalars(select(ChangeRow.code))) == ["111111"]


def text_row(clock, days, to=KIM, **fields):
    at = clock.now() - timedelta(days=days)
    known = {"key": f"t{days}{to}", "to_number": to, "body": "Hello", "purpose": Purpose.ANSWER, "call_sid": "CAx"}
    return TextRow(**{**known, "created_at": at, "state": TextState.SENT, **fields})


def place_row(clock, days, caller=KIM, **fields):
    at = clock.now() - timedelta(days=days)
    known = {"department": "sales", "call_sid": f"CA{days}", "caller": caller, "called": LOU, "arrived_at": at}
    state = {"kind": Kind.ON_LINE, "state": PlaceState.SERVED, "number": "", "topic": "", "proved": False, "tries": 0}
    return PlaceRow(**{**known, **state, "offer": "", "asked": 0, "key": "", **fields})


def mail_row(clock, days, caller=KIM, **fields):
    at = clock.now() - timedelta(days=days)
    known = {"recording_sid": f"RE{days}{caller}", "call_sid": f"CA{days}{caller[-4:]}", "department": "sales"}
    kept = {"topic": "", "caller": caller, "state": MessageState.SENT, "at": at, "fetched_at": at, "stored": "x.wav"}
    gone = {"deleted_at_carrier": at, "kept_until": at + timedelta(days=90), "transcript": ""}
    return VoicemailRow(**{**known, **kept, **gone, **fields})


def test_rows_of_texts_and_of_places_go_with_the_calls_days(purge, engine, clock):
    with writing(engine) as session:
        session.add_all([text_row(clock, 500), text_row(clock, 10), text_row(clock, 501, state=TextState.WAITING)])
        session.add_all([place_row(clock, 500), place_row(clock, 10)])
        session.add(SignInRow(at=clock.now() - timedelta(days=3), name_key="x", address_key="y"))
    assert purge.run("flask").counts == {"texts": 1, "places": 1, "sign_ins": 1}
    assert counted(engine, TextRow, PlaceRow, SignInRow) == [2, 1, 0]


# A legal hold: nothing of the number, or of the account, goes by rule until the hold is released.
@pytest.mark.parametrize("what", [{"kind": "caller", "value": KIM}, {"kind": "account", "value": "70000011"}])
def test_what_is_on_hold_stays_until_it_is_released(purge, called, engine, clock, what):
    sid = called(500, account_number="70000011")
    called(501, LOU)
    with writing(engine) as session:
        session.add(text_row(clock, 500, call_sid=sid))
        session.add(place_row(clock, 500, call_sid=sid))
        session.add(mail_row(clock, 500, account_number="70000011"))
    hold(engine, clock.now(), "ada", **what, reason="a court asked")
    assert purge.run("flask").counts["calls"] == 1
    TextQueue(engine, clock).forget(clock.now())
    assert VoicemailQueue(engine, clock).claim() is None
    assert counted(engine, CallRow, NoteRow, TextRow, PlaceRow, VoicemailRow) == [1, 1, 1, 1, 1]
    with reading(engine) as session:
        assert session.scalar(select(TextRow.to_number)) == KIM
    (placed,) = holds(engine)
    assert release(engine, clock.now(), "ada", placed.id, "settled")
    assert not release(engine, clock.now(), "ada", placed.id, "settled")
    assert purge.run("flask").counts["calls"] == 1
    assert VoicemailQueue(engine, clock).claim().step is Step.EXPIRE
    assert [entry.act for entry in entries(engine)][1:] == [Act.HOLD_RELEASED, Act.PURGED, Act.HELD]


# Not even a message that was deleted goes while it is on hold.
def test_a_deleted_message_on_hold_keeps_its_sound(engine, clock):
    with writing(engine) as session:
        session.add(mail_row(clock, 5, state=MessageState.DISCARDED, next_try_at=clock.now()))
    hold(engine, clock.now(), "ada", kind="caller", value=KIM, reason="a court asked")
    queue = VoicemailQueue(engine, clock)
    task = queue.claim()
    assert task.step is Step.NONE
    queue.done(task)
    assert queue.claim() is None


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("caller", "anonymous", "x"),
        ("account", "7", "x"),
        ("caller", KIM, " "),
        ("caller", KIM, "x" * 501),
        ("dog", "x", "x"),
    ],
)
def test_a_hold_that_cannot_be_is_refused(engine, clock, kind, value, reason):
    with pytest.raises(HoldError):
        hold(engine, clock.now(), "ada", kind=kind, value=value, reason=reason)


def test_a_number_is_held_once(engine, clock):
    hold(engine, clock.now(), "ada", kind="caller", value=KIM, reason="one")
    with pytest.raises(HoldError, match="already"):
        hold(engine, clock.now(), "ada", kind="caller", value=KIM, reason="two")
    assert KIM not in str([entry.subject for entry in entries(engine)])


def test_a_ways_row_is_held_while_a_call_that_took_it_is_written(engine, called):
    """On PostgreSQL; else the purge could take it away in between, and a webhook would fail."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    called(1)
    statement = facts_statements(engine.dialect).path
    with engine.begin() as connection:
        statement.run(cursor_of(connection), {"key": "none"})
    assert "FOR KEY SHARE" in statement.sql

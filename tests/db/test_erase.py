"""One caller is forgotten at their request: nothing of their number is left, and nobody else loses anything."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.accounts import ChangeKind
from ivr.call import Call, Recorded
from ivr.call_log import Progress, Visit
from ivr.db.base import Base
from ivr.db.calls import SqlCallLog
from ivr.db.console.audit import entries
from ivr.db.console.erase import EraseError, Eraser, receipts
from ivr.db.console.holds import hold, holds, release
from ivr.db.console.tables import ErasureRow, FilterRow, MarkRow, NoteRow, StaffRow
from ivr.db.database import reading, writing
from ivr.db.models.accounts import ChangeRow
from ivr.db.models.calls import CallRow, TurnRow
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow, TextStopRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.db.voicemail_queue import Step, VoicemailQueue
from ivr.db.voicemails import SqlMailbox
from ivr.messages import Message, MessageState
from ivr.staff import Role
from ivr.text import Purpose, StopSource, TextState
from ivr.waiting import Kind, PlaceState

KIM, LOU, LINE = "+14155550123", "+14155550199", "+18005550100"


@pytest.fixture
def eraser(engine, clock):
    return Eraser(engine, clock, "a pepper", [LINE])


@pytest.fixture
def log(engine):
    return SqlCallLog(engine)


@pytest.fixture
def called(log, clock, engine):
    """A call that ended an hour ago, or goes on; something was said in it that names the number."""

    def call(caller=KIM, sid="", *, going_on=False, names="", **fields):
        at = clock.now() - timedelta(hours=1)
        one = Call(sid or f"CA{caller[-4:]}", caller, LINE, turn=1, facts={"number": names or caller}, **fields)
        visit = Visit(at, "callback", "offer", "menu", ("callback.offer",), {"number": names or caller})
        log.save(Progress(one, visit, f"<Response><Say>{names or caller}</Say></Response>"), None)
        done = replace(visit, outcome="1", input=(names or caller)[2:])
        log.save(Progress(replace(one, turn=2), visit, f"<Response><Say>{names or caller}</Say></Response>"), done)
        if not going_on:
            log.ended(replace(one, turn=2), "completed", 30, at)
            with writing(engine) as session:
                session.add(NoteRow(call_sid=one.sid, at=at, who="lea", body=f"call {caller} back"))
                session.add(MarkRow(call_sid=one.sid, at=at, who="lea"))
        return replace(one, turn=2)

    return call


def place_row(clock, caller=KIM, call_sid="", **fields):
    known = {"department": "sales", "call_sid": call_sid or f"CA{caller[-4:]}", "caller": caller, "called": LINE}
    state = {"kind": Kind.CALLBACK, "state": PlaceState.WAITING, "number": caller, "topic": "", "proved": False}
    zero = {"tries": 0, "offer": "", "asked": 0, "key": "", "arrived_at": clock.now() - timedelta(hours=1)}
    return PlaceRow(**{**known, **state, **zero, **fields})


def everything(engine, clock, ann):
    """Whatever else there can be of Kim."""
    at = clock.now() - timedelta(days=2)
    written = {"call_sid": "CA0123", "created_at": at, "purpose": Purpose.ANSWER, "body": "Hello"}
    with writing(engine) as session:
        session.add(TextRow(key="a", to_number=KIM, state=TextState.SENT, **written))
        session.add(TextRow(key="b", to_number=KIM, state=TextState.WAITING, next_try_at=at, **written))
        session.add(TextRow(key="c", to_number=LOU, state=TextState.SENT, **written))
        session.add(TextStopRow(number=KIM, at=at, source=StopSource.REPLY))
        session.add(place_row(clock))
        terms = {"kind": ChangeKind.CANCEL_TRIAL, "call_sid": "CA0123", "account_id": int(ann), "at": at}
        session.add(ChangeRow(code="111111", key="CA0123/7", before={"phone": KIM}, after={}, **terms))
        person = StaffRow(name="lea", full_name="Lea", role=Role.LEAD, password_hash="", created_at=at)
        session.add(person)
        session.flush()
        session.add(FilterRow(staff_id=person.id, name="Kim", query="q=%2B1+415-555-0123&period=week"))
        session.add(FilterRow(staff_id=person.id, name="other", query="q=0123"))


def bytes_of(engine):
    """Every byte of the database."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        engine.dispose()
        path = Path(engine.url.database)
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    with engine.connect() as connection:
        rows = [str(connection.execute(select(table)).all()) for table in Base.metadata.sorted_tables]
    return "".join(rows).encode()


# After an erasure no byte of the database holds the number, however it was written.
def test_nothing_of_the_number_is_left(eraser, engine, clock, called, ann):
    kim = called()
    SqlMailbox(engine, SqlCallLog(engine), clock, 90).keep(Message.of(kim, Recorded("RE1", 9)))
    called(LOU)
    with writing(engine) as session:
        session.add(NoteRow(call_sid="CA0199", at=clock.now(), who="lea", body="Kim too, at (415) 555-0123"))
    everything(engine, clock, ann)
    assert bytes_of(engine).count(b"4155550123") > 10
    receipt = eraser.erase(KIM, "ada")
    expected = {"voicemails": 1, "notes": 1, "marks": 1, "call_facts": 1, "turns": 2, "calls": 1, "texts": 2}
    assert receipt.counts == {**expected, "places": 1, "filters": 1, "masked": 2}
    left = bytes_of(engine)
    for written in (b"4155550123", b"415-555-0123", b"(415) 555-0123"):
        assert written not in left, written
    assert LOU.encode() in left


# The ledger and the account stay; what others said, heard and noted stays as well.
def test_the_ledger_and_other_callers_stay(eraser, engine, clock, called, ann):
    called()
    called(LOU)
    everything(engine, clock, ann)
    eraser.erase(KIM, "ada")
    with reading(engine) as session:
        (change,) = session.scalars(select(ChangeRow))
        assert (change.code, change.before) == ("111111", {"phone": "…23"})
        assert list(session.scalars(select(CallRow.sid))) == ["CA0199"]
        assert list(session.scalars(select(NoteRow.body))) == [f"call {LOU} back"]
        assert list(session.scalars(select(FilterRow.name))) == ["other"]
        assert list(session.scalars(select(TextRow.to_number))) == [LOU]


# A receipt says what went, to whoever may read it, without the number; so does a row of the audit log.
def test_a_receipt_tells_without_telling_the_number(eraser, engine, called):
    called()
    receipt = eraser.erase(KIM, "ada")
    assert receipts(engine) == [receipt]
    (entry,) = entries(engine)
    assert (entry.act, entry.who, entry.subject) == ("erased", "ada", receipt.code)
    assert entry.detail["caller"] == "…23"


# Asked for twice, it is done once: the second time the first receipt comes back.
def test_erasing_again_gives_the_same_receipt(eraser, engine, called):
    called()
    first = eraser.erase(KIM, "ada")
    assert eraser.erase(KIM, "lea") == first
    assert len(receipts(engine)) == len(entries(engine)) == 1


def test_who_never_called_gets_a_receipt_too(eraser):
    assert eraser.erase(KIM, "ada").counts == {}


# A call that goes on is left alone, and goes ten minutes after its end, when no late notice can write it anew.
def test_a_call_in_progress_goes_on_and_is_erased_after_its_end(eraser, engine, clock, called, log):
    called(sid="CAold")
    kim = called(sid="CAnow", going_on=True)
    receipt = eraser.erase(KIM, "ada")
    assert (receipt.counts["calls"], receipt.pending) == (1, 1)
    assert log.load("CAnow") is not None
    assert eraser.finish() == 0
    log.ended(kim, "completed", 60, clock.now())
    clock.passes(minutes=5)
    assert eraser.finish() == 0
    log.ended(kim, "completed", 60, clock.now())  # told twice
    clock.passes(minutes=6)
    assert eraser.finish() == 1
    assert eraser.finish() == 0
    (receipt,) = receipts(engine)
    assert (receipt.counts["calls"], receipt.pending) == (2, 0)
    assert b"4155550123" not in bytes_of(engine)


# Who calls again after the request begins anew: that call is no part of it.
def test_a_call_after_the_request_stays(eraser, engine, clock, called, log):
    kim = called(sid="CAnow", going_on=True)
    eraser.erase(KIM, "ada")
    log.ended(kim, "completed", 60, clock.now())
    called(sid="CAlater")
    clock.passes(hours=2)
    assert eraser.finish() == 1
    with reading(engine) as session:
        assert list(session.scalars(select(CallRow.sid))) == ["CAlater"]


# A caller who is being called back this moment is being served: their place and their call stay until that is over.
def test_a_callback_that_is_being_made_is_let_finish(eraser, engine, clock, called):
    called()
    with writing(engine) as session:
        session.add(place_row(clock, state=PlaceState.RINGING))
    assert eraser.erase(KIM, "ada").pending == 1
    with writing(engine) as session:
        session.scalars(select(PlaceRow)).one().state = PlaceState.SERVED
    assert eraser.finish() == 1
    with reading(engine) as session:
        assert session.scalars(select(PlaceRow)).all() == session.scalars(select(CallRow)).all() == []


# Somebody else's call in which the number was only given stays, with the number masked; legs to the caller go.
def test_a_number_that_somebody_else_gave_is_masked_there(eraser, engine, called):
    called(LOU, names=KIM)
    called(LINE, sid="CAagent", leg="agent", shown=KIM)
    with writing(engine) as session:
        session.add(CallRow(**leg_row("CAleg", engine)))
    assert eraser.erase(KIM, "ada").counts["masked"] == 2
    with reading(engine) as session:
        assert set(session.scalars(select(CallRow.sid))) == {"CA0199", "CAagent"}
        turn = session.scalars(select(TurnRow).where(TurnRow.call_sid == "CA0199")).first()
        assert turn.values == {"number": "…23"}
    assert b"4155550123" not in bytes_of(engine)


def leg_row(sid, engine):
    with reading(engine) as session:
        at = session.scalars(select(CallRow.started_at)).first()
    known = {"sid": sid, "caller": LINE, "called": KIM, "leg": "called_back", "turn": 1, "status": "completed"}
    return {**known, "started_at": at, "ended_at": at, "state": {}, "answer": ""}


# The sound of a message goes here and at the carrier, by the worker that does so with every message.
def test_messages_are_handed_to_the_worker_without_a_name(eraser, engine, clock, called, log):
    SqlMailbox(engine, log, clock, 90).keep(Message.of(called(), Recorded("RE1", 9)))
    eraser.erase(KIM, "ada")
    task = VoicemailQueue(engine, clock).claim()
    assert (task.step, task.recording_sid, task.caller, task.on_carrier) == (Step.EXPIRE, "RE1", "", True)
    with reading(engine) as session:
        assert session.scalar(select(VoicemailRow.state)) is MessageState.DISCARDED


# STOP stays where an account keeps the number, since texts could go there; elsewhere the carrier's own does.
def test_stop_stays_with_an_account_that_has_the_number(eraser, engine, clock, ann):  # noqa: ARG001 it is there
    with writing(engine) as session:
        session.add(TextStopRow(number="+14155550111", at=clock.now(), source=StopSource.REPLY))
    assert eraser.erase("+14155550111", "ada").counts == {"accounts_that_keep_it": 1}
    with reading(engine) as session:
        assert session.scalar(select(TextStopRow.number)) == "+14155550111"


# What is on hold is not erased: not by number, and no call of an account that is held.
def test_a_number_on_hold_is_refused(eraser, engine, clock, called):
    called()
    hold(engine, clock.now(), "ada", kind="caller", value=KIM, reason="a court asked")
    with pytest.raises(EraseError, match="legal hold"):
        eraser.erase(KIM, "ada")
    (placed,) = holds(engine)
    release(engine, clock.now(), "ada", placed.id, "settled")
    assert eraser.erase(KIM, "ada").counts["calls"] == 1
    assert holds(engine)[0].value == "…23"


def test_calls_of_an_account_on_hold_stay(eraser, engine, clock, called, log):
    kim = called(account_number="70000011", account_id="1")
    SqlMailbox(engine, log, clock, 90).keep(Message.of(kim, Recorded("RE1", 9)))
    called(sid="CAother")
    hold(engine, clock.now(), "ada", kind="account", value="70000011", reason="a court asked")
    counts = eraser.erase(KIM, "ada").counts
    assert (counts["calls"], counts["kept_on_hold"]) == (1, 1)
    assert "voicemails" not in counts
    with reading(engine) as session:
        assert list(session.scalars(select(NoteRow.call_sid))) == ["CA0123"]


@pytest.mark.parametrize("number", ["anonymous", "", "4155550123", "+266696687", LINE])
def test_what_is_no_callers_number_is_refused(eraser, number):
    with pytest.raises(EraseError):
        eraser.erase(number, "ada")


# Killed in between, it can be asked for again, and finds what is left.
def test_it_can_be_killed_and_done_again(eraser, engine, called, monkeypatch):
    called()
    monkeypatch.setattr("ivr.db.console.erase.mask_elsewhere", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        eraser.erase(KIM, "ada")
    monkeypatch.undo()
    assert eraser.erase(KIM, "ada").code
    with reading(engine) as session:
        assert len(session.scalars(select(ErasureRow)).all()) == 1

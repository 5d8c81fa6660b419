"""What the database knows of how the line is, for `/metrics`."""

from datetime import timedelta

from ivr.db.database import writing
from ivr.db.models.calls import CallRow
from ivr.db.models.pins import PinLockRow
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.db.vitals import Vitals, vitals


def test_what_the_database_knows(engine, clock):
    now, early = clock.now(), clock.now() - timedelta(seconds=90)
    text = {"to_number": "+14155550111", "body": "x", "purpose": "answer", "call_sid": "CA1", "created_at": early}
    call = {"caller": "+1", "called": "+2", "turn": 1, "status": "x", "state": {}, "answer": "", "started_at": now}
    place = {"call_sid": "CA1", "caller": "+1", "called": "+2", "arrived_at": early, "state": "waiting", "number": ""}
    place |= {"topic": "", "proved": False, "tries": 0, "offer": "", "asked": 0, "key": ""}
    message = {"call_sid": "CA1", "department": "support", "topic": "", "caller": "+1", "kept_until": now, "at": early}
    with writing(engine) as session:
        session.add_all([
            CallRow(sid="CA1", **call),
            CallRow(sid="CA2", leg="agent", **call),
            CallRow(sid="CA3", ended_at=now, **call),
            PinLockRow(account_id="1", locked_until=now + timedelta(hours=1)),
            PinLockRow(account_id="2", locked_until=early),
            PlaceRow(department="support", kind="on-line", **place),
            PlaceRow(department="support", kind="callback", **place),
            PlaceRow(department="sales", kind="callback", not_before=now + timedelta(hours=1), **place),
            PlaceRow(department="closed long ago", kind="on-line", **place),
            TextRow(key="1", state="waiting", next_try_at=now, **text),
            TextRow(key="2", state="dead", **text),
            TextRow(key="3", state="dead", done_at=now, **text),
            VoicemailRow(recording_sid="RE1", state="sent", next_try_at=now, **message),
            VoicemailRow(recording_sid="RE2", state="sent", next_try_at=now, fetched_at=now, **message),
        ])  # fmt: skip
    assert vitals(engine, ["support", "sales"], now) == Vitals(
        calls=1,
        waiting={"support": 1, "sales": 0},
        longest_wait_s={"support": 90.0, "sales": 0.0},
        callbacks_due={"support": 1, "sales": 0},
        pin_locks=1,
        texts_waiting=1,
        texts_oldest_s=90.0,
        texts_dead=1,
        messages_to_fetch=1,
        messages_oldest_s=90.0,
    )

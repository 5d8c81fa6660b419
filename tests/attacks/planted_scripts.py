"""A script in every text of the database that is not the line's own word: what callers, importers and staff write."""

import enum
from datetime import timedelta
from itertools import count

from sqlalchemy import JSON, Boolean, DateTime, Enum, Integer, String, select, update
from sqlalchemy.orm import Session

from ivr.db.console.tables import AuditRow, CallFactsRow, FilterRow, HoldRow, MarkRow, NoteRow, StaffRow
from ivr.db.models.accounts import AccountRow
from ivr.db.models.calls import CallRow, TurnRow
from ivr.db.models.carrier_errors import CarrierErrorRow
from ivr.db.models.events import EventRow
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow

MARK = "x9zplanted"
SCRIPT = f'{MARK}"\'><img src=x onerror="window.planted=1"><script>window.planted=1</script>{{{{7*7}}}}'
_LISTED = (VoicemailRow, PlaceRow, TextRow, CarrierErrorRow, EventRow, AuditRow, NoteRow, MarkRow, FilterRow, HoldRow)
_OURS = {"kind", "level", "key", "event_id", "sid", "recording_sid", "query", "offer", "stored", "type"}
_serial = count()


def plant(engine, now):
    """Write it there; returns the name of the call that has it. now: of the line's clock."""
    with Session(engine) as session, session.begin():
        sid = session.scalars(select(CallRow.sid).order_by(CallRow.started_at.desc())).first()
        staff = session.scalars(select(StaffRow.id).where(StaffRow.name == "ada")).one()
        for table, *names in (
            (CallRow, "caller", "called", "transferred_to", "status"),
            (CallFactsRow, "caller", "department", "left_at"),
        ):
            session.execute(update(table).where(table.sid == sid).values(dict.fromkeys(names, SCRIPT)))
        turn = session.scalars(select(TurnRow.id).where(TurnRow.call_sid == sid)).first()
        told = {"flow": SCRIPT, "node": SCRIPT, "input": SCRIPT, "outcome": SCRIPT, "prompts": [SCRIPT]}
        session.execute(update(TurnRow).where(TurnRow.id == turn).values(told))
        session.execute(update(AccountRow).values(name=SCRIPT, email=SCRIPT))
        session.execute(update(StaffRow).values(full_name=SCRIPT))
        for kind in _LISTED:
            for row in _rows(kind, sid, staff, now):
                session.add(row)
    return sid


def _rows(kind, sid, staff, now):
    """Make a row for each state that such a thing can be in."""
    states = [column for column in kind.__table__.columns if column.name == "state"]
    for state in states[0].type.enum_class if states else (None,):
        row = {column.name: _value(column, now) for column in kind.__table__.columns if not _left_out(column)}
        row |= {"call_sid": sid} if "call_sid" in kind.__table__.columns else {}
        row |= {"staff_id": staff} if "staff_id" in kind.__table__.columns else {}
        row |= {"who": "ada"} if "who" in row else {}
        row |= {"current": True} if "current" in row else {}
        row |= {"query": "q=ann"} if kind is FilterRow else {"kind": "caller"} if kind is HoldRow else {}
        yield kind(**row, **({"state": state} if state else {}))


def _left_out(column):
    optional = column.nullable and not isinstance(column.type, String)
    return column.name in {"id", "state", "call_sid", "staff_id"} or optional


def _value(column, now):
    kind = column.type
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class)) if isinstance(kind.enum_class, enum.EnumType) else kind.enums[0]
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, JSON):
        return {"x": SCRIPT}
    if isinstance(kind, String):
        return f"{next(_serial):032}" if column.name in _OURS else SCRIPT
    return now - timedelta(minutes=1) if isinstance(kind, DateTime) else _of_our_own(column, now)


def _of_our_own(column, now):
    """Fill a column of a kind that `ivr.db.base` declares."""
    python = column.type.impl if hasattr(column.type, "impl") else column.type
    return {"x": SCRIPT} if isinstance(python, JSON) else now - timedelta(minutes=1)

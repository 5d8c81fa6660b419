"""The call log as staff read it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from ivr.call_log import Visit
from ivr.db.database import reading, storable
from ivr.db.models.calls import CallRow, TurnRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.db.visits import Speak, in_ids, visit_of
from ivr.messages import MessageState


def list_calls(engine: Engine, since: datetime | None = None, limit: int | None = None) -> list[dict[str, Any]]:
    """List calls, newest first, as `flask calls list --json` shows them.

    Calls to people whom the line rings are left out; `show_call` has them. since: aware; only calls that began then or
    later. limit: how many at most.
    """
    query = (
        select(CallRow)
        .where(CallRow.leg.is_(None))
        .order_by(CallRow.started_at.desc(), CallRow.sid.desc())
        .limit(limit)
    )
    if since is not None:
        query = query.where(CallRow.started_at >= since)
    with reading(engine, patient=True) as session:
        return [_summary(row) for row in session.scalars(query)]


def show_call(engine: Engine, sid: str, speak: Speak = in_ids) -> dict[str, Any] | None:
    """Show one call with its turns, the one it is waiting in last; None where there is no such call.

    speak: tells what a prompt id said with these values; left out, the ids themselves are shown.
    """
    with reading(engine, patient=True) as session:
        row = session.get(CallRow, storable(sid))
        if row is None:
            return None
        turns = session.scalars(select(TurnRow).where(TurnRow.call_sid == row.sid).order_by(TurnRow.number))
        visits = [visit_of(vars(turn)) for turn in turns]
        if row.ended_at is None and row.pending is not None:
            visits.append(visit_of(row.pending))
        return {**_summary(row), "turns": [_turn(visit, speak) for visit in visits]}


def list_voicemails(engine: Engine, *, discarded: bool = False) -> list[dict[str, Any]]:
    """List messages, newest first, as `flask voicemail list --json` shows them. discarded: those, too."""
    query = select(VoicemailRow).order_by(VoicemailRow.at.desc(), VoicemailRow.id.desc())
    if not discarded:
        query = query.where(VoicemailRow.state != MessageState.DISCARDED)
    with reading(engine, patient=True) as session:
        return [_message(row) for row in session.scalars(query)]


def show_voicemail(engine: Engine, number: int) -> dict[str, Any] | None:
    """Show one message; None where there is no such message."""
    with reading(engine, patient=True) as session:
        row = session.get(VoicemailRow, number)
        return None if row is None else _message(row)


def list_texts(engine: Engine) -> list[dict[str, Any]]:
    """List text messages, newest first, as `flask texts list --full --json` shows them."""
    with reading(engine, patient=True) as session:
        return [_text(row) for row in session.scalars(select(TextRow).order_by(TextRow.id.desc()))]


def iso(at: datetime | None) -> str | None:
    """Write a time as ISO 8601 in UTC, ending in Z."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def _summary(row: CallRow) -> dict[str, Any]:
    return {
        "call_sid": row.sid,
        "from": row.caller,
        "to": row.called,
        "started_at": iso(row.started_at),
        "ended_at": iso(row.ended_at),
        "duration_s": row.duration_s,
        "status": row.status,
        "disposition": row.disposition,
        "transferred_to": row.transferred_to,
        "account_number": row.account_number,
    }


def _message(row: VoicemailRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": iso(row.at),
        "department": row.department,
        "topic": row.topic,
        "from": row.caller,
        "account_number": row.account_number,
        "seconds": row.seconds,
        "state": row.state,
        "transcript": row.transcript,
        "stored": row.stored,
        "kept_until": iso(row.kept_until),
        "error": row.error,
        "attempts": row.attempts,
        "next_try_at": iso(row.next_try_at),
        "deleted_at_carrier": iso(row.deleted_at_carrier),
        "call_sid": row.call_sid,
        "recording_sid": row.recording_sid,
    }


def _text(row: TextRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": iso(row.created_at),
        "state": row.state,
        "purpose": row.purpose,
        "to": row.to_number,
        "body": row.body,
        "error": row.error,
        "attempts": row.attempts,
        "next_try_at": iso(row.next_try_at),
        "message_sid": row.message_sid,
        "call_sid": row.call_sid,
    }


def _turn(visit: Visit, speak: Speak) -> dict[str, Any]:
    return {
        "at": iso(visit.at),
        "flow": visit.flow,
        "node": visit.node,
        "heard": " ".join(speak(prompt_id, visit.values) for prompt_id in visit.prompts),
        "kind": visit.kind,
        "input": visit.input,
        "outcome": visit.outcome,
    }

"""Invented calls written into the tables, as the webhooks write real ones."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Connection, Table, insert

from ivr.accounts import ChangeKind
from ivr.call import Call
from ivr.db.call_statements import CALLS, MAIL, TURNS
from ivr.db.console.facts import FactsWriter
from ivr.db.console.samples.walk import Sample
from ivr.db.models.accounts import ChangeRow
from ivr.db.models.pins import PinTryRow
from ivr.db.models.texts import TextRow
from ivr.db.prepared import cursor_of
from ivr.db.visits import visit_values
from ivr.messages import Message, MessageState
from ivr.pins import PinResult
from ivr.text import TextState

_TRIES, _TEXTS = cast("Table", PinTryRow.__table__), cast("Table", TextRow.__table__)
_CHANGES = cast("Table", ChangeRow.__table__)
NO_SOUND = "an invented call: nothing was recorded"
KEPT_DAYS = 30


def write(connection: Connection, samples: Sequence[Sample], version: str) -> None:
    """Write calls with all that they left behind, oldest first. version: of the flows."""
    _put(connection, CALLS, [dict(sample.row) for sample in samples])
    _put(connection, TURNS, [row for sample in samples for row in _turns(sample)])
    _put(connection, _TRIES, [row for sample in samples for row in _tries(sample)])
    _put(connection, MAIL, [row for sample in samples for row in _messages(sample)])
    _put(connection, _TEXTS, [row for sample in samples for row in _texts(sample)])
    _put(connection, _CHANGES, [row for sample in samples for row in _changes(sample)])
    facts = FactsWriter(connection.dialect, version)
    for sample in samples:
        facts.begin(cursor_of(connection), sample.call, sample.visits[0].at)
        facts.finish(cursor_of(connection), sample.call.sid)


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _turns(sample: Sample) -> Iterable[dict[str, Any]]:
    for number, visit in enumerate(sample.visits, 1):
        yield {**visit_values(visit), "at": visit.at, "call_sid": sample.call.sid, "number": number}


def _tries(sample: Sample) -> Iterable[dict[str, Any]]:
    proved = {attempt.account_id for attempt, _, result in sample.left.tries if result is PinResult.CORRECT}
    for attempt, at, result in sample.left.tries:
        yield {
            "key": attempt.key,
            "call_sid": attempt.call_sid,
            "account_id": attempt.account_id,
            "caller_key": None,
            "at": at,
            "checked": attempt.account_id is not None,
            "counts_for_caller": True,
            "outcome": result,
            "settled": True,
            "forgiven": result is not PinResult.CORRECT and attempt.account_id in proved,
            "closes_caller": False,
        }


def _messages(sample: Sample) -> Iterable[dict[str, Any]]:
    for message, state, at in sample.left.messages.values():
        yield {
            **vars(message),
            "state": state,
            "at": at,
            "deleted_at_carrier": at,
            "error": NO_SOUND,
            "attempts": 0,
            "kept_until": at + timedelta(days=KEPT_DAYS),
            "transcript": None if state is MessageState.DISCARDED else _said(message, sample.call),
        }


def _said(message: Message, call: Call) -> str:
    about = {"buying": "buying", "trial": "my free trial", "plan": "my bill"}.get(message.topic, "my meetings")
    number = f"My number ends in {' '.join(call.caller[-2:])}." if call.caller[1:].isdecimal() else ""
    return f"Hello, this is about {about}. Please call me back. {number}".strip()


def _texts(sample: Sample) -> Iterable[dict[str, Any]]:
    for text, at in sample.left.texts.values():
        yield {
            "key": text.key,
            "to_number": text.to,
            "body": text.body,
            "purpose": text.purpose,
            "call_sid": text.call_sid,
            "created_at": at,
            "state": TextState.SENT,
            "message_sid": None,
            "attempts": 0,
        }


def _changes(sample: Sample) -> Iterable[dict[str, Any]]:
    for made in sample.left.changes:
        change, undone = made.change, made.change.kind.undo is None
        trial = change.kind in {ChangeKind.CANCEL_TRIAL, ChangeKind.UNDO_CANCEL_TRIAL}
        name, after = ("cancels_at_trial_end", not undone) if trial else ("auto_renew", undone)
        yield {
            "account_id": int(made.account_id),
            "code": change.code,
            "kind": change.kind,
            "at": change.at,
            "call_sid": change.call_sid,
            "key": change.key,
            "undoes": made.undoes,
            "before": {name: not after},
            "after": {name: after},
        }

"""The audit log: what staff did that changes or reveals something, one row each, never altered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ivr.db.console.tables import AuditRow
from ivr.db.database import reading, storable


class Act(StrEnum):
    """What is worth a row."""

    SIGNED_IN = "signed in"
    SIGN_IN_FAILED = "sign-in failed"
    SIGNED_OUT = "signed out"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 a word for it
    SECOND_FACTOR_SET = "second factor set"
    SECOND_FACTOR_REMOVED = "second factor removed"
    RECOVERY_CODE_USED = "recovery code used"
    STAFF_ADDED = "staff added"
    STAFF_CHANGED = "staff changed"
    CALL_CORRECTED = "call corrected"
    CALL_ASSIGNED = "call assigned"
    CALL_ATTENDED = "call attended to"
    NOTED = "noted"
    LISTENED = "listened"
    MESSAGE_DELETED = "message deleted"
    MESSAGE_DONE = "message done"
    MESSAGE_RETRIED = "message fetched again"
    EXPORTED = "exported"
    CALLBACK_ENDED = "callback ended"
    TEXT_RETRIED = "text retried"
    TEXT_DONE = "text seen to"
    EVENT_RETRIED = "event sent again"
    EVENT_DONE = "event seen to"
    ACCOUNT_SEEN = "account seen"
    ACCOUNT_UNLOCKED = "account unlocked"
    CHANGE_UNDONE = "change undone"
    PIN_SET = "PIN set"
    PROMPT_RECORDED = "prompt recorded"
    PROMPT_RESET = "prompt reset"
    HELD = "held"
    HOLD_RELEASED = "hold released"
    ERASED = "erased"
    PURGED = "purged"


@dataclass(frozen=True)
class Entry:
    """One row of the log, as admins read it."""

    id: int
    at: datetime
    who: str
    act: str
    subject: str
    detail: Mapping[str, Any]


def record(session: Session, at: datetime, who: str, act: Act, subject: str, **detail: Any) -> None:
    """Write a row in the transaction of what it tells of. subject: a CallSid, an account number, a staff name, ..."""
    session.add(AuditRow(at=at, who=who, act=act, subject=storable(subject), detail=detail))


def entries(
    engine: Engine, before: int | None = None, limit: int = 50, *, act: str = "", who: str = "", subject: str = ""
) -> list[Entry]:
    """List rows, newest first. before: id of the last row of the page before. act, who, subject: only those."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditRow.id < before)
    for column, value in ((AuditRow.act, act), (AuditRow.who, who), (AuditRow.subject, subject)):
        if value:
            query = query.where(column == storable(value))
    with reading(engine) as session:
        return [Entry(r.id, r.at, r.who, r.act, r.subject, r.detail) for r in session.scalars(query)]

"""Events as operators see them: listed, and sent again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, select

from ivr.db.database import reading, storable, writing
from ivr.db.event_queue import wait_again
from ivr.db.history import iso
from ivr.db.models.events import EventRow
from ivr.events import EventState


@dataclass(frozen=True)
class Which:
    """Events that are meant: all of these together. since: aware. ids: `webhook-id`s. state: at an address."""

    since: datetime | None = None
    ids: Collection[str] = ()
    account_id: str = ""
    state: EventState | None = None

    def terms(self) -> list[ColumnElement[bool]]:
        """Return them as conditions."""
        found: list[ColumnElement[bool]] = []
        if self.since is not None:
            found.append(EventRow.created_at >= self.since)
        if self.ids:
            found.append(EventRow.event_id.in_(map(storable, self.ids)))
        if self.account_id:
            found.append(EventRow.account_id == storable(self.account_id))
        if self.state is not None:
            found.append(EventRow.state == self.state)
        return found


def list_events(engine: Engine, which: Which, limit: int | None = None) -> list[dict[str, Any]]:
    """List events, newest first, as `flask events list --json` shows them: without what they say."""
    query = select(EventRow).where(*which.terms()).order_by(EventRow.id.desc()).limit(limit)
    with reading(engine) as session:
        return [
            {
                "id": row.event_id,
                "at": iso(row.created_at),
                "type": row.type,
                "state": row.state,
                "endpoint": row.endpoint,
                "account_id": row.account_id,
                "call_sid": row.call_sid,
                "sent_at": iso(row.sent_at),
                "error": row.error,
                "attempts": row.attempts,
                "next_try_at": iso(row.next_try_at),
            }
            for row in session.scalars(query)
        ]


def replay(engine: Engine, endpoints: Sequence[str], which: Which, now: datetime) -> int:
    """Send events again to the addresses of today, in their order, with the ids they had; return how many.

    An address that is new since gets them, too; what was to go to one that is no longer there goes to these.
    """
    with writing(engine, patient=True) as session:
        meant = session.scalars(select(EventRow).where(*which.terms()).order_by(EventRow.id)).all()
        ids = list(dict.fromkeys(row.event_id for row in meant))
        found = select(EventRow).where(EventRow.event_id.in_(ids)).order_by(EventRow.id).with_for_update()
        rows = {(row.event_id, row.endpoint): row for row in session.scalars(found)}
        known = {row.event_id: row for row in meant}
        for event_id in ids:
            for endpoint in endpoints:
                row = rows.get((event_id, endpoint)) or _copy(known[event_id], endpoint)
                session.add(row)
                wait_again(session, row, now)
            session.flush()
        for (_, endpoint), row in rows.items():
            if endpoint not in endpoints and row.state is not EventState.SENT:
                session.delete(row)
        return len(ids)


def _copy(row: EventRow, endpoint: str) -> EventRow:
    kept = ("event_id", "key", "type", "subject", "account_id", "call_sid", "body", "created_at")
    return EventRow(endpoint=endpoint, **{name: getattr(row, name) for name in kept})

"""A number in what staff have written, and in the ledger: masked there, since those rows stay."""

from typing import Any

from sqlalchemy import JSON, Text, cast, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ivr.call import masked
from ivr.db.console.holds import of_held_call
from ivr.db.console.secure import anywhere, without
from ivr.db.console.tables import AuditRow, FilterRow, HoldRow, MarkRow, NoteRow
from ivr.db.ledger import Ledger
from ivr.db.models.accounts import ChangeRow
from ivr.db.models.events import EventRow
from ivr.db.models.texts import TextRow

_LAST = 4  # digits that stand together, however a number is written
# Where somebody may have written a number. Small tables, or columns that are short.
_WRITTEN: tuple[tuple[Any, tuple[InstrumentedAttribute[Any], ...]], ...] = (
    (NoteRow, (NoteRow.body,)),
    (MarkRow, (MarkRow.reason,)),
    (AuditRow, (AuditRow.subject, AuditRow.detail)),
    (ChangeRow, (ChangeRow.before, ChangeRow.after)),
    (HoldRow, (HoldRow.reason,)),
    (TextRow, (TextRow.body,)),
    (EventRow, (EventRow.body,)),
)


def mask_elsewhere(session: Session, number: str, counts: dict[str, int], ledger: Ledger) -> None:
    """Mask a number wherever it was written down; saved filters that look for it go, and old holds forget it."""
    amended: list[int] = []
    for row_type, columns in _WRITTEN:
        query = select(row_type).where(or_(*(_may_hold(column, number) for column in columns)))
        if row_type in {NoteRow, MarkRow}:
            query = query.where(~of_held_call(row_type.call_sid))
        for row in session.scalars(query):
            before = [getattr(row, column.key) for column in columns]
            after = [without(value, number) for value in before]
            if after != before:
                for column, value in zip(columns, after, strict=True):
                    setattr(row, column.key, value)
                counts["masked"] = counts.get("masked", 0) + 1
                amended += [row.id] if row_type is ChangeRow else []
    for row in session.scalars(select(FilterRow).where(_may_hold(FilterRow.query, number))):
        if anywhere(number).search(row.query.replace("%2B", "+").replace("%20", " ")):
            session.delete(row)
            counts["filters"] = counts.get("filters", 0) + 1
    for hold in session.scalars(select(HoldRow).where(HoldRow.value == number, HoldRow.released_at.is_not(None))):
        hold.value = masked(number)
        counts["masked"] = counts.get("masked", 0) + 1
    if amended:
        ledger.amended(session, amended)


def _may_hold(column: InstrumentedAttribute[Any], number: str) -> Any:
    text = cast(column, Text) if isinstance(column.type, JSON) else column
    return text.contains(number[-_LAST:])

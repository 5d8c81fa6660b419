"""Calls as a list shows them: their facts, and what else a row tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Engine, Table, exists, func, select

from ivr.call import Disposition
from ivr.db.console.call_terms import REPEAT_S
from ivr.db.console.facts import FACTS, PATHS
from ivr.db.console.tables import MarkRow, NoteRow
from ivr.db.database import reading
from ivr.db.models.calls import CallRow

MOST_VERSIONS = 50
_CALLS, _MARKS = cast("Table", CallRow.__table__), cast("Table", MarkRow.__table__)
_C = FACTS.c


@dataclass(frozen=True)
class Listed:
    """A row of the list. `ivr.db.console.tables.CallFactsRow` says what the columns of facts mean.

    path: flows in order; of a call that goes on, only where it is. transferred_to: a number or a name, where the call
    was put through. repeat: the same number had called within 24 hours. follow_up: staff have to come back to it.
    """

    sid: str
    started_at: datetime
    ended: bool
    duration_s: int | None
    caller: str
    account_number: str | None
    disposition: Disposition | None
    department: str
    transferred_to: str | None
    path: tuple[str, ...]
    left_at: str | None
    turns: int
    silences: int
    wrong_keys: int
    pin_wrong: int
    faults: int
    voicemail: bool
    since_last_s: int | None
    repeat: bool
    follow_up: bool
    noted: bool
    simulated: bool
    version: str


_NOTED = exists().where(NoteRow.call_sid == _C.sid, NoteRow.current, NoteRow.body != "")
_ROWS = (
    select(
        FACTS,
        PATHS.c.steps,
        _CALLS.c.pending,
        _CALLS.c.transferred_to,
        func.coalesce(_MARKS.c.follow_up, False).label("follow_up"),
        _NOTED.label("noted"),
    )
    .join(_CALLS, _CALLS.c.sid == _C.sid)
    .outerjoin(PATHS, PATHS.c.id == _C.path_id)
    .outerjoin(_MARKS, _MARKS.c.call_sid == _C.sid)
)


def listed(engine: Engine, sids: Sequence[str]) -> list[Listed]:
    """Read calls by their CallSids, in that order; one that is gone by now is left out."""
    if not sids:
        return []
    with reading(engine) as session:
        rows = {row.sid: row for row in session.execute(_ROWS.where(_C.sid.in_(sids)))}
    found: list[Listed] = []
    for row in (rows[sid] for sid in sids if sid in rows):
        pending: dict[str, str] = row.pending or {}
        steps: str = row.steps or ("" if row.ended else pending.get("flow", ""))
        found.append(
            Listed(
                sid=row.sid,
                started_at=row.started_at,
                ended=row.ended,
                duration_s=row.duration_s,
                caller=row.caller,
                account_number=row.account_number,
                disposition=row.disposition,
                department=row.department,
                transferred_to=row.transferred_to,
                path=tuple(steps.split()),
                left_at=row.left_at,
                turns=row.turns,
                silences=row.silences,
                wrong_keys=row.wrong_keys,
                pin_wrong=row.pin_wrong,
                faults=row.faults,
                voicemail=row.voicemail,
                since_last_s=row.since_last_s,
                repeat=row.since_last_s is not None and row.since_last_s <= REPEAT_S,
                follow_up=row.follow_up,
                noted=row.noted,
                simulated=row.simulated,
                version=row.version,
            )
        )
    return found


def versions(engine: Engine) -> list[str]:
    """List the versions of the flows that calls have been through, in no order that means anything."""
    found: list[str] = []
    with reading(engine) as session:
        newest = session.scalar(select(func.min(_C.version)))
        while newest is not None and len(found) < MOST_VERSIONS:  # from one to the next by the index, not over all rows
            found.append(newest)
            newest = session.scalar(select(func.min(_C.version)).where(_C.version > newest))
    return found

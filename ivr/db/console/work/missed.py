"""Missed calls: callers who asked for a person, found none, left nothing, and have not got through since."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from ivr.call import Disposition, withheld
from ivr.db.console.tables import CallFactsRow, MarkRow
from ivr.db.console.work import MOST
from ivr.db.database import reading

# Who has a message or a callback waits in another list.
GOT_THROUGH = (Disposition.TRANSFERRED, Disposition.VOICEMAIL, Disposition.CALLBACK)
WENT_AWAY = (Disposition.ABANDONED, Disposition.INFORMED, Disposition.RESOLVED)


@dataclass(frozen=True)
class MissedCall:
    """The newest missed call of a number. left_at: `flow.node` where they hung up; null where the line ended the call.

    times: how many of their calls were missed in this time. first_at: when the first of them began.
    """

    sid: str
    at: datetime
    first_at: datetime
    caller: str
    account_number: str | None
    department: str
    left_at: str | None
    duration_s: int | None
    simulated: bool
    times: int = 1


def missed_calls(engine: Engine, since: Mapping[str, datetime], on_the_way: Collection[str]) -> list[MissedCall]:
    """List missed calls that nobody has seen to, by who has waited longest; at most `MOST` numbers.

    since: by department, and by '' for callers who had not got to one. on_the_way: nodes, as `flow.node`, at which a
    caller is on the way to a person. Of a number's calls only the newest stands for all of them.
    """
    facts, later = CallFactsRow, aliased(CallFactsRow)
    through = exists().where(
        later.caller == facts.caller, later.started_at > facts.started_at, later.disposition.in_(GOT_THROUGH)
    )
    hung_up = and_(facts.disposition.in_(WENT_AWAY), facts.left_at.in_(list(on_the_way)))
    query = (
        select(facts, func.coalesce(MarkRow.seen, false()), through)
        .outerjoin(MarkRow, MarkRow.call_sid == facts.sid)
        .where(
            facts.started_at >= min(since.values()), facts.ended, or_(facts.disposition == Disposition.FAILED, hung_up)
        )
        .order_by(facts.started_at)
        .limit(10 * MOST)
    )
    newest: dict[str, tuple[MissedCall, bool]] = {}
    with reading(engine) as session:
        for row, seen, got_through in session.execute(query):
            nameless = withheld(row.caller)
            if row.started_at < since.get(row.department, since[""]) or (got_through and not nameless):
                continue
            # Nobody can say whether two withheld numbers are one caller.
            key = row.sid if nameless else row.caller
            before = newest[key][0] if key in newest else None
            newest[key] = _after(_missed(row), before), seen
    return sorted((call for call, seen in newest.values() if not seen), key=lambda call: call.first_at)[:MOST]


def _after(call: MissedCall, before: MissedCall | None) -> MissedCall:
    return replace(call, first_at=before.first_at, times=before.times + 1) if before else call


def _missed(row: CallFactsRow) -> MissedCall:
    return MissedCall(
        sid=row.sid,
        at=row.started_at,
        first_at=row.started_at,
        caller=row.caller,
        account_number=row.account_number,
        department=row.department,
        left_at=row.left_at,
        duration_s=row.duration_s,
        simulated=row.simulated,
    )

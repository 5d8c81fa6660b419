"""Calls that a filter agrees with, newest first: a page of them, how many there are, or all of them in batches.

With a million calls each page is read by a walk over the newest, or by indexes of what few calls have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine, Interval, func, literal_column, not_, or_, select, text, true
from sqlalchemy.orm import Session

from ivr.db.console.call_filter import CallFilter, FilterError, State
from ivr.db.console.call_terms import Condition, Term, conditions, cut, driven, terms_of, walked
from ivr.db.console.facts import FACTS
from ivr.db.console.lookup import Match
from ivr.db.database import reading

__all__ = ["CallFilter", "Cursor", "FilterError", "Found", "conditions", "every", "find", "newer"]

PAGE, COUNTED, BATCH, MOST_NEWER = 50, 1_000, 2_000, 50
NEWEST = 50_000  # calls that PostgreSQL walks over before it looks for the few among all
LIVE = timedelta(hours=4)  # no call lasts longer: what has not ended by then has lost its end
MOST_LIVE = 50
C = FACTS.c
_NOTHING: ColumnElement[timedelta] = literal_column("interval '0'", Interval)
# Or it rather reads most of the table than another index.
_PAGES_COST = text("SET LOCAL seq_page_cost = 4")


@dataclass(frozen=True)
class Cursor:
    """Where a page ends: the last call's start, aware, and its CallSid."""

    at: datetime
    sid: str

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Read what `write` has written; None for ''. Raises: FilterError."""
        if not text:
            return None
        at, _, sid = text.partition("_")
        try:
            found = cls(datetime.fromisoformat(at), sid)
            found.at.utctimetuple()
        except (ValueError, OverflowError):
            found = None
        if found is None or found.at.tzinfo is None or not sid or "\0" in sid:
            raise FilterError("This is no place in the list of calls: begin at its top.")
        return found

    def write(self) -> str:
        """Write for an address."""
        return f"{self.at:%Y-%m-%dT%H:%M:%S.%fZ}_{self.sid}"


@dataclass(frozen=True)
class Found:
    """A page of calls. live: CallSids of those going on, on the first page only. sids: others, newest first.

    older: where the next page begins; None on the last. count: of all, live ones included; above COUNTED where there
    are more than that; None on later pages. matches: what the words of the search box were taken for.
    """

    live: Sequence[str]
    sids: Sequence[str]
    older: Cursor | None
    count: int | None
    matches: Sequence[Match]


def find(engine: Engine, wanted: CallFilter, now: datetime, zone: ZoneInfo, before: Cursor | None = None) -> Found:
    """Find a page of calls. before: where the page before ended."""
    first = before is None
    with reading(engine) as session:
        terms, matches = terms_of(session, wanted, now, zone)
        live = _live(session, terms, now) if first and wanted.state is not State.ENDED else ()
        over = Term(C.ended, lambda ended: or_(ended == true(), C.started_at < now - LIVE))
        rows, count = _page(session, [*terms, over], before, PAGE + 1, COUNTED + 1 if first else PAGE + 1)
    shown = rows[:PAGE]
    return Found(
        live=live,
        sids=[row.sid for row in shown],
        older=Cursor(shown[-1].started_at, shown[-1].sid) if len(rows) > PAGE else None,
        count=len(live) + count if first else None,
        matches=matches,
    )


def newer(engine: Engine, wanted: CallFilter, now: datetime, zone: ZoneInfo, after: Cursor) -> int:
    """Count the calls that have come after one; MOST_NEWER + 1 where there are more than that."""
    above = C.started_at >= after.at, or_(C.started_at > after.at, C.sid > after.sid)
    with reading(engine) as session:
        terms, _ = terms_of(session, wanted, now, zone)
        calls = _newest(MOST_NEWER + 1, *walked(session, terms), *above).subquery()
        return session.scalar(select(func.count()).select_from(calls)) or 0


def every(engine: Engine, wanted: CallFilter, now: datetime, zone: ZoneInfo) -> Iterator[Sequence[str]]:
    """Find all calls, newest first, by CallSid, in batches; each is a transaction, so that a slow reader holds none."""
    before: Cursor | None = None
    while True:
        with reading(engine) as session:
            terms, _ = terms_of(session, wanted, now, zone)
            rows, _ = _page(session, terms, before, BATCH, BATCH)
        if rows:
            yield [row.sid for row in rows]
        if len(rows) < BATCH:
            return
        before = Cursor(rows[-1].started_at, rows[-1].sid)


def _page(
    session: Session, terms: list[Term], before: Cursor | None, size: int, most: int
) -> tuple[Sequence[Any], int]:
    """Find the newest calls that agree, `size` of them, and count them, `most` at most.

    As a rule there are enough among the newest of all, and a walk finds them. Otherwise few agree, but PostgreSQL,
    which takes conditions for independent of each other, would often walk to the end: so it is not told that an index
    has the calls in order, and intersects those of what is asked for.
    """
    below = _below(before)
    if session.get_bind().dialect.name == "sqlite" or any(term.rank == 0 for term in terms):
        return _read(session, _newest(most, *below, *driven(session, terms)), size)
    ordered = [
        term.plain() for term in terms if term.column in {C.started_at, C.version}
    ]  # an index has these in order
    passed = select(C.started_at).where(*ordered, *below).order_by(C.started_at.desc()).offset(NEWEST).limit(1)
    since = session.scalar(passed)
    newest = () if since is None else (C.started_at > since,)
    rows, count = _read(session, _newest(most, *below, *newest, *walked(session, terms)), size)
    if since is None or count == most:
        return rows, count
    session.execute(_PAGES_COST)
    return _read(session, _newest(most, *below, *cut(session, terms), at=C.started_at + _NOTHING), size)


def _read(session: Session, found: Any, size: int) -> tuple[Sequence[Any], int]:
    calls = found.cte("calls")
    count = select(func.count()).select_from(calls).scalar_subquery()
    page = select(calls.c.started_at, calls.c.sid, count).order_by(calls.c.started_at.desc(), calls.c.sid.desc())
    rows = session.execute(page.limit(size)).all()
    return rows, rows[0][2] if rows else 0


def _live(session: Session, terms: list[Term], now: datetime) -> Sequence[str]:
    """Return the calls that go on, by the index that has only these."""
    going = [not_(C.ended), C.started_at >= now - LIVE]
    found = _newest(MOST_LIVE, *going, *walked(session, terms))
    return [row.sid for row in session.execute(found)]


def _newest(limit: int, *where: Condition, at: ColumnElement[datetime] = C.started_at) -> Any:
    return select(C.started_at, C.sid).where(*where).order_by(at.desc(), C.sid.desc()).limit(limit)


def _below(before: Cursor | None) -> tuple[Condition, ...]:
    # Not as a row of two: an index on the time alone serves this, too.
    if before is None:
        return ()
    return C.started_at <= before.at, or_(C.started_at < before.at, C.sid < before.sid)

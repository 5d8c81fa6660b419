"""Calls whose facts were never written: those of a log that is older than the console."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, or_, select, text

from ivr.call import Call
from ivr.db.call_statements import CALLS
from ivr.db.console.facts import FACTS, FactsWriter
from ivr.db.database import transaction
from ivr.db.prepared import cursor_of

BATCH = 500
_C = CALLS.c
_UNKNOWN = ""  # the version of the flows that an old call met


def digest_backlog(engine: Engine, batch: int = BATCH) -> Iterator[int]:
    """Write the facts of calls that have none, or whose end is missing in them, oldest first.

    Yields after each batch of calls how many have been written so far. It may be stopped and begun again, and the line
    may run beside it: what a call comes to is told from its turns alone, and so comes out the same from both.
    """
    writer = FactsWriter(engine.dialect, _UNKNOWN)
    # On SQLite a transaction waits for the disk. On PostgreSQL each call has its own: one that holds the facts of many
    # callers could wait in a circle with the line.
    at_once = 1 if engine.dialect.name == "postgresql" else batch
    done = 0
    last: Any = None
    while rows := _page(engine, last, batch):
        last = rows[-1]
        lacking = [row for row in rows if row.lacks]
        for first in range(0, len(lacking), at_once):
            _write(engine, writer, lacking[first : first + at_once])
        done += len(lacking)
        yield done


def _page(engine: Engine, last: Any, batch: int) -> Sequence[Any]:
    unfinished = and_(~FACTS.c.ended, _C.ended_at.is_not(None))
    lacks = and_(_C.leg.is_(None), or_(FACTS.c.sid.is_(None), unfinished)).label("lacks")
    query = select(_C.sid, _C.caller, _C.called, _C.simulated, _C.started_at, lacks)
    query = query.outerjoin(FACTS, FACTS.c.sid == _C.sid)
    if last is not None:
        at: datetime = last.started_at
        query = query.where(_C.started_at >= at, or_(_C.started_at > at, _C.sid > last.sid))
    with transaction(engine) as connection:
        return connection.execute(query.order_by(_C.started_at, _C.sid).limit(batch)).all()


def _write(engine: Engine, writer: FactsWriter, rows: Sequence[Any]) -> None:
    with transaction(engine, write=True) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL synchronous_commit = off"))  # what is lost can be written again
        for row in rows:
            call = Call(row.sid, row.caller, row.called, simulated=row.simulated)
            writer.begin(cursor_of(connection), call, row.started_at)
            writer.finish(cursor_of(connection), row.sid)

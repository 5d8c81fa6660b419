"""Turns that come late: of calls that went on while the database was away. In any order, and as often as one likes.

A call's row only moves forward, by the number of its turn; a turn that is there stays as it is, unless the end of the
call was noted before what really came of it.
"""

from dataclasses import replace
from typing import Any, cast

from sqlalchemy import Engine, and_, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.call import Disposition
from ivr.call_log import Progress, Visit
from ivr.db.call_rows import call_fixed, call_values, further, last_visit
from ivr.db.call_statements import BEGUN, CALLS, PROGRESS, TURN, TURNS, call_statements
from ivr.db.console.facts import FactsWriter
from ivr.db.database import storable, transaction
from ivr.db.event_outbox import NOBODY, SqlEvents
from ivr.db.prepared import Prepared, cursor_of, once_a_dialect
from ivr.db.visits import visit_of, visit_values

_ENDS = ("hang-up", "ended")  # `last_visit`


class _Statements:
    """What the database is told besides; parameters are named like columns, `of` is the call's CallSid."""

    def __init__(self, dialect: Any) -> None:
        upsert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        self.begin = Prepared(upsert(CALLS).on_conflict_do_nothing().returning(CALLS.c.sid), dialect, BEGUN)
        new = {name: bindparam(name, type_=CALLS.c[name].type) for name in PROGRESS}
        self.go_on = Prepared(update(CALLS).where(CALLS.c.sid == bindparam("of")).values(new), dialect)
        self.fill_turn = Prepared(upsert(TURNS).on_conflict_do_nothing(), dialect, TURN)
        put = upsert(TURNS)
        columns = {column.name: put.excluded[column.name] for column in TURNS.columns if column.name != "id"}
        # An end that was noted in the place of what came: nothing was heard in it.
        ended = and_(or_(*(TURNS.c.outcome == end for end in _ENDS)), TURNS.c.input == "")
        self.put_turn = Prepared(
            put.on_conflict_do_update(index_elements=["call_sid", "number"], set_=columns, where=ended), dialect, TURN
        )
        self.row = Prepared(select(CALLS).where(CALLS.c.sid == bindparam("of")).with_for_update(), dialect)


_statements = once_a_dialect(_Statements)


class CatchUp:
    """Writes late turns. version: of the flows. events: told of messages left in calls that are over."""

    def __init__(self, engine: Engine, version: str = "", events: SqlEvents = NOBODY) -> None:
        self._engine, self._events = engine, events
        self._do, self._calls = _statements(engine.dialect), call_statements(engine.dialect)
        self._facts = FactsWriter(engine.dialect, version)

    def write(self, progress: Progress, finished: Visit | None) -> None:
        """Write a turn, all or nothing.

        progress: the call after it. finished: the visit it ended; one that names no prompts was not known to whoever
        wrote it, and is what the call's row waits with. Raises: ServiceError where the database does not answer.
        """
        call = progress.call
        of = {"of": storable(call.sid)}
        with transaction(self._engine, write=True) as connection:
            cursor = cursor_of(connection)
            began = (finished or progress.waiting).at
            fixed = {**call_fixed(progress), "started_at": began}
            is_new = self._do.begin.run(cursor, {**fixed, **call_values(progress)}) is not None
            row = cast("dict[str, Any]", self._do.row.run(cursor, of))
            if is_new:
                self._facts.begin(cursor, call, began)
            elif row["turn"] < call.turn:
                self._do.go_on.run(cursor, {**of, **_merged(call_values(progress), row)})
            if finished is not None:
                self._put(cursor, call.sid, call.turn - 1, _known(finished, call.turn - 1, row), late=False)
            self._facts.about(cursor, call)
            if row["ended_at"] is None:
                return
            if row["turn"] <= call.turn:
                self._put(cursor, call.sid, call.turn, last_visit(progress.waiting), late=True)
            self._calls.message_left.run(cursor, of)
            self._facts.finish(cursor, call.sid)
            self._events.messages_left(connection, call.sid, progress.waiting.at)

    def _put(self, cursor: Any, sid: str, number: int, visit: Visit, *, late: bool) -> None:
        put = self._do.fill_turn if late else self._do.put_turn
        put.run(cursor, {**visit_values(visit), "at": visit.at, "call_sid": storable(sid), "number": number})


def _known(finished: Visit, number: int, row: dict[str, Any]) -> Visit:
    if finished.prompts or row["turn"] != number or row["pending"] is None:
        return finished
    heard = visit_of(row["pending"])
    return replace(heard, input=finished.input, outcome=finished.outcome, ms=finished.ms)


def _merged(new: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """Keep what the database has learned meanwhile; a transfer counts most, and what was reached stays reached."""
    reached = further(row["disposition"], cast("Disposition | None", new["disposition"]))
    return {
        **new,
        "disposition": reached,
        "account_number": new["account_number"] or row["account_number"],
        "transferred_to": new["transferred_to"] or row["transferred_to"],
    }

"""The statements of the call log, compiled once: to build one takes longer than to run it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Dialect, Table, Update, bindparam, case, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.call import Disposition
from ivr.db.console.facts import BEGAN, FACTS
from ivr.db.models.calls import CallRow, TurnRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.db.prepared import Prepared, once_a_dialect
from ivr.messages import MessageState

CALLS, TURNS = cast("Table", CallRow.__table__), cast("Table", TurnRow.__table__)
MAIL = cast("Table", VoicemailRow.__table__)
PROGRESS = ("turn", "account_number", "disposition", "transferred_to", "state", "pending", "answer")
BEGUN = ("sid", "caller", "called", "leg", "simulated", "started_at", "status", *PROGRESS)
UNSEEN = (
    *("sid", "caller", "called", "simulated", "turn", "disposition", "started_at", "state", "answer"),
    *("ended_at", "duration_s", "status"),
)
TURN = ("call_sid", "number", "at", "flow", "node", "kind", "prompts", "values", "input", "outcome", "ms")
_LESS_THAN_A_MESSAGE = list(Disposition)[: list(Disposition).index(Disposition.VOICEMAIL)]
_THIS = CALLS.c.sid == bindparam("of")


class CallStatements:
    """What a database is told about calls. Parameters are named like their columns; `of` is the call's CallSid.

    begin_as_usual: a call that nobody has heard of, with its facts. go_on_as_usual: a call that waits for this turn and
    has not ended, with the turn that is over. These two write nothing, and return no row, where it is not as usual.
    begin and go_on write a turn of a call that waits for it (at `turn` - 1), and return `ended_at`; no row otherwise.
    """

    def __init__(self, dialect: Dialect) -> None:
        upsert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        given = _parameters(*PROGRESS)
        load = select(CALLS).where(_THIS)
        add = upsert(CALLS).on_conflict_do_nothing()
        begun = upsert(CALLS)
        new = {name: begun.excluded[name] for name in PROGRESS}
        begin = begun.on_conflict_do_update(
            index_elements=["sid"], set_=_merged(new), where=CALLS.c.turn == new["turn"] - 1
        ).returning(CALLS.c.ended_at)
        go_on = update(CALLS).where(_THIS, CALLS.c.turn == given["turn"] - 1).values(_merged(given))
        put = upsert(TURNS)
        columns = {column.name: put.excluded[column.name] for column in TURNS.columns if column.name != "id"}

        self.begin_as_usual = _Both(add.returning(CALLS.c.sid), BEGUN, _Insert(FACTS, BEGAN), dialect)
        waits = go_on.where(CALLS.c.ended_at.is_(None)).returning(CALLS.c.sid)
        self.go_on_as_usual = _Both(waits, (), _Insert(TURNS, TURN), dialect)
        self.load = Prepared(load, dialect)
        self.load_to_change = Prepared(load.with_for_update(), dialect)
        self.answer = Prepared(select(CALLS.c.answer).where(_THIS), dialect)
        self.bridge = Prepared(_change("disposition", "transferred_to"), dialect)
        self.end = Prepared(_change("ended_at", "duration_s", "status", "disposition"), dialect)
        # Who has hung up with a message recorded has left it, whatever they pressed or did not press.
        left = exists().where(MAIL.c.call_sid == CALLS.c.sid, MAIL.c.state != MessageState.DISCARDED)
        less = or_(*(CALLS.c.disposition == disposition for disposition in _LESS_THAN_A_MESSAGE))
        self.message_left = Prepared(
            update(CALLS)
            .where(_THIS, CALLS.c.ended_at.is_not(None), less, left)
            .values(disposition=Disposition.VOICEMAIL),
            dialect,
        )
        self.add_unseen = Prepared(add, dialect, UNSEEN)
        self.begin = Prepared(begin, dialect, BEGUN)
        self.go_on = Prepared(go_on.returning(CALLS.c.ended_at), dialect)
        self.add_turn = Prepared(insert(TURNS), dialect, TURN)
        self.put_turn = Prepared(
            put.on_conflict_do_update(index_elements=["call_sid", "number"], set_=columns), dialect, TURN
        )


class _Insert(NamedTuple):
    table: Table
    names: Sequence[str]


class _Both:
    """A statement that returns a row where it did something, and an insert that is made only then.

    PostgreSQL takes them as one statement, which is one round trip with its commit.
    """

    def __init__(self, first: Any, names: Sequence[str], then: _Insert, dialect: Dialect) -> None:
        table, columns = then
        self._again: list[tuple[str, str]] = []
        if dialect.name == "postgresql":
            # No parameter may be called as a column of the insert is.
            self._again = [(f"then_{name}", name) for name in columns]
            given = [bindparam(key, type_=table.c[name].type).label(name) for key, name in self._again]
            done = (first.values(_parameters(*names)) if names else first).cte("done")
            added = insert(table).from_select(columns, select(*given).select_from(done)).cte("added")
            self._steps = [Prepared(select(done).add_cte(added), dialect)]
        else:
            self._steps = [Prepared(first, dialect, names), Prepared(insert(table), dialect, columns)]

    def run(self, cursor: Any, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the row of the first one."""
        first, *rest = self._steps
        row = first.run(cursor, {**values, **{key: values[name] for key, name in self._again}})
        for statement in rest if row else ():
            statement.run(cursor, values)
        return row


def _change(*names: str) -> Update:
    return update(CALLS).where(_THIS).values(_parameters(*names))


call_statements = once_a_dialect(CallStatements)


def _parameters(*names: str) -> dict[str, ColumnElement[Any]]:
    return {name: bindparam(name, type_=CALLS.c[name].type) for name in names}


def _merged(new: dict[str, Any]) -> dict[str, Any]:
    # A person may have answered the transfer since this webhook read the call, or the call may have ended. What the
    # call itself reached counts, and a transfer counts most.
    bridged = CALLS.c.disposition == Disposition.TRANSFERRED
    reached = func.coalesce(new["disposition"], CALLS.c.disposition)
    return {
        **new,
        "disposition": case((bridged, CALLS.c.disposition), else_=reached),
        "transferred_to": func.coalesce(new["transferred_to"], CALLS.c.transferred_to),
    }

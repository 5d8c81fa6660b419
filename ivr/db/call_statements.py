"""The statements of the call log, built once: to build one takes longer than to run it."""

from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, case, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.call import Disposition
from ivr.db.models import CallRow, TurnRow, VoicemailRow
from ivr.messages import MessageState

CALLS, TURNS = cast("Table", CallRow.__table__), cast("Table", TurnRow.__table__)
MAIL = cast("Table", VoicemailRow.__table__)
PROGRESS = ("turn", "account_number", "disposition", "transferred_to", "state", "pending", "answer")
_LESS_THAN_A_MESSAGE = list(Disposition)[: list(Disposition).index(Disposition.VOICEMAIL)]
_THIS = CALLS.c.sid == bindparam("of")


class CallStatements:
    """What a database is told about calls. Parameters are named like their columns; `of` is the call's CallSid.

    begin and go_on write a turn of a call that waits for it (at `turn` - 1), and return `ended_at`; no row otherwise.
    """

    def __init__(self, dialect: str) -> None:
        upsert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        given = _parameters(*PROGRESS)
        self.load = select(CALLS).where(_THIS)
        self.load_to_change = self.load.with_for_update()
        self.answer = select(CALLS.c.answer).where(_THIS)
        self.bridge = update(CALLS).where(_THIS).values(_parameters("disposition", "transferred_to"))
        self.end = update(CALLS).where(_THIS).values(_parameters("ended_at", "duration_s", "status", "disposition"))
        # Who has hung up with a message recorded has left it, whatever they pressed or did not press.
        left = exists().where(MAIL.c.call_sid == CALLS.c.sid, MAIL.c.state != MessageState.DISCARDED)
        self.message_left = (
            update(CALLS)
            .where(_THIS, CALLS.c.ended_at.is_not(None), CALLS.c.disposition.in_(_LESS_THAN_A_MESSAGE), left)
            .values(disposition=Disposition.VOICEMAIL)
        )
        self.add_call = upsert(CALLS).on_conflict_do_nothing()
        self.go_on = (
            update(CALLS)
            .where(_THIS, CALLS.c.turn == given["turn"] - 1)
            .values(_merged(given))
            .returning(CALLS.c.ended_at)
        )
        begun = upsert(CALLS)
        new = {name: begun.excluded[name] for name in PROGRESS}
        self.begin = begun.on_conflict_do_update(
            index_elements=["sid"], set_=_merged(new), where=CALLS.c.turn == new["turn"] - 1
        ).returning(CALLS.c.ended_at)
        self.add_turn = insert(TURNS)
        put = upsert(TURNS)
        columns = {column.name: put.excluded[column.name] for column in TURNS.columns if column.name != "id"}
        self.put_turn = put.on_conflict_do_update(index_elements=["call_sid", "number"], set_=columns)


@cache
def call_statements(dialect: str) -> CallStatements:
    """Return what a database of this dialect is told, the same each time."""
    return CallStatements(dialect)


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

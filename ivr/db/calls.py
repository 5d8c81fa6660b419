"""The call log as the webhooks write it: one row a call, one row a turn, one commit a webhook."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Engine, Table, Text, case, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ivr.call import Call, Disposition, Position, Proof
from ivr.db.database import reading, storable, writing
from ivr.db.models import CallRow, TurnRow
from ivr.services import Progress, Visit

_CALLS, _TURNS = cast("Table", CallRow.__table__), cast("Table", TurnRow.__table__)
IN_PROGRESS = "in-progress"


Speak = Callable[[str, Mapping[str, str]], str]


def in_ids(prompt_id: str, _values: Mapping[str, str]) -> str:
    """Tell what was said by its prompt id alone."""
    return prompt_id


class SqlCallLog:
    """Calls and turns in the database. Its methods raise ServiceError where that does not answer.

    speak: turns a prompt id and its values back into the words that were heard, for those who read the log.
    """

    def __init__(self, engine: Engine, speak: Speak = in_ids) -> None:
        self._engine = engine
        self.speak = speak
        self._upsert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    def load(self, sid: str) -> Progress | None:
        """Read a call in progress; None where this CallSid is new."""
        with reading(self._engine) as session:
            row = session.execute(select(_CALLS).where(_CALLS.c.sid == storable(sid))).mappings().one_or_none()
        if row is None or row["pending"] is None:
            return None
        return Progress(_call(row), visit_of(row["pending"]), row["answer"])

    def save(self, progress: Progress, finished: Visit | None) -> str:
        """Write a turn in one transaction and return the answer to give: the stored one if it was written before."""
        call = progress.call
        values = _values(progress)
        with writing(self._engine) as session:
            written = self._begin(session, progress, values) if finished is None else _go_on(session, call, values)
            if written is None:
                stored = session.scalar(select(_CALLS.c.answer).where(_CALLS.c.sid == storable(call.sid)))
                return stored or progress.answer
            (ended_at,) = written
            if finished is not None:
                self._write_turn(session, call.sid, call.turn - 1, finished, anew=ended_at is not None)
            if ended_at is not None:  # the caller hung up while we were answering
                self._write_turn(session, call.sid, call.turn, _last(progress.waiting), anew=True)
            return progress.answer

    def bridged(self, sid: str, number: str) -> None:
        """Note that a person at `number` has answered the transferred call."""
        with writing(self._engine) as session:
            session.execute(
                update(_CALLS)
                .where(_CALLS.c.sid == storable(sid))
                .values(disposition=Disposition.TRANSFERRED, transferred_to=number)
            )

    def ended(self, call: Call, status: str, duration_s: int | None, at: datetime) -> None:
        """Close a call, once: later notices of the same end change nothing. Works for a call never seen before."""
        with writing(self._engine) as session:
            query = select(_CALLS).where(_CALLS.c.sid == storable(call.sid)).with_for_update()
            row = session.execute(query).mappings().one_or_none()
            if row is None:
                self._insert_ended(session, call, status, duration_s, at)
                return
            if row["ended_at"] is not None:
                return
            end = {"status": storable(status), "duration_s": duration_s, "ended_at": at}
            known = _further(row["disposition"], call.disposition) or Disposition.ABANDONED
            session.execute(update(_CALLS).where(_CALLS.c.sid == row["sid"]).values(**end, disposition=known))
            if row["pending"] is not None:
                self._write_turn(session, call.sid, row["turn"], _last(visit_of(row["pending"])), anew=False)

    def _begin(self, session: Session, progress: Progress, values: dict[str, Any]) -> tuple[datetime | None] | None:
        call = progress.call
        fixed = {
            "sid": storable(call.sid),
            "caller": storable(call.caller),
            "called": storable(call.called),
            "started_at": progress.waiting.at,
            "status": IN_PROGRESS,
        }
        statement = (
            self._upsert(_CALLS)
            .values(**fixed, **values)
            .on_conflict_do_update(index_elements=["sid"], set_=_merged(values), where=_CALLS.c.turn == call.turn - 1)
            .returning(_CALLS.c.ended_at)
        )
        row = session.connection().execute(statement).one_or_none()
        return None if row is None else (row[0],)

    def _insert_ended(self, session: Session, call: Call, status: str, duration_s: int | None, at: datetime) -> None:
        statement = self._upsert(_CALLS).values(
            sid=storable(call.sid),
            caller=storable(call.caller),
            called=storable(call.called),
            turn=0,
            disposition=call.disposition or Disposition.ABANDONED,
            started_at=at - timedelta(seconds=duration_s or 0),
            ended_at=at,
            duration_s=duration_s,
            status=storable(status),
            state=_state(call),
            answer="",
        )
        session.execute(statement.on_conflict_do_nothing())

    def _write_turn(self, session: Session, sid: str, number: int, visit: Visit, *, anew: bool) -> None:
        values = {**visit_values(visit), "at": visit.at, "call_sid": storable(sid), "number": number}
        if not anew:
            session.connection().execute(insert(_TURNS).values(**values))
            return
        statement = self._upsert(_TURNS).values(**values)
        session.execute(statement.on_conflict_do_update(index_elements=["call_sid", "number"], set_=values))


def visit_values(visit: Visit) -> dict[str, Any]:
    """Spread a visit over the columns of `turns`, all but its time."""
    return {
        "flow": visit.flow,
        "node": visit.node,
        "kind": visit.kind,
        "prompts": list(visit.prompts),
        "values": {name: storable(value) for name, value in visit.values.items()},
        "input": storable(visit.input),
        "outcome": visit.outcome,
        "ms": visit.ms,
    }


def visit_of(stored: Mapping[str, Any]) -> Visit:
    """Put a visit together again, from a row of `turns` or from `calls.pending`."""
    at = stored["at"]
    return Visit(
        at=at if isinstance(at, datetime) else datetime.fromisoformat(at),
        prompts=tuple(stored["prompts"]),
        **{name: stored[name] for name in ("flow", "node", "kind", "values", "input", "outcome", "ms")},
    )


def _go_on(session: Session, call: Call, values: dict[str, Any]) -> tuple[datetime | None] | None:
    statement = (
        update(_CALLS)
        .where(_CALLS.c.sid == storable(call.sid), _CALLS.c.turn == call.turn - 1)
        .values(**_merged(values))
        .returning(_CALLS.c.ended_at)
    )
    row = session.connection().execute(statement).one_or_none()
    return None if row is None else (row[0],)


def _values(progress: Progress) -> dict[str, Any]:
    call = progress.call
    return {
        "turn": call.turn,
        "account_number": call.account_number,
        "disposition": call.disposition,
        "transferred_to": call.transferred_to,
        "state": _state(call),
        "pending": {**visit_values(progress.waiting), "at": progress.waiting.at.astimezone(UTC).isoformat()},
        "answer": progress.answer,
    }


def _merged(values: dict[str, Any]) -> dict[str, Any]:
    # A person may have answered the transfer (`bridged`) since this webhook read the call, or the call may have
    # ended. What the call itself reached counts, and a transfer counts most.
    bridged = _CALLS.c.disposition == Disposition.TRANSFERRED
    reached = func.coalesce(literal(values["disposition"], _CALLS.c.disposition.type), _CALLS.c.disposition)
    return {
        **values,
        "disposition": case((bridged, _CALLS.c.disposition), else_=reached),
        "transferred_to": func.coalesce(literal(values["transferred_to"], Text), _CALLS.c.transferred_to),
    }


def _state(call: Call) -> dict[str, Any]:
    return {
        "trail": [[position.flow, position.node] for position in call.trail],
        "proof": int(call.proof),
        "claim": call.claim,
        "account_id": call.account_id,
        "resume": call.resume,
        "facts": dict(call.facts),
        "slips": call.slips,
    }


def _call(row: Mapping[Any, Any]) -> Call:
    state = row["state"]
    return Call(
        sid=row["sid"],
        caller=row["caller"],
        called=row["called"],
        turn=row["turn"],
        trail=tuple(Position(flow, node) for flow, node in state["trail"]),
        proof=Proof(state["proof"]),
        account_number=row["account_number"],
        disposition=row["disposition"],
        transferred_to=row["transferred_to"],
        **{name: state[name] for name in ("claim", "account_id", "resume", "facts", "slips")},
    )


def _last(visit: Visit) -> Visit:
    return replace(visit, outcome="ended" if visit.kind == "hangup" else "hang-up")


def _further(one: Disposition | None, other: Disposition | None) -> Disposition | None:
    order = list(Disposition)
    return max((d for d in (one, other) if d), key=order.index, default=None)

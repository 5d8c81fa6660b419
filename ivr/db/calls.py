"""The call log as the webhooks write it: one row a call, one row a turn, one commit a webhook."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from ivr.call import Call, Disposition, Position, Proof, Recorded
from ivr.db.call_statements import CallStatements
from ivr.db.database import storable, transaction
from ivr.services import Progress, Visit

_STATE = ("claim", "account_id", "resume", "facts", "slips", "department", "rung", "message", "offer", "meets", "shown")
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
        self._statements = CallStatements(engine.dialect)
        self.speak = speak

    def load(self, sid: str) -> Progress | None:
        """Read a call in progress; None where this CallSid is new."""
        with transaction(self._engine) as connection:
            row = connection.execute(self._statements.load, {"of": storable(sid)}).mappings().one_or_none()
        if row is None or row["pending"] is None:
            return None
        return Progress(_call(row), visit_of(row["pending"]), row["answer"])

    def save(self, progress: Progress, finished: Visit | None) -> str:
        """Write a turn in one transaction and return the answer to give: the stored one if it was written before."""
        call, do = progress.call, self._statements
        of = {"of": storable(call.sid)}
        with transaction(self._engine, write=True) as connection:
            if finished is None:
                written = connection.execute(do.begin, {**_fixed(progress), **_values(progress)}).one_or_none()
            else:
                written = connection.execute(do.go_on, {**of, **_values(progress)}).one_or_none()
            if written is None:
                return connection.scalar(do.answer, of) or progress.answer
            (ended_at,) = written
            if finished is not None:
                self._write_turn(connection, call.sid, call.turn - 1, finished, anew=ended_at is not None)
            if ended_at is not None:  # the caller hung up while we were answering
                self._write_turn(connection, call.sid, call.turn, _last(progress.waiting), anew=True)
                connection.execute(do.message_left, of)
            return progress.answer

    def bridged(self, sid: str, number: str) -> None:
        """Note that a person at `number` has answered the transferred call."""
        told = {"of": storable(sid), "disposition": Disposition.TRANSFERRED, "transferred_to": number}
        with transaction(self._engine, write=True) as connection:
            connection.execute(self._statements.bridge, told)

    def ended(self, call: Call, status: str, duration_s: int | None, at: datetime) -> None:
        """Close a call, once: later notices of the same end change nothing. Works for a call never seen before."""
        of = {"of": storable(call.sid)}
        end = {"status": storable(status), "duration_s": duration_s, "ended_at": at}
        with transaction(self._engine, write=True) as connection:
            row = connection.execute(self._statements.load_to_change, of).mappings().one_or_none()
            if row is None:
                connection.execute(self._statements.add_call, {**_unseen(call, at, duration_s), **end})
                connection.execute(self._statements.message_left, of)
                return
            if row["ended_at"] is not None:
                return
            known = _further(row["disposition"], call.disposition) or Disposition.ABANDONED
            connection.execute(self._statements.end, {**of, **end, "disposition": known})
            connection.execute(self._statements.message_left, of)
            if row["pending"] is not None:
                self._write_turn(connection, call.sid, row["turn"], _last(visit_of(row["pending"])), anew=False)

    def _write_turn(self, connection: Connection, sid: str, number: int, visit: Visit, *, anew: bool) -> None:
        values = {**visit_values(visit), "at": visit.at, "call_sid": storable(sid), "number": number}
        connection.execute(self._statements.put_turn if anew else self._statements.add_turn, values)


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


def _fixed(progress: Progress) -> dict[str, Any]:
    call = progress.call
    return {
        "sid": storable(call.sid),
        "caller": storable(call.caller),
        "called": storable(call.called),
        "leg": call.leg or None,
        "started_at": progress.waiting.at,
        "status": IN_PROGRESS,
    }


def _unseen(call: Call, ended_at: datetime, duration_s: int | None) -> dict[str, Any]:
    return {
        "sid": storable(call.sid),
        "caller": storable(call.caller),
        "called": storable(call.called),
        "turn": 0,
        "disposition": call.disposition or Disposition.ABANDONED,
        "started_at": ended_at - timedelta(seconds=duration_s or 0),
        "state": _state(call),
        "answer": "",
    }


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


def _state(call: Call) -> dict[str, Any]:
    return {
        "trail": [[position.flow, position.node] for position in call.trail],
        "proof": int(call.proof),
        "claim": call.claim,
        "account_id": call.account_id,
        "resume": call.resume,
        "facts": dict(call.facts),
        "slips": call.slips,
        "department": call.department,
        "rung": call.rung,
        "recorded": [call.recorded.sid, call.recorded.seconds],
        "message": call.message,
        "offer": call.offer,
        "meets": call.meets,
        "shown": call.shown,
        "aside": [call.aside.flow, call.aside.node] if call.aside else None,
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
        leg=row["leg"] or "",
        # A call may be going on while a version is installed that knows more of it.
        **{name: state[name] for name in _STATE if name in state},
        recorded=Recorded(*state.get("recorded", ())),
        aside=Position(*state["aside"]) if state.get("aside") else None,
    )


def _last(visit: Visit) -> Visit:
    return replace(visit, outcome="ended" if visit.kind == "hangup" else "hang-up")


def _further(one: Disposition | None, other: Disposition | None) -> Disposition | None:
    order = list(Disposition)
    return max((d for d in (one, other) if d), key=order.index, default=None)

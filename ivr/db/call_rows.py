"""Calls between the log and its table."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.call import Call, Disposition, Position, Proof, Recorded
from ivr.call_log import Progress, Visit
from ivr.db.database import storable
from ivr.db.visits import visit_values

_STATE = ("claim", "account_id", "resume", "facts", "slips", "department", "rung", "message", "offer", "meets", "shown")
IN_PROGRESS = "in-progress"


def call_fixed(progress: Progress) -> dict[str, Any]:
    """Spread over the columns of `calls` what stays as it is from the first turn on."""
    call = progress.call
    return {
        "sid": storable(call.sid),
        "caller": storable(call.caller),
        "called": storable(call.called),
        "leg": call.leg or None,
        "simulated": call.simulated,
        "started_at": progress.waiting.at,
        "status": IN_PROGRESS,
    }


def call_unseen(call: Call, ended_at: datetime, duration_s: int | None) -> dict[str, Any]:
    """Make the row of a call of which only the end was heard."""
    return {
        "sid": storable(call.sid),
        "caller": storable(call.caller),
        "called": storable(call.called),
        "simulated": call.simulated,
        "turn": 0,
        "disposition": call.disposition or Disposition.ABANDONED,
        "started_at": ended_at - timedelta(seconds=duration_s or 0),
        "state": _state(call),
        "answer": "",
    }


def call_values(progress: Progress) -> dict[str, Any]:
    """Spread over the columns of `calls` what each turn changes."""
    call = progress.call
    return {
        "turn": call.turn,
        "account_number": call.account_number,
        "disposition": call.disposition,
        "transferred_to": call.transferred_to,
        "state": _state(call),
        "pending": {
            **visit_values(progress.waiting),
            "at": progress.waiting.at.astimezone(UTC).isoformat(),
            "takes": progress.waiting.takes,
        },
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


def call_of(row: Mapping[Any, Any]) -> Call:
    """Put a call together again, from a row of `calls`.

    Another version of the line may have written it, which knows more of a call, or less.
    """
    state = row["state"]
    return Call(
        sid=row["sid"],
        caller=row["caller"],
        called=row["called"],
        turn=row["turn"],
        trail=tuple(Position(*place[:2]) for place in state["trail"]),
        proof=Proof(min(state["proof"], max(Proof))),
        account_number=row["account_number"],
        disposition=row["disposition"],
        transferred_to=row["transferred_to"],
        leg=row["leg"] or "",
        simulated=row["simulated"],
        **{name: state[name] for name in _STATE if name in state},
        recorded=Recorded(*state.get("recorded", ())[:2]),
        aside=Position(*state["aside"][:2]) if state.get("aside") else None,
    )


def last_visit(visit: Visit) -> Visit:
    """Name what came of the wait in which a call ended."""
    return replace(visit, outcome="ended" if visit.kind == "hangup" else "hang-up")


def further(one: Disposition | None, other: Disposition | None) -> Disposition | None:
    """Return the disposition that stands higher; None where there is none."""
    order = list(Disposition)
    return max((d for d in (one, other) if d), key=order.index, default=None)

"""Turns between the log and its tables."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ivr.call_log import Visit
from ivr.db.database import storable

Speak = Callable[[str, Mapping[str, str]], str]


def in_ids(prompt_id: str, _values: Mapping[str, str]) -> str:
    """Tell what was said by its prompt id alone."""
    return prompt_id


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


def visit_of(stored: Mapping[Any, Any]) -> Visit:
    """Put a visit together again, from a row of `turns` or from `calls.pending`."""
    at = stored["at"]
    return Visit(
        at=at if isinstance(at, datetime) else datetime.fromisoformat(at),
        prompts=tuple(stored["prompts"]),
        takes=stored.get("takes", ""),
        **{name: stored[name] for name in ("flow", "node", "kind", "values", "input", "outcome", "ms")},
    )

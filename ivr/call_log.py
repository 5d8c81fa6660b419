"""What is kept of every call, as the line sees it: the waits that are over, and where a call stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.call import Call


@dataclass(frozen=True)
class Visit:
    """One wait of a call: what was said there, and what came of it.

    kind: the node's kind (`menu`, `ask`, `transfer`, `hold`, `record`, `meet`, `through`, `hangup`).
    prompts: ids of what was spoken, in order.
    values: what filled the fields of those prompts. input: keys, or dots for secrets. outcome: the edges walked
    from here, as the flow names them. ms: how long our webhook took to answer, in milliseconds. takes: what the wait
    makes of what a caller does (`edges.takes`), to be known again by another version of the flow; '' where not known.
    """

    at: datetime
    flow: str
    node: str
    kind: str
    prompts: tuple[str, ...]
    values: Mapping[str, str]
    input: str = ""
    outcome: str = ""
    ms: int = 0
    takes: str = ""


@dataclass(frozen=True)
class Progress:
    """A call between two webhooks: what is known, where it waits, and the answer last given."""

    call: Call
    waiting: Visit
    answer: str


class CallLog(Protocol):
    """Every call and every turn, durable before the carrier gets its answer."""

    def load(self, sid: str) -> Progress | None:
        """Read a call in progress; None where this CallSid is new."""
        ...

    def save(self, progress: Progress, finished: Visit | None) -> str:
        """Write a turn in one transaction and return the answer to give.

        progress: the call after the turn. finished: the visit that this turn ended; None on the first turn.
        When the same turn has been written already (a repeated webhook), nothing changes and the answer stored
        with it is returned: the caller hears one and the same thing.
        """
        ...

    def bridged(self, sid: str, number: str) -> None:
        """Note that a person at `number` has answered the transferred call."""
        ...

    def ended(self, call: Call, status: str, duration_s: int | None, at: datetime) -> None:
        """Close a call, once: later notices of the same end change nothing. Works for a call never seen before."""
        ...

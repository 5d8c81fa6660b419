"""The ways a conversation is had: turns written as usual, written late, or put aside; and what is done without any."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol, Self

from ivr.call import Call, Heard, Keys, Position, Waited, WaitEnd
from ivr.call_log import CallLog, Progress, Visit
from ivr.conversation import Conversation
from ivr.degraded.late import Books
from ivr.degraded.services import without_database
from ivr.flow import Record, Transfer
from ivr.prompts import text_prompt
from ivr.service_errors import ServiceError
from ivr.template import fields
from ivr.turn import Tries, Turn

_SOMEBODY, _PERSON = "somebody", Keys("0")


class Asked(NamedTuple):
    """A webhook about a turn: as `Conversation.turn` takes it."""

    call: Call
    number: int
    at: Position
    tries: Tries
    heard: Heard


class Desk(Protocol):
    """Where turns are put aside: `Steady`."""

    @property
    def books(self) -> Books:
        """Where they are written."""
        ...

    def put_aside(self, kind: str, told: Mapping[str, Any]) -> None:
        """Keep a record of something else. Raises: ServiceError."""
        ...

    def answer_for_later(self, talk: Conversation, progress: Progress, finished: Visit | None) -> str:
        """Put a turn aside, and return its answer."""
        ...

    def trip(self, error: ServiceError) -> None:
        """Ask the database nothing more, for now."""
        ...


@dataclass(frozen=True)
class Ways:
    """The ways one conversation is had. stored: turns are written as usual. late: in whatever order. alone: on disk."""

    talk: Conversation
    stored: Conversation
    late: Conversation
    alone: Conversation

    @classmethod
    def of(cls, desk: Desk, talk: Conversation) -> Self:
        """Make them of the line's own."""

        def late(progress: Progress, finished: Visit | None) -> str:
            desk.books.catch_up.write(progress, finished)
            return progress.answer

        services = without_database(talk.engine.services, desk.put_aside)
        engine = replace(talk.engine, services=services)
        return cls(
            talk,
            replace(talk, calls=_Log(desk, talk, talk.calls.load, talk.calls.save)),
            replace(talk, calls=_Log(desk, talk, talk.calls.load, late)),
            replace(talk, calls=_Log(desk, talk, lambda _sid: None, _refuse), engine=engine),
        )


@dataclass(frozen=True)
class _Log(CallLog):
    """A call log that never fails a turn: what cannot be written now is put aside."""

    desk: Desk
    talk: Conversation
    load_one: Callable[[str], Progress | None]
    write: Callable[[Progress, Visit | None], str]

    def load(self, sid: str) -> Progress | None:
        """Read a call in progress."""
        return self.load_one(sid)

    def save(self, progress: Progress, finished: Visit | None) -> str:
        """Write a turn, now or later, and return the answer to give."""
        try:
            return self.write(progress, finished)
        except ServiceError as error:
            self.desk.trip(error)
            return self.desk.answer_for_later(self.talk, progress, finished)

    def bridged(self, sid: str, number: str) -> None:
        """Note who has answered."""
        self.talk.calls.bridged(sid, number)

    def ended(self, call: Call, status: str, duration_s: int | None, at: datetime) -> None:
        """Close a call."""
        self.talk.calls.ended(call, status, duration_s, at)


def _refuse(progress: Progress, finished: Visit | None) -> str:
    raise ServiceError(f"{progress.call.sid} is not written without a database (after {finished and finished.flow})")


def caught_up(late: Conversation, known: Progress, asked: Asked) -> str:
    """Take a turn of a call that comes back from an outage: what it brings is newer than what the database has."""
    began, stored = time.monotonic(), late.calls.load(known.call.sid)
    if stored is not None and stored.call.turn > known.call.turn:
        return stored.answer
    heard = late.told(known.call.sid, asked.heard)
    return late.finish(known, late.answered(known, asked.at, asked.tries, heard), asked.at, heard, began)


def alone(talk: Conversation, known: Progress | None, asked: Asked) -> str:
    """Take a turn without the database. known: None where the outage has begun since the last turn."""
    call, number, at, tries, heard = asked
    began, is_lost = time.monotonic(), at.flow == talk.engine.line.verify  # nobody is to type a PIN in vain
    if known is None:
        # Who was asked first is in the database only: `offer` has the engine ask whether somebody took the call.
        offer = _SOMEBODY if isinstance(talk.engine.line.node(at), Transfer) else ""
        known = Progress(replace(call, turn=number, offer=offer), talk.unheard(at), "")
        is_lost = is_lost or not _is_plain(talk, at)
    if is_lost:
        turn = (talk.engine.person if heard == _PERSON else talk.engine.without_accounts)(known.call)
    else:
        turn = _next(talk, known, at, tries, heard)
    return talk.finish(known, turn, at, heard, began)


def _next(talk: Conversation, known: Progress, at: Position, tries: Tries, heard: Heard) -> Turn:
    if isinstance(heard, Waited) and heard.end is not WaitEnd.SERVED:
        return talk.engine.moved(known.call, at, heard)  # nobody comes for who waits, so they ask once more
    return talk.answered(known, at, tries, heard)


def _is_plain(talk: Conversation, at: Position) -> bool:
    """Say whether a wait goes by nothing that was learned before it: as those of all answers do."""
    line, node = talk.engine.line, talk.engine.line.node(at)
    if node is None or line.flows[at.flow].needs:
        return False
    said = (name for prompt in text_prompt(at, node) for name in fields(prompt.text))
    return isinstance(node, Record) or all(name in talk.voice.speech.fixed for name in said)

"""What is written late: each kind of record in the spool, and what becomes of it once the database is back.

Each may be written twice, and those of different nodes in any order. None holds what was typed at a secret prompt.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Engine

from ivr.call import Call, Recorded
from ivr.call_log import Progress, Visit
from ivr.db.call_rows import call_fixed, call_of, call_values
from ivr.db.calls import SqlCallLog
from ivr.db.carrier_errors import CarrierError, keep
from ivr.db.catch_up import CatchUp
from ivr.db.outbox import SqlOutbox
from ivr.db.visits import visit_of, visit_values
from ivr.db.voicemails import SqlMailbox
from ivr.db.waiting_room import SqlWaitingRoom
from ivr.messages import Message
from ivr.text import StopSource

ANSWERED = frozenset({"answered", "in-progress"})
FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


@dataclass(frozen=True)
class Status:
    """What the carrier tells of a call: it has ended, or (of a child of it) somebody has answered.

    call: as the carrier tells of it. parent: CallSid of the call that dialled this one. offer: what somebody was rung
    for. duration_s: None where it is not told. at: when we heard of it, aware.
    """

    call: Call
    state: str
    parent: str
    offer: str
    duration_s: int | None
    at: datetime

    @property
    def is_news(self) -> bool:
        """Whether there is anything to be noted in it."""
        return self.state in FINAL or bool(self.parent and self.state in ANSWERED)

    def record(self) -> dict[str, Any]:
        """Write it as JSON."""
        call = {name: getattr(self.call, name) for name in ("sid", "caller", "called", "simulated")}
        return {**asdict(self), "call": call, "at": self.at.isoformat()}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Read it again."""
        told: dict[str, Any] = {**record, "call": Call(**record["call"]), "at": datetime.fromisoformat(record["at"])}
        return cls(**told)


@dataclass(frozen=True)
class Recording:
    """What the carrier tells of a recording. status: `completed`, `absent` or `failed`."""

    call_sid: str
    recorded: Recorded
    status: str

    def record(self) -> dict[str, Any]:
        """Write it as JSON."""
        return asdict(self)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Read it again."""
        told: dict[str, Any] = {**record, "recorded": Recorded(**record["recorded"])}
        return cls(**told)


@dataclass(frozen=True)
class Wish:
    """What somebody has texted about texts: none any more, or again. number: E.164. at: when we heard of it, aware."""

    number: str
    stops: bool
    at: datetime

    def record(self) -> dict[str, Any]:
        """Write it as JSON."""
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Read it again."""
        told: dict[str, Any] = {**record, "at": datetime.fromisoformat(record["at"])}
        return cls(**told)


@dataclass(frozen=True)
class Books:
    """Where it is all written."""

    calls: SqlCallLog
    waiting: SqlWaitingRoom
    mailbox: SqlMailbox
    catch_up: CatchUp
    outbox: SqlOutbox
    database: Engine

    def status(self, told: Status) -> None:
        """Note that a call has ended, or that a person has answered a transferred one."""
        sid = told.call.sid
        if told.parent and told.state in ANSWERED:
            self.waiting.answered(told.parent, told.call.called)
        # Whoever we rang in vain has had no call; one that was answered is in the log.
        if told.state in FINAL and (not (told.parent or told.offer) or self.calls.load(sid)):
            self.calls.ended(told.call, told.state, told.duration_s, told.at)
            self.waiting.hangs_up(sid)
        if told.state in FINAL and told.offer:
            self.waiting.finish(told.offer)

    def recording(self, told: Recording) -> None:
        """Note what has become of a recording; this may come before the call itself tells of it, or after, or twice."""
        self.mailbox.reported(told.call_sid, told.recorded, told.status)

    def wish(self, told: Wish) -> None:
        """Note who wants no texts. In whatever order it is told: an earlier START lifts no later STOP."""
        if told.stops:
            self.outbox.stop(told.number, StopSource.REPLY, told.at)
        else:
            self.outbox.resume(told.number, told.at)

    def carrier_error(self, told: CarrierError) -> bool:
        """Keep an error that the carrier has told of; False where it is there already."""
        return keep(self.database, told)

    def write(self, record: Mapping[str, Any]) -> None:
        """Write what was put aside. Raises: ServiceError where the database is away; KeyError for what is no record."""
        _KINDS[record["kind"]](self, record["told"])


def of_turn(progress: Progress, finished: Visit | None) -> dict[str, Any]:
    """Write a turn as JSON."""
    fixed = call_fixed(progress)
    began = (finished or progress.waiting).at
    done = {**visit_values(finished), "at": finished.at.isoformat(), "takes": finished.takes} if finished else None
    return {**fixed, "started_at": began.isoformat(), **call_values(progress), "finished": done}


def turn_of(record: Mapping[str, Any]) -> tuple[Progress, Visit | None]:
    """Read a turn again."""
    progress = Progress(call_of(record), visit_of(record["pending"]), record["answer"])
    return progress, visit_of(record["finished"]) if record["finished"] else None


def _turn(books: Books, told: Mapping[str, Any]) -> None:
    progress, finished = turn_of(told)
    books.catch_up.write(progress, finished)


def _keep_message(books: Books, told: Mapping[str, Any]) -> None:
    books.mailbox.keep(Message(**told["message"]), instead_of=told["instead_of"])


def of_carrier_error(error: CarrierError) -> dict[str, Any]:
    """Write an error of the carrier's as JSON."""
    return {**asdict(error), "at": error.at.isoformat()}


def _carrier_error(record: Mapping[str, Any]) -> CarrierError:
    told: dict[str, Any] = {**record, "at": datetime.fromisoformat(record["at"])}
    return CarrierError(**told)


_KINDS: dict[str, Callable[[Books, Mapping[str, Any]], object]] = {
    "turn": _turn,
    "keep_message": _keep_message,
    "send_message": lambda books, told: books.mailbox.send(told["recording_sid"]),
    "discard_message": lambda books, told: books.mailbox.discard(told["recording_sid"]),
    "status": lambda books, told: books.status(Status.of(told)),
    "recording": lambda books, told: books.recording(Recording.of(told)),
    "wish": lambda books, told: books.wish(Wish.of(told)),
    "carrier_error": lambda books, told: books.carrier_error(_carrier_error(told)),
}

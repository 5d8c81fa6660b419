"""One webhook, with a database or without: whoever calls is answered in time, and what happened is written down."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ivr.call import Call, Keys
from ivr.call_log import Progress, Visit
from ivr.conversation import Conversation
from ivr.db.carrier_errors import CarrierError
from ivr.deadline import within
from ivr.degraded.breaker import Breaker
from ivr.degraded.late import Books, Recording, Status, Wish, of_carrier_error, of_turn, turn_of
from ivr.degraded.seal import Seal
from ivr.degraded.spool import Spool, SpoolError
from ivr.degraded.ways import Asked, Ways, alone, caught_up
from ivr.flow import Hold
from ivr.prompts import common
from ivr.service_errors import ServiceError
from ivr.turn import Holding

log = logging.getLogger("answerline")
HOLD_S = 60.0  # an outage shorter than this costs nobody who waits their place in line
# What the carrier tells again with each webhook, or nobody needs while the database is away, is not carried along.
_NEEDED = ("trail", "proof")
_NOT_SEALED = ("sid", "caller", "called", "answer", "account_number", "started_at", "status", "finished")


def catch_up(spool: Spool, books: Books) -> None:
    """Write what waits on this machine. Raises: ServiceError where the database has gone again."""
    if count := spool.forward(books.write):
        log.warning("%s records that had waited on disk are in the database", count)


class Answer(NamedTuple):
    """What the carrier is told, and whether that was without the database."""

    text: str
    degraded: bool


@dataclass
class Steady:
    """Keeps callers from noticing, as far as that goes.

    deadline_s: how long a webhook waits for the database in all. failed: is told of what could not even be put aside.
    Conversations are the line's own, with its database.
    """

    breaker: Breaker
    spool: Spool
    seal: Seal
    books: Books
    deadline_s: float
    failed: Callable[[], None] = lambda: None
    _made: Ways | None = None

    def incoming(self, talk: Conversation, call: Call) -> Answer:
        """Answer a call that comes in, or somebody whom we ring. Raises: ServiceError for the latter, without it."""
        ways = self._ways(talk)
        answer = self._in_time(lambda: ways.stored.incoming(call))
        return answer or self._without(call.leg, lambda: ways.alone.incoming(call))

    def turn(self, talk: Conversation, asked: Asked, sealed: str) -> Answer:
        """Take a turn of a call. sealed: what came back with it. Raises: ServiceError as `incoming` does."""
        ways, known = self._ways(talk), self._opened(asked.call, asked.number, sealed)
        answer = self._in_time(lambda: caught_up(ways.late, known, asked) if known else ways.stored.turn(*asked))
        leg = asked.at.flow if asked.at.flow in talk.engine.line.legs else ""
        return answer or self._without(leg, lambda: alone(ways.alone, known, asked))

    def hold(self, talk: Conversation, asked: Asked, queued_s: float, sealed: str) -> Answer:
        """Say how it stands to a caller in the carrier's queue, or take them out of it. asked: with the keys heard."""
        call, number, at, _, heard = asked
        keys, known = heard.digits if isinstance(heard, Keys) else "", self._opened(call, number, sealed)
        answer = self._in_time(lambda: talk.hold(call, number, at, keys, queued_s, known=known))
        if answer:
            return answer
        if keys or self.breaker.open_s > HOLD_S or not isinstance(talk.engine.line.node(at), Hold):
            return Answer(talk.voice.leave(), degraded=True)
        still = talk.voice.hold(Holding(at, number, (common("hold_still"),), {}), talk.voice.speech.fixed)
        return Answer(talk.voice.carrying(still, number, sealed) if sealed else still, degraded=True)

    def status(self, books: Books, told: Status) -> None:
        """Note what has become of a call, now or later."""
        self._note("status", told.record, lambda: books.status(told))

    def recording(self, books: Books, told: Recording) -> None:
        """Note what has become of a recording, now or later."""
        self._note("recording", told.record, lambda: books.recording(told))

    def wish(self, told: Wish) -> None:
        """Note who wants no texts, or wants them again, now or later. Raises: ServiceError where neither works."""
        self._note("wish", told.record, lambda: self.books.wish(told))

    def carrier_error(self, told: CarrierError) -> bool:
        """Keep an error of the carrier's, now or later; False where it is known. Raises: as `wish` does."""
        new = self._note("carrier_error", lambda: of_carrier_error(told), lambda: self.books.carrier_error(told))
        return new is not False

    def put_aside(self, kind: str, told: Mapping[str, Any]) -> None:
        """Keep what is to be written later. Raises: ServiceError where even that fails."""
        try:
            self.spool.append({"kind": kind, "told": told})
        except SpoolError as error:
            self.failed()
            log.error("a record (%s) is lost: %s", kind, error)  # noqa: TRY400 it says what there is to say
            raise ServiceError(str(error)) from error
        if self.breaker.is_closed:  # it was opened and closed again meanwhile, or never was
            self.breaker.wake()

    def trip(self, error: ServiceError) -> None:
        """Ask the database nothing more, until it is back."""
        self.breaker.trip(error)

    def _in_time(self, ask: Callable[[], str]) -> Answer | None:
        """Answer with the database, if that is there; what it can hold no more is put aside on the way."""
        if self.breaker.is_closed or self.breaker.admits():
            try:
                with within(self.deadline_s):
                    return Answer(ask(), not self.breaker.is_closed)
            except ServiceError as error:
                self.breaker.trip(error)
        return None

    def _without(self, leg: str, ask: Callable[[], str]) -> Answer:
        if leg:
            raise ServiceError("somebody is rung, and the database, which knows what for, is away")
        return Answer(ask(), degraded=True)

    def _note(
        self, kind: str, record: Callable[[], Mapping[str, Any]], write: Callable[[], bool | None]
    ) -> bool | None:
        if self.breaker.is_closed or self.breaker.admits():
            try:
                with within(self.deadline_s):
                    return write()
            except ServiceError as error:
                self.breaker.trip(error)
        self.put_aside(kind, record())
        return None

    def _opened(self, call: Call, number: int, sealed: str) -> Progress | None:
        told = self.seal.open(call.sid, sealed) if sealed else None
        if told is None or told["turn"] != number:
            return None
        again = {"sid": call.sid, "caller": call.caller, "called": call.called}
        progress, _ = turn_of({**dict.fromkeys(_NOT_SEALED), "answer": "", **told, **again})
        return progress

    def _ways(self, talk: Conversation) -> Ways:
        made = self._made
        if made is None or made.talk is not talk:
            made = self._made = Ways.of(self, talk)
        return made

    def answer_for_later(self, talk: Conversation, progress: Progress, finished: Visit | None) -> str:
        """Put a turn aside, and return its answer, which brings the call's state back with the next webhook."""
        state = {name: value for name, value in of_turn(progress, None).items() if name not in _NOT_SEALED}
        state["state"] = {name: value for name, value in state["state"].items() if value or name in _NEEDED}
        sealed = self.seal.close(progress.call.sid, state)
        answer = talk.voice.carrying(progress.answer, progress.call.turn, sealed)
        try:
            self.put_aside("turn", of_turn(replace(progress, answer=answer), finished))
        except ServiceError:
            log.warning("call %s: turn %s is not written anywhere", progress.call.sid, progress.call.turn)
        return answer

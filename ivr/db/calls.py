"""The call log as the webhooks write it: one row a call, one row a turn, one commit a webhook."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from ivr.call import Call, Disposition
from ivr.call_log import Progress, Visit
from ivr.db.call_rows import call_fixed, call_of, call_unseen, call_values, further, last_visit
from ivr.db.call_statements import call_statements
from ivr.db.console.facts import DEFAULTS, FactsWriter
from ivr.db.database import again, storable, transaction
from ivr.db.event_outbox import NOBODY, SqlEvents
from ivr.db.prepared import cursor_of
from ivr.db.quick import Quick
from ivr.db.visits import Speak, in_ids, visit_of, visit_values


class SqlCallLog:
    """Calls and turns in the database. Its methods raise ServiceError where that does not answer.

    speak: turns a prompt id and its values back into the words that were heard, for those who read the log.
    version: of the flows, at most eight characters. events: told of calls that end, and of what was left in them.
    """

    def __init__(self, engine: Engine, speak: Speak = in_ids, version: str = "", events: SqlEvents = NOBODY) -> None:
        self._engine = engine
        self._do = call_statements(engine.dialect)
        self._facts = FactsWriter(engine.dialect, version)
        self.quick = Quick(engine)
        self._version = version
        self.speak = speak
        self._events = events

    @again
    def load(self, sid: str) -> Progress | None:
        """Read a call in progress; None where this CallSid is new."""
        row = self.quick.read(self._do.load, {"of": storable(sid)})
        if row is None or row["pending"] is None:
            return None
        return Progress(call_of(row), visit_of(row["pending"]), row["answer"])

    @again
    def save(self, progress: Progress, finished: Visit | None) -> str:
        """Write a turn in one transaction and return the answer to give: the stored one if it was written before."""
        call = progress.call
        if not (finished is None and call.leg) and self._save_as_usual(progress, finished):
            return progress.answer
        with transaction(self._engine, write=True) as connection:
            answer, hung_up = self._save(cursor_of(connection), progress, finished)
            if hung_up:
                self._events.messages_left(connection, call.sid, progress.waiting.at)
        return answer

    @again
    def bridged(self, sid: str, number: str) -> None:
        """Note that a person at `number` has answered the transferred call."""
        told = {"of": storable(sid), "disposition": Disposition.TRANSFERRED, "transferred_to": number}
        self.quick.write(lambda cursor: self._do.bridge.run(cursor, told), in_one_statement=True)

    @again
    def ended(self, call: Call, status: str, duration_s: int | None, at: datetime) -> None:
        """Close a call, once: later notices of the same end change nothing. Works for a call never seen before."""
        end = {"status": storable(status), "duration_s": duration_s, "ended_at": at}
        if not self._events.endpoints:
            self.quick.write(lambda cursor: self._end(cursor, call, end))
            return
        with transaction(self._engine, write=True) as connection:
            if self._end(cursor_of(connection), call, end):
                self._events.ended(connection, call.sid, at)

    def message_left(self, connection: Connection, sid: str, at: datetime) -> None:
        """Note that a call has a message; while it goes on, this waits for its end, or for the message to be sent."""
        self._finish(cursor_of(connection), sid)
        self._events.messages_left(connection, sid, at)

    def _save_as_usual(self, progress: Progress, finished: Visit | None) -> bool:
        """Write a turn that nothing unusual has come across; else nothing, and return False."""
        call, values = progress.call, call_values(progress)
        if finished is None:
            usual = self._do.begin_as_usual
            given = {**DEFAULTS, "version": self._version, **call_fixed(progress), **values}
        else:
            turn = _turn(call.sid, call.turn - 1, finished)
            usual, given = self._do.go_on_as_usual, {"of": turn["call_sid"], **values, **turn}

        def write(cursor: Any) -> bool:
            row = usual.run(cursor, given)
            if row and call.account_number:
                self._facts.about(cursor, call)
            return row is not None

        return bool(self.quick.write(write, in_one_statement=not call.account_number))

    def _save(self, cursor: Any, progress: Progress, finished: Visit | None) -> tuple[str, bool]:
        """Write a turn that was written before, or in which the caller has hung up, or that is not a caller's.

        Returns the answer to give, and whether the caller has hung up.
        """
        call, do, values = progress.call, self._do, call_values(progress)
        of = {"of": storable(call.sid)}
        if finished is None:
            written = do.begin.run(cursor, {**call_fixed(progress), **values})
        else:
            written = do.go_on.run(cursor, {**of, **values})
        if written is None:
            before = do.answer.run(cursor, of)
            return (before["answer"] if before and before["answer"] else progress.answer), False
        hung_up = written["ended_at"] is not None
        if finished is None:
            self._facts.begin(cursor, call, progress.waiting.at)
        else:
            (do.put_turn if hung_up else do.add_turn).run(cursor, _turn(call.sid, call.turn - 1, finished))
            self._facts.about(cursor, call)
        if hung_up:
            do.put_turn.run(cursor, _turn(call.sid, call.turn, last_visit(progress.waiting)))
            self._finish(cursor, call.sid)
        return progress.answer, hung_up

    def _end(self, cursor: Any, call: Call, end: Mapping[str, Any]) -> bool:
        """Return whether the end was news."""
        at, seconds = end["ended_at"], end["duration_s"]
        of = {"of": storable(call.sid)}
        row = self._do.load_to_change.run(cursor, of)
        if row is None:
            self._do.add_unseen.run(cursor, {**call_unseen(call, at, seconds), **end})
            self._facts.begin(cursor, call, at - timedelta(seconds=seconds or 0))
        elif row["ended_at"] is not None:
            return False
        else:
            known = further(row["disposition"], call.disposition) or Disposition.ABANDONED
            self._do.end.run(cursor, {**of, **end, "disposition": known})
            if row["pending"] is not None:
                self._do.add_turn.run(cursor, _turn(call.sid, row["turn"], last_visit(visit_of(row["pending"]))))
        self._finish(cursor, call.sid)
        return True

    def _finish(self, cursor: Any, sid: str) -> None:
        self._do.message_left.run(cursor, {"of": storable(sid)})
        self._facts.finish(cursor, sid)


def _turn(sid: str, number: int, visit: Visit) -> dict[str, Any]:
    return {**visit_values(visit), "at": visit.at, "call_sid": storable(sid), "number": number}

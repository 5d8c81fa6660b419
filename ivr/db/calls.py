"""The call log as the webhooks write it: one row a call, one row a turn, one commit a webhook."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from ivr.call import Call, Disposition
from ivr.db.call_rows import call_fixed, call_of, call_unseen, call_values, further, last_visit
from ivr.db.call_statements import call_statements
from ivr.db.console.facts import FactsWriter
from ivr.db.database import storable, transaction
from ivr.db.visits import Speak, in_ids, visit_of, visit_values
from ivr.services import Progress, Visit


class SqlCallLog:
    """Calls and turns in the database. Its methods raise ServiceError where that does not answer.

    speak: turns a prompt id and its values back into the words that were heard, for those who read the log.
    version: of the flows, at most eight characters.
    """

    def __init__(self, engine: Engine, speak: Speak = in_ids, version: str = "") -> None:
        self._engine = engine
        self._statements = call_statements(engine.dialect.name)
        self._facts = FactsWriter(engine.dialect, version)
        self.speak = speak

    def load(self, sid: str) -> Progress | None:
        """Read a call in progress; None where this CallSid is new."""
        with transaction(self._engine) as connection:
            row = connection.execute(self._statements.load, {"of": storable(sid)}).mappings().one_or_none()
        if row is None or row["pending"] is None:
            return None
        return Progress(call_of(row), visit_of(row["pending"]), row["answer"])

    def save(self, progress: Progress, finished: Visit | None) -> str:
        """Write a turn in one transaction and return the answer to give: the stored one if it was written before."""
        call, do = progress.call, self._statements
        of = {"of": storable(call.sid)}
        with transaction(self._engine, write=True) as connection:
            if finished is None:
                written = connection.execute(do.begin, {**call_fixed(progress), **call_values(progress)}).one_or_none()
            else:
                written = connection.execute(do.go_on, {**of, **call_values(progress)}).one_or_none()
            if written is None:
                return connection.scalar(do.answer, of) or progress.answer
            (ended_at,) = written
            if finished is None:
                self._facts.begin(connection, call, progress.waiting.at)
            else:
                self._write_turn(connection, call.sid, call.turn - 1, finished, anew=ended_at is not None)
            if ended_at is not None:  # the caller hung up while we were answering
                self._write_turn(connection, call.sid, call.turn, last_visit(progress.waiting), anew=True)
                connection.execute(do.message_left, of)
                self._facts.finish(connection, call.sid)
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
                connection.execute(self._statements.add_call, {**call_unseen(call, at, duration_s), **end})
                connection.execute(self._statements.message_left, of)
                self._facts.begin(connection, call, at - timedelta(seconds=duration_s or 0))
                self._facts.finish(connection, call.sid)
                return
            if row["ended_at"] is not None:
                return
            known = further(row["disposition"], call.disposition) or Disposition.ABANDONED
            connection.execute(self._statements.end, {**of, **end, "disposition": known})
            connection.execute(self._statements.message_left, of)
            if row["pending"] is not None:
                self._write_turn(connection, call.sid, row["turn"], last_visit(visit_of(row["pending"])), anew=False)
            self._facts.finish(connection, call.sid)

    def message_left(self, connection: Connection, sid: str) -> None:
        """Note that a call has a message; while it goes on, this waits for its end."""
        connection.execute(self._statements.message_left, {"of": storable(sid)})
        self._facts.finish(connection, sid)

    def _write_turn(self, connection: Connection, sid: str, number: int, visit: Visit, *, anew: bool) -> None:
        values = {**visit_values(visit), "at": visit.at, "call_sid": storable(sid), "number": number}
        connection.execute(self._statements.put_turn if anew else self._statements.add_turn, values)

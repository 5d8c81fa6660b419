"""Calls as they are searched and counted: one narrow row each, begun and finished with the call itself."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BindParameter, Dialect, Table, Update, and_, bindparam, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.call import Call, withheld
from ivr.db.console.tables import CallFactsRow, MarkRow, PathRow
from ivr.db.database import lock_names, storable
from ivr.db.models.calls import CallRow, TurnRow
from ivr.db.models.pins import PinTryRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.db.prepared import Prepared, once_a_dialect
from ivr.db.visits import visit_of
from ivr.digest import CallFacts, digest
from ivr.messages import MessageState
from ivr.pins import PinResult

FACTS, PATHS = cast("Table", CallFactsRow.__table__), cast("Table", PathRow.__table__)
_TURNS = cast("Table", TurnRow.__table__)
DEFAULTS: dict[str, Any] = {c.name: cast("Any", c.default).arg for c in FACTS.columns if c.default is not None}
BEGAN = ("sid", "started_at", "caller", "version", *DEFAULTS)
FOUND = (
    *("ended", "duration_s", "account_number", "disposition", "department", "path_id", "left_at", "turns", "keyed"),
    *("silences", "wrong_keys", "asked_person", "pin_tries", "pin_wrong", "faults", "voicemail", "slowest_ms"),
)
_SID: BindParameter[str] = bindparam("of")


class FactsStatements:
    """What the database is told about the facts of calls. Parameters are named like columns, `of` is a CallSid."""

    def __init__(self, dialect: Dialect) -> None:
        upsert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        self.begin = Prepared(upsert(FACTS).on_conflict_do_nothing(), dialect, BEGAN)
        self.put_path = Prepared(upsert(PATHS).on_conflict_do_nothing(), dialect, ("key", "steps"))
        # Held, so that a purge of ways that nobody takes any more does not take this one away meanwhile.
        same = PATHS.c.key == bindparam("key")
        self.path = Prepared(select(PATHS.c.id).where(same).with_for_update(read=True, key_share=True), dialect)
        self.call, self.before, self.after = (Prepared(each, dialect) for each in (_CALL, _BEFORE, _AFTER))
        self.turns = Prepared(select(_TURNS).where(_TURNS.c.call_sid == _SID).order_by(_TURNS.c.number), dialect)
        self.fill = Prepared(_fill(*FOUND), dialect)
        self.link_after, self.link_before = (
            Prepared(_fill(column), dialect) for column in ("next_after_s", "since_last_s")
        )
        number: BindParameter[str] = bindparam("number", type_=FACTS.c.account_number.type)
        about = update(FACTS).where(FACTS.c.sid == _SID, FACTS.c.account_number.is_distinct_from(number))
        self.about = Prepared(about.values(account_number=number), dialect)


facts_statements = once_a_dialect(FactsStatements)


class FactsWriter:
    """Writes the facts of calls, in the transaction that writes the calls. version: of the flows."""

    def __init__(self, dialect: Dialect, version: str) -> None:
        self._do, self._version = facts_statements(dialect), version
        self._locks = dialect.name == "postgresql"

    def begin(self, cursor: Any, call: Call, started_at: datetime) -> None:
        """Begin with a call, once. A call to somebody whom the line rings has no facts."""
        if call.leg:
            return
        fixed = {"caller": storable(call.caller), "simulated": call.simulated, "version": self._version}
        self._do.begin.run(cursor, {**DEFAULTS, "sid": storable(call.sid), "started_at": started_at, **fixed})

    def about(self, cursor: Any, call: Call) -> None:
        """Note whose account a call is about as soon as the caller has proved it, so that it is found as it goes on."""
        if call.account_number and not call.leg:
            self._do.about.run(cursor, {"of": storable(call.sid), "number": call.account_number})

    def finish(self, cursor: Any, sid: str) -> None:
        """Fill in what a call has come to; again where something came after. Nothing happens while it goes on."""
        of = {"of": storable(sid)}
        call = self._do.call.run(cursor, of)
        if call is None or call["ended_at"] is None:
            return
        if self._locks and not withheld(call["caller"]):  # calls of one number learn of each other
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", lock_names(f"facts {call['caller']}"))
        facts = digest([visit_of(row) for row in self._do.turns.all(cursor, of)])
        self._do.fill.run(cursor, {**of, **self._found(cursor, call, facts)})
        if not withheld(call["caller"]):
            self._between(cursor, call)

    def _found(self, cursor: Any, call: Mapping[str, Any], facts: CallFacts) -> Mapping[str, Any]:
        return {
            "ended": True,
            "duration_s": call["duration_s"],
            "account_number": call["account_number"],
            "disposition": call["corrected"] or call["disposition"],
            "department": call["state"].get("department", ""),
            "path_id": self._path_id(cursor, facts.path),
            "left_at": facts.left_at or None,
            "turns": facts.turns,
            "keyed": facts.keyed,
            "silences": facts.silences,
            "wrong_keys": facts.wrong_keys,
            "asked_person": facts.asked_person,
            **_tries(call),
            "faults": facts.faults,
            "voicemail": call["voicemail"],
            "slowest_ms": facts.slowest_ms,
        }

    def _path_id(self, cursor: Any, path: tuple[str, ...]) -> int:
        steps = " ".join(path)
        given = {"key": path_key(steps), "steps": steps}
        known = self._do.path.run(cursor, given)
        if known is None:
            self._do.put_path.run(cursor, given)
            known = self._do.path.run(cursor, given)
        return cast("int", known["id"]) if known else 0

    def _between(self, cursor: Any, call: Mapping[str, Any]) -> None:
        """Note how long it was since this number's last call, and to its next: both calls learn of each other."""
        at = call["started_at"]
        for other in (self._do.before, self._do.after):
            found = other.run(cursor, {"number": call["caller"], "at": at, "of": call["sid"]})
            if found is None:
                continue
            first, second = sorted([(at, call["sid"]), (found["started_at"], found["sid"])])
            seconds = round((second[0] - first[0]).total_seconds())
            self._do.link_after.run(cursor, {"of": first[1], "next_after_s": seconds})
            self._do.link_before.run(cursor, {"of": second[1], "since_last_s": seconds})


def _fill(*columns: str) -> Update:
    return update(FACTS).where(FACTS.c.sid == _SID).values({
        name: bindparam(name, type_=FACTS.c[name].type) for name in columns
    })  # fmt: skip


def _tries(call: Mapping[str, Any]) -> Mapping[str, int]:
    """Count the PIN tries, or keep what was counted while they were all there: they go sooner than calls do."""
    if call["tries_now"] < (call["pin_tries"] or 0):
        return {name: call[name] for name in ("pin_tries", "pin_wrong")}
    return {"pin_tries": call["tries_now"], "pin_wrong": call["wrong_now"]}


def path_key(steps: str) -> str:
    """Name a path by a hash: some are longer than an index takes."""
    return hashlib.sha256(steps.encode()).hexdigest()[:32]


_TRIES = select(func.count()).where(PinTryRow.call_sid == _SID)
_CALL = select(
    CallRow.sid,
    CallRow.caller,
    CallRow.started_at,
    CallRow.ended_at,
    CallRow.duration_s,
    CallRow.account_number,
    CallRow.disposition,
    CallRow.state,
    select(MarkRow.corrected).where(MarkRow.call_sid == _SID).scalar_subquery().label("corrected"),
    select(FACTS.c.pin_tries).where(FACTS.c.sid == _SID).scalar_subquery().label("pin_tries"),
    select(FACTS.c.pin_wrong).where(FACTS.c.sid == _SID).scalar_subquery().label("pin_wrong"),
    _TRIES.scalar_subquery().label("tries_now"),
    _TRIES.where(PinTryRow.outcome != PinResult.CORRECT).scalar_subquery().label("wrong_now"),
    exists().where(VoicemailRow.call_sid == _SID, VoicemailRow.state != MessageState.DISCARDED).label("voicemail"),
).where(CallRow.sid == _SID, CallRow.leg.is_(None))
_AT, _OF_NUMBER = FACTS.c.started_at, and_(FACTS.c.caller == bindparam("number"), FACTS.c.sid != _SID)
_BEFORE = (
    select(FACTS.c.sid, _AT).where(_OF_NUMBER, bindparam("at", type_=_AT.type) >= _AT).order_by(_AT.desc()).limit(1)
)
_AFTER = select(FACTS.c.sid, _AT).where(_OF_NUMBER, bindparam("at", type_=_AT.type) < _AT).order_by(_AT).limit(1)

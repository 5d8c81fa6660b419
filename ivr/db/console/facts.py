"""Calls as they are searched and counted: one narrow row each, begun and finished with the call itself."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BindParameter, Connection, Dialect, Table, and_, bindparam, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.call import Call, withheld
from ivr.db.console.tables import CallFactsRow, MarkRow, PathRow
from ivr.db.database import lock, storable
from ivr.db.models import CallRow, PinTryRow, TurnRow, VoicemailRow
from ivr.db.visits import visit_of
from ivr.digest import CallFacts, digest
from ivr.messages import MessageState
from ivr.services import PinResult

FACTS, PATHS = cast("Table", CallFactsRow.__table__), cast("Table", PathRow.__table__)
_TURNS = cast("Table", TurnRow.__table__)
_SID: BindParameter[str] = bindparam("of")


class FactsWriter:
    """Writes the facts of calls, in the transaction that writes the calls. version: of the flows."""

    def __init__(self, dialect: Dialect, version: str) -> None:
        upsert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        self._version = version
        self._begin = upsert(FACTS).on_conflict_do_nothing()
        self._put_path = upsert(PATHS).on_conflict_do_nothing()
        # Held, so that a purge of ways that nobody takes any more does not take this one away meanwhile.
        same = PATHS.c.key == bindparam("key")
        self._path = select(PATHS.c.id).where(same).with_for_update(read=True, key_share=True)
        self._turns = select(_TURNS).where(_TURNS.c.call_sid == _SID).order_by(_TURNS.c.number)
        self._fill = update(FACTS).where(FACTS.c.sid == _SID)
        number: BindParameter[str] = bindparam("number")
        about = update(FACTS).where(FACTS.c.sid == _SID, FACTS.c.account_number.is_distinct_from(number))
        self._about = about.values(account_number=number)
        self._link = update(FACTS).where(FACTS.c.sid == _SID)

    def begin(self, connection: Connection, call: Call, started_at: datetime) -> None:
        """Begin with a call, once. A call to somebody whom the line rings has no facts."""
        if call.leg:
            return
        fixed = {"caller": storable(call.caller), "simulated": call.simulated, "version": self._version}
        connection.execute(self._begin, {"sid": storable(call.sid), "started_at": started_at, **fixed})

    def about(self, connection: Connection, call: Call) -> None:
        """Note whose account a call is about as soon as the caller has proved it, so that it is found as it goes on."""
        if call.account_number and not call.leg:
            connection.execute(self._about, {"of": storable(call.sid), "number": call.account_number})

    def finish(self, connection: Connection, sid: str) -> None:
        """Fill in what a call has come to; again where something came after. Nothing happens while it goes on."""
        of = {"of": storable(sid)}
        call = connection.execute(_CALL, of).one_or_none()
        if call is None or call.ended_at is None:
            return
        if not withheld(call.caller):
            lock(connection, f"facts {call.caller}")  # calls of one number learn of each other
        facts = digest([visit_of(row) for row in connection.execute(self._turns, of).mappings()])
        connection.execute(self._fill.values(self._found(connection, call, facts)), of)
        if not withheld(call.caller):
            self._between(connection, call)

    def _found(self, connection: Connection, call: Any, facts: CallFacts) -> Mapping[str, Any]:
        return {
            "ended": True,
            "duration_s": call.duration_s,
            "account_number": call.account_number,
            "disposition": call.corrected or call.disposition,
            "department": call.state.get("department", ""),
            "path_id": self._path_id(connection, facts.path),
            "left_at": facts.left_at or None,
            "turns": facts.turns,
            "keyed": facts.keyed,
            "silences": facts.silences,
            "wrong_keys": facts.wrong_keys,
            "asked_person": facts.asked_person,
            **_tries(call),
            "faults": facts.faults,
            "voicemail": call.voicemail,
            "slowest_ms": facts.slowest_ms,
        }

    def _path_id(self, connection: Connection, path: tuple[str, ...]) -> int:
        steps = " ".join(path)
        key = path_key(steps)
        known = connection.scalar(self._path, {"key": key})
        if known is None:
            connection.execute(self._put_path, {"key": key, "steps": steps})
            known = connection.scalar(self._path, {"key": key})
        return cast("int", known)

    def _between(self, connection: Connection, call: Any) -> None:
        """Note how long it was since this number's last call, and to its next: both calls learn of each other."""
        at = call.started_at
        for other in (_BEFORE, _AFTER):
            found = connection.execute(other, {"number": call.caller, "at": at, "of": call.sid}).one_or_none()
            if found is None:
                continue
            first, second = sorted([(at, call.sid), (found.started_at, found.sid)])
            seconds = round((second[0] - first[0]).total_seconds())
            connection.execute(self._link.values(next_after_s=seconds), {"of": first[1]})
            connection.execute(self._link.values(since_last_s=seconds), {"of": second[1]})


def _tries(call: Any) -> Mapping[str, int]:
    """Count the PIN tries, or keep what was counted while they were all there: they go sooner than calls do."""
    if call.pin_tries < (call.counted or 0):
        return {}
    return {"pin_tries": call.pin_tries, "pin_wrong": call.pin_wrong}


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
    select(FACTS.c.pin_tries).where(FACTS.c.sid == _SID).scalar_subquery().label("counted"),
    _TRIES.scalar_subquery().label("pin_tries"),
    _TRIES.where(PinTryRow.outcome != PinResult.CORRECT).scalar_subquery().label("pin_wrong"),
    exists().where(VoicemailRow.call_sid == _SID, VoicemailRow.state != MessageState.DISCARDED).label("voicemail"),
).where(CallRow.sid == _SID, CallRow.leg.is_(None))
_AT, _OF_NUMBER = FACTS.c.started_at, and_(FACTS.c.caller == bindparam("number"), FACTS.c.sid != _SID)
_BEFORE = (
    select(FACTS.c.sid, _AT).where(_OF_NUMBER, bindparam("at", type_=_AT.type) >= _AT).order_by(_AT.desc()).limit(1)
)
_AFTER = select(FACTS.c.sid, _AT).where(_OF_NUMBER, bindparam("at", type_=_AT.type) < _AT).order_by(_AT).limit(1)

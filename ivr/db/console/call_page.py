"""One call with all that is known of it, as its page in the console shows it: read in one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ivr.call import withheld
from ivr.call_log import Visit
from ivr.db.console.tables import CallFactsRow, MarkRow, NoteRow, StaffRow
from ivr.db.database import reading, storable
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.db.models.calls import CallRow, TurnRow
from ivr.db.models.carrier_errors import CarrierErrorRow
from ivr.db.models.pins import PinTryRow
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.db.visits import visit_of

OTHERS_MAX, LEGS_MAX, ERRORS_MAX = 10, 200, 20
LEG_LEEWAY = timedelta(minutes=2)  # from the end of waiting to the start of the last call that was made for it
LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class Leg:
    """A call to somebody whom the line rang for this caller. called: whom. result: its last turn's outcome."""

    sid: str
    flow: str
    called: str
    started_at: datetime
    duration_s: int | None
    result: str


@dataclass(frozen=True)
class CallPage:
    """A call, and what belongs to it.

    facts: what it is searched by; None for a call to somebody whom the line rang. visits: its waits in order, and the
    one it is in last while it goes on. notes: every version of each note, oldest first. account: that was proved, where
    it is in this database; changes: all that were ever made to it by telephone, oldest first. others: newest calls of
    the same number. colleagues: names of staff who may be given the call.
    """

    call: CallRow
    facts: CallFactsRow | None
    visits: Sequence[Visit]
    mark: MarkRow | None
    notes: Mapping[int, Sequence[NoteRow]]
    tries: Sequence[PinTryRow]
    places: Sequence[PlaceRow]
    legs: Sequence[Leg]
    voicemails: Sequence[VoicemailRow]
    texts: Sequence[TextRow]
    account: AccountRow | None
    changes: Sequence[ChangeRow]
    others: Sequence[CallFactsRow]
    colleagues: Sequence[tuple[str, str]]
    carrier_errors: Sequence[CarrierErrorRow]

    @property
    def live(self) -> bool:
        """Whether the call goes on."""
        return self.call.ended_at is None


def read_call(engine: Engine, sid: str, now: datetime) -> CallPage | None:
    """Read a call; None where there is no such call. now: aware UTC."""
    with reading(engine) as session:
        call = session.get(CallRow, storable(sid))
        if call is None:
            return None
        places = session.scalars(select(PlaceRow).where(PlaceRow.call_sid == call.sid).order_by(PlaceRow.id)).all()
        account = _account(session, call)
        of_account = ChangeRow.account_id == account.id if account else ChangeRow.call_sid == call.sid
        colleagues = select(StaffRow.name, StaffRow.full_name).where(StaffRow.disabled_at.is_(None))
        return CallPage(
            call=call,
            facts=session.get(CallFactsRow, call.sid),
            visits=_visits(session, call),
            mark=session.get(MarkRow, call.sid),
            notes=_notes(session, call.sid),
            tries=session.scalars(select(PinTryRow).where(PinTryRow.call_sid == call.sid).order_by(PinTryRow.id)).all(),
            places=places,
            legs=_legs(session, call, places, now),
            voicemails=session.scalars(
                select(VoicemailRow).where(VoicemailRow.call_sid == call.sid).order_by(VoicemailRow.id)
            ).all(),
            texts=session.scalars(select(TextRow).where(TextRow.call_sid == call.sid).order_by(TextRow.id)).all(),
            account=account,
            changes=session.scalars(select(ChangeRow).where(of_account).order_by(ChangeRow.id)).all(),
            others=_others(session, call),
            carrier_errors=session.scalars(
                select(CarrierErrorRow)
                .where(CarrierErrorRow.call_sid == call.sid)
                .order_by(CarrierErrorRow.id)
                .limit(ERRORS_MAX)
            ).all(),
            colleagues=[(name, full) for name, full in session.execute(colleagues.order_by(StaffRow.full_name))],
        )


def read_voicemail(engine: Engine, sid: str, number: int) -> VoicemailRow | None:
    """Read one message of a call; None where it has no such message."""
    with reading(engine) as session:
        row = session.get(VoicemailRow, number) if number < 2**63 else None
        return row if row is not None and row.call_sid == storable(sid) else None


def _visits(session: Session, call: CallRow) -> list[Visit]:
    rows = session.scalars(select(TurnRow).where(TurnRow.call_sid == call.sid).order_by(TurnRow.number))
    visits = [visit_of(vars(row)) for row in rows]
    if call.ended_at is None and call.pending is not None:
        visits.append(visit_of(call.pending))
    return visits


def _notes(session: Session, sid: str) -> dict[int, list[NoteRow]]:
    """Put the versions of each note together, by the id of its first."""
    notes: dict[int, list[NoteRow]] = {}
    for row in session.scalars(select(NoteRow).where(NoteRow.call_sid == sid).order_by(NoteRow.id)):
        notes.setdefault(row.first_id or row.id, []).append(row)
    return notes


def _account(session: Session, call: CallRow) -> AccountRow | None:
    if not call.account_number:
        return None
    return session.scalar(select(AccountRow).where(AccountRow.account_number == call.account_number))


def _others(session: Session, call: CallRow) -> Sequence[CallFactsRow]:
    if withheld(call.caller):
        return ()
    query = select(CallFactsRow).where(CallFactsRow.caller == call.caller, CallFactsRow.sid != call.sid)
    return session.scalars(query.order_by(CallFactsRow.started_at.desc()).limit(OTHERS_MAX)).all()


def _legs(session: Session, call: CallRow, places: Sequence[PlaceRow], now: datetime) -> list[Leg]:
    """Find who was rung for a caller, among those rung while they waited: a leg knows whom it meets."""
    if call.leg is not None:
        return []
    over = [at for at in (call.ended_at, *(place.over_at for place in places)) if at]
    waits = call.ended_at is None or any(place.over_at is None for place in places)
    until = min(now if waits else max(over), call.started_at + LONGEST) + LEG_LEEWAY
    query = select(CallRow).where(CallRow.leg.is_not(None), CallRow.started_at.between(call.started_at, until))
    meets = {call.sid, *(place.number for place in places if place.number)}
    offers = {call.state.get("offer"), *(place.offer for place in places)} - {"", None}
    rows = [
        row
        for row in session.scalars(query.order_by(CallRow.started_at).limit(LEGS_MAX))
        if row.state.get("meets") in meets or row.called in meets or row.state.get("offer") in offers
    ]
    last = _last_outcomes(session, [row.sid for row in rows])
    return [
        Leg(row.sid, row.leg or "", row.called, row.started_at, row.duration_s, last.get(row.sid, "")) for row in rows
    ]


def _last_outcomes(session: Session, sids: list[str]) -> dict[str, str]:
    if not sids:
        return {}
    query = select(TurnRow.call_sid, TurnRow.outcome).where(TurnRow.call_sid.in_(sids)).order_by(TurnRow.number)
    return {sid: outcome for sid, outcome in session.execute(query) if outcome != "hang-up"}

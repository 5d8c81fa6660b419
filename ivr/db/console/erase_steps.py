"""The steps of erasing a caller: what is removed, and what is masked, each within somebody's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from ivr.db.console.holds import of_held_call
from ivr.db.console.purge import remove_calls, removed
from ivr.db.console.secure import without
from ivr.db.database import lock, storable
from ivr.db.models.accounts import AccountRow
from ivr.db.models.calls import CallRow, TurnRow
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow, TextStopRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.db.outbox import lock_number
from ivr.messages import MessageState


def remove_ended(session: Session, sids: list[str], now: datetime, counts: dict[str, int]) -> None:
    """Remove calls that are over, with all that came of them."""
    discard_messages(session, VoicemailRow.call_sid.in_(sids), now, counts)
    remove_calls(session, sids, counts)


def discard_messages(session: Session, which: Any, now: datetime, counts: dict[str, int]) -> None:
    """Take what names a caller off their messages now; the worker removes sound and row, here and at the carrier."""
    over = {"state": MessageState.DISCARDED, "kept_until": now, "next_try_at": now, "attempts": 0}
    nameless = {"caller": "", "account_number": None, "transcript": None, "topic": ""}
    query = update(VoicemailRow).where(which, VoicemailRow.caller != "").values(**over, **nameless)
    result: Any = session.execute(query.execution_options(synchronize_session=False))
    if result.rowcount:
        counts["voicemails"] = counts.get("voicemails", 0) + int(result.rowcount)


def remove_texts(session: Session, number: str, only: list[str] | None, counts: dict[str, int]) -> None:
    """Remove texts, all or of some calls; and with all of them STOP, unless an account keeps the number.

    The carrier refuses by itself to send to who said STOP.
    """
    lock_number(session, number)
    its = and_(TextRow.to_number == number, ~of_held_call(TextRow.call_sid))
    if only is not None:
        removed(session, counts, "texts", and_(its, TextRow.call_sid.in_(only)), TextRow)
        return
    removed(session, counts, "texts", its, TextRow)
    if session.scalar(select(AccountRow.id).where(AccountRow.phone == number).limit(1)) is None:
        session.execute(delete(TextStopRow).where(TextStopRow.number == storable(number)))


def mask_call(session: Session, sid: str, number: str, counts: dict[str, int]) -> None:
    """Mask a number in somebody else's call: given as where to call back, or shown to who took the call."""
    call = session.get(CallRow, sid, with_for_update=True)
    if call is None:
        return
    call.state, call.pending = without(call.state, number), without(call.pending, number)
    call.answer = without(call.answer, number)
    for turn in session.scalars(select(TurnRow).where(TurnRow.call_sid == sid)):
        turn.values, turn.input = without(turn.values, number), without(turn.input, number)
        turn.outcome = without(turn.outcome, number)
    counts["masked"] = counts.get("masked", 0) + 1


def remove_places(
    session: Session, number: str, going_on: list[str], only: list[str] | None, counts: dict[str, int]
) -> None:
    """Give up the caller's places in line; a promised callback is not made. going_on: calls whose places stay."""
    its = and_(its_places(number), PlaceRow.call_sid.not_in(going_on), ~of_held_call(PlaceRow.call_sid))
    if only is not None:
        its = and_(its, PlaceRow.call_sid.in_(only))
    departments = session.scalars(select(PlaceRow.department).where(its).distinct()).all()
    lock(session, *(f"line of {name}" for name in departments))
    removed(session, counts, "places", its, PlaceRow)


def its_places(number: str) -> ColumnElement[bool]:
    """Places of who called from a number, or is to be called back at it."""
    return or_(PlaceRow.caller == number, PlaceRow.number == number)

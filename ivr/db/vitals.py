"""What the database knows of how the line is: a few counts by indexes, for who watches over it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, or_, select

from ivr.db.console.work.texts import DEAD
from ivr.db.database import reading
from ivr.db.models.calls import CallRow
from ivr.db.models.pins import PinLockRow
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.messages import MessageState
from ivr.text import TextState
from ivr.waiting import IN_LINE, Kind


@dataclass(frozen=True)
class Vitals:
    """How many there are, and for how many seconds the first of them has waited; 0 where there is none.

    waiting, longest_wait_s: callers on the line, callbacks_due: callbacks whose time has come; all by department.
    """

    calls: int
    waiting: Mapping[str, int]
    longest_wait_s: Mapping[str, float]
    callbacks_due: Mapping[str, int]
    pin_locks: int
    texts_waiting: int
    texts_oldest_s: float
    texts_dead: int
    messages_to_fetch: int
    messages_oldest_s: float


_CALLS = select(func.count()).select_from(CallRow).where(CallRow.ended_at.is_(None), CallRow.leg.is_(None))
_TEXTS = select(func.count(), func.min(TextRow.created_at)).where(
    TextRow.next_try_at.is_not(None), TextRow.state == TextState.WAITING
)
_DEAD = select(func.count()).select_from(TextRow).where(DEAD, TextRow.done_at.is_(None))
_MESSAGES = select(func.count(), func.min(VoicemailRow.at)).where(
    VoicemailRow.next_try_at.is_not(None),
    VoicemailRow.fetched_at.is_(None),
    VoicemailRow.deleted_at_carrier.is_(None),
    VoicemailRow.state != MessageState.DISCARDED,
)


def vitals(engine: Engine, departments: Collection[str], now: datetime) -> Vitals:
    """Look once. Raises: ServiceError where the database does not answer."""
    due = or_(PlaceRow.not_before.is_(None), PlaceRow.not_before <= now)
    places = (
        select(PlaceRow.department, PlaceRow.kind, func.count(), func.min(PlaceRow.arrived_at))
        .where(PlaceRow.department.in_(departments), PlaceRow.state.in_(IN_LINE), due)
        .group_by(PlaceRow.department, PlaceRow.kind)
    )
    locks = select(func.count()).select_from(PinLockRow).where(PinLockRow.locked_until > now)
    with reading(engine) as session:
        found = {(name, kind): (many, since) for name, kind, many, since in session.execute(places)}
        texts, oldest_text = session.execute(_TEXTS).one()
        messages, oldest_message = session.execute(_MESSAGES).one()
        on_line = {name: found.get((name, Kind.ON_LINE), (0, None)) for name in departments}
        return Vitals(
            calls=session.scalar(_CALLS) or 0,
            waiting={name: many for name, (many, _) in on_line.items()},
            longest_wait_s={name: _since(at, now) for name, (_, at) in on_line.items()},
            callbacks_due={name: found.get((name, Kind.CALLBACK), (0, None))[0] for name in departments},
            pin_locks=session.scalar(locks) or 0,
            texts_waiting=texts,
            texts_oldest_s=_since(oldest_text, now),
            texts_dead=session.scalar(_DEAD) or 0,
            messages_to_fetch=messages,
            messages_oldest_s=_since(oldest_message, now),
        )


def _since(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at else 0.0

"""How much waits in each list: looked up for every page, so by indexes alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from ivr.db.console.tables import MarkRow
from ivr.db.console.work.callbacks import promised
from ivr.db.console.work.events import GIVEN_UP
from ivr.db.console.work.messages import TO_BE_HEARD
from ivr.db.console.work.texts import DEAD
from ivr.db.database import reading
from ivr.db.models.calls import CallRow
from ivr.db.models.events import EventRow
from ivr.db.models.pins import PinLockRow
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow


@dataclass(frozen=True)
class Waits:
    """How many wait; oldest: since when the first does, null where none does or that is not looked up."""

    many: int
    oldest: datetime | None = None


@dataclass(frozen=True)
class Counts:
    """What waits in the lists that are counted in the database. assigned: by staff name."""

    messages: Waits
    callbacks: Waits
    locks: Waits
    texts: Waits
    events: Waits
    follow_ups: Waits
    assigned: Mapping[str, Waits]


def count_work(engine: Engine, now: datetime) -> Counts:
    """Count. Raises: ServiceError where the database does not answer."""
    messages = (
        select(func.count(VoicemailRow.id), func.min(VoicemailRow.at))
        .outerjoin(CallRow, CallRow.sid == VoicemailRow.call_sid)
        .where(*TO_BE_HEARD)
    )
    callbacks = select(func.count(), func.min(PlaceRow.arrived_at))
    locks = select(func.count()).where(PinLockRow.locked_until > now)
    texts = select(func.count(), func.min(TextRow.created_at)).where(
        DEAD, TextRow.done_at.is_(None), TextRow.to_number > ""
    )
    events = select(func.count(), func.min(EventRow.created_at)).where(GIVEN_UP, EventRow.done_at.is_(None))
    follow_ups = select(func.count(), func.min(MarkRow.at)).where(MarkRow.follow_up.is_(True))
    assigned = select(MarkRow.assigned_to, func.count(), func.min(MarkRow.at)).where(MarkRow.assigned_to.is_not(None))
    with reading(engine) as session:
        return Counts(
            messages=Waits(*session.execute(messages).one()),
            callbacks=Waits(*session.execute(callbacks.where(*promised(session))).one()),
            locks=Waits(session.scalar(locks) or 0),
            texts=Waits(*session.execute(texts).one()),
            events=Waits(*session.execute(events).one()),
            follow_ups=Waits(*session.execute(follow_ups).one()),
            assigned={
                name: Waits(many, oldest)
                for name, many, oldest in session.execute(assigned.group_by(MarkRow.assigned_to))
                if name is not None
            },
        )

"""Errors that the carrier has told of: written once each, listed newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from ivr.db.database import lock, reading, storable, writing
from ivr.db.models.carrier_errors import CarrierErrorRow


@dataclass(frozen=True)
class CarrierError:
    """An error or a warning of the carrier's. Holds no number, and nothing that was keyed in.

    sid: the carrier's name of it. code: of its list of errors; None where it gave none. call_sid: the call it is about;
    None for none. url: of ours, which it asked for; '' for none. message: its own words, shortened.
    """

    sid: str
    at: datetime
    level: str
    code: int | None
    call_sid: str | None
    resource_sid: str
    url: str
    message: str
    id: int = 0


def keep(engine: Engine, error: CarrierError) -> bool:
    """Write an error down; False where it is there already. Raises: ServiceError."""
    with writing(engine) as session:
        lock(session, f"carrier error {error.sid}")
        if session.scalar(select(CarrierErrorRow.id).where(CarrierErrorRow.sid == error.sid)) is not None:
            return False
        given = {name: value for name, value in vars(error).items() if name != "id"}
        session.add(CarrierErrorRow(**{k: storable(v) if isinstance(v, str) else v for k, v in given.items()}))
        return True


def carrier_errors(
    engine: Engine, limit: int, *, before: int | None = None, code: int | None = None
) -> Sequence[CarrierError]:
    """List errors, newest first. before: only those written before the one of this id. code: only this one."""
    query = select(CarrierErrorRow).order_by(CarrierErrorRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(CarrierErrorRow.id < before)
    if code is not None:
        query = query.where(CarrierErrorRow.code == code)
    with reading(engine) as session:
        return [_error(row) for row in session.scalars(query)]


def _error(row: CarrierErrorRow) -> CarrierError:
    return CarrierError(
        row.sid, row.at, row.level, row.code, row.call_sid, row.resource_sid, row.url, row.message, row.id
    )

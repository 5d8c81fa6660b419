"""Second factors in the database: set up, asked for, and taken away. How codes work: `ivr.second_factor`."""

import logging
from datetime import timedelta

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from ivr.clock import Clock
from ivr.db.console.audit import Act, record
from ivr.db.console.staff_rows import StaffError, row_of
from ivr.db.console.tables import RecoveryCodeRow, StaffRow
from ivr.db.database import reading, writing
from ivr.second_factor import SecondFactor, step_of
from ivr.staff import Staff

SET_UP_WITHIN = timedelta(minutes=15)
log = logging.getLogger("answerline")


class Factors:
    """The second factors of staff. key: SECRET_KEY; under another one those that are set up cannot be used.

    previous: the one before, while it is changed.
    """

    def __init__(self, engine: Engine, clock: Clock, key: str, previous: str = "") -> None:
        self._engine, self._clock, self._factor = engine, clock, SecondFactor(key, previous)

    def begin(self, staff: Staff) -> str:
        """Draw a secret to be set up; returned sealed, since a page holds it until a code has proved it."""
        return self._factor.new_secret(staff.id)

    def shown(self, staff: Staff, sealed: str) -> str | None:
        """Open a secret that is being set up (base32), to be shown; None where that began too long ago."""
        return self._factor.secret(sealed, staff.id, SET_UP_WITHIN)

    def set_up(self, staff: Staff, sealed: str, code: str) -> list[str]:
        """Keep a secret that a code has proved; returns the recovery codes. Raises: StaffError for a wrong code."""
        secret = self.shown(staff, sealed)
        if secret is None:
            raise StaffError("that took too long; begin once more")
        now = self._clock.now()
        with writing(self._engine) as session:
            row = row_of(session, staff.id)
            if row.totp_secret is not None:
                raise StaffError("there is a second factor already")
            step = step_of(secret, code, now, after=0)
            if step is None:
                raise StaffError("that is not the code that the app shows now")
            row.totp_secret, row.totp_step = sealed, step
            codes = self._factor.recovery_codes()
            self._forget(session, row.id)
            session.add_all(
                RecoveryCodeRow(staff_id=row.id, code_key=self._factor.recovery_key(row.id, one)) for one in codes
            )
            record(session, now, row.name, Act.SECOND_FACTOR_SET, row.name)
        return codes

    def remove(self, staff_id: int, by: str) -> bool:
        """Take a second factor away, and end every open session; False where there is none."""
        with writing(self._engine) as session:
            row = row_of(session, staff_id)
            if row.totp_secret is None:
                return False
            row.totp_secret, row.totp_step, row.epoch = None, 0, row.epoch + 1
            self._forget(session, row.id)
            record(session, self._clock.now(), by, Act.SECOND_FACTOR_REMOVED, row.name)
            return True

    def seal_anew(self) -> int:
        """Seal every secret by the key of now; return how many. Recovery codes cannot be: they are not known."""
        with writing(self._engine) as session:
            rows = session.scalars(select(StaffRow).where(StaffRow.totp_secret.is_not(None)).with_for_update()).all()
            fresh = [(row, self._factor.sealed_anew(row.totp_secret or "")) for row in rows]
            for row, sealed in fresh:
                row.totp_secret = sealed or row.totp_secret
            return sum(sealed is not None for _, sealed in fresh)

    def left(self, staff: Staff) -> int:
        """Count the recovery codes that have not been used."""
        with reading(self._engine) as session:
            query = select(func.count()).where(RecoveryCodeRow.staff_id == staff.id)
            return session.scalar(query) or 0

    def takes(self, session: Session, row: StaffRow, code: str) -> bool:
        """Say whether a code is right, and use it up. row: held in `session` for update."""
        now = self._clock.now()
        secret = self._factor.secret(row.totp_secret or "", row.id)
        if secret is None:
            log.error(
                "%s cannot use the second factor, since SECRET_KEY is another: flask staff reset-factor", row.name
            )
        step = secret and step_of(secret, code, now, after=row.totp_step)
        if step:
            row.totp_step = step
            return True
        keys = self._factor.recovery_keys(row.id, code[:100])
        mine = (RecoveryCodeRow.staff_id == row.id, RecoveryCodeRow.code_key.in_(keys))
        used = session.scalar(select(RecoveryCodeRow.id).where(*mine)) is not None
        if used:
            session.execute(delete(RecoveryCodeRow).where(*mine))
            record(session, now, row.name, Act.RECOVERY_CODE_USED, row.name)
        return used

    def _forget(self, session: Session, staff_id: int) -> None:
        session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.staff_id == staff_id))

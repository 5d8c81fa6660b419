"""Staff in the database: who they are and what they may do. How they come in: `ivr.db.console.door`."""

import hashlib
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Engine, delete, func, select

from ivr.clock import Clock
from ivr.db.console.audit import Act, record
from ivr.db.console.door import Door
from ivr.db.console.factors import Factors
from ivr.db.console.staff_rows import Passwords, StaffError, check, cleaned, row_of, staff_of
from ivr.db.console.tables import EndedSessionRow, StaffRow
from ivr.db.database import lock, reading, storable, writing
from ivr.staff import Role, Staff

_ENDED_KEPT = timedelta(days=1)  # longer than any session lasts


class SqlStaff:
    """Those who work at the console. Every method raises ServiceError where the database does not answer.

    key: SECRET_KEY. previous: the one before, while it is changed.
    by: who does it, for the audit log, where each of these has its row.
    """

    def __init__(
        self, engine: Engine, clock: Clock, key: str, hasher: PasswordHasher | None = None, previous: str = ""
    ) -> None:
        self._engine, self._clock = engine, clock
        self._passwords = Passwords(hasher)
        self.factors = Factors(engine, clock, key, previous)
        self.door = Door(engine, clock, key, self._passwords, self.factors)

    def knows(self, name: str, password: str) -> bool:
        """Say whether somebody of this name has this password; for this machine's own questions: it counts no tries."""
        with reading(self._engine) as session:
            stored = session.scalar(select(StaffRow.password_hash).where(StaffRow.name == name))
        return self._passwords.matches(stored, password)

    def get(self, staff_id: int, session_id: str = "") -> Staff | None:
        """Find somebody who may work here; None where they no longer may, or have signed out of this session."""
        with reading(self._engine) as session:
            row = session.get(StaffRow, staff_id)
            if row is None or row.disabled_at is not None:
                return None
            ended = session.get(EndedSessionRow, _session_key(session_id)) is not None
            return None if ended else staff_of(row)

    def sign_out(self, staff: Staff, session_id: str, address: str) -> None:
        """End a session for good: a copy of its cookie opens nothing, either."""
        now = self._clock.now()
        with writing(self._engine) as session:
            session.execute(delete(EndedSessionRow).where(EndedSessionRow.at < now - _ENDED_KEPT))
            session.merge(EndedSessionRow(key=_session_key(session_id), at=now))
            record(session, now, staff.name, Act.SIGNED_OUT, address)

    def everybody(self) -> list[Staff]:
        """List all there ever were, by name."""
        with reading(self._engine) as session:
            return [staff_of(row) for row in session.scalars(select(StaffRow).order_by(StaffRow.name))]

    def add(self, name: str, full_name: str, role: Role, password: str, by: str, *, must_change: bool = False) -> Staff:
        """Add somebody. must_change: the password is to be changed before anything else.

        Raises: StaffError for a name that is taken or cannot be, or a password too short.
        """
        name = cleaned(name)
        check(name, password)
        now = self._clock.now()
        with writing(self._engine) as session:
            lock(session, "staff")
            if session.scalar(select(StaffRow.id).where(StaffRow.name == name)):
                raise StaffError(f"there is somebody called {name} already")
            row = StaffRow(
                name=name,
                full_name=storable(full_name).strip()[:200] or name,
                role=role,
                password_hash=self._passwords.hash(password),
                must_change=must_change,
                created_at=now,
            )
            session.add(row)
            record(session, now, by, Act.STAFF_ADDED, name, role=role)
            session.flush()
            return staff_of(row)

    def set_password(self, staff_id: int, password: str, by: str, *, must_change: bool = False) -> Staff:
        """Give a new password, end every open session, and count tries from nothing.

        Raises: StaffError for one that is too short.
        """
        hashed = self._passwords.hash(password)
        with writing(self._engine) as session:
            row = row_of(session, staff_id)
            check(row.name, password)
            row.password_hash, row.must_change, row.epoch = hashed, must_change, row.epoch + 1
            self.door.reopen(session, row.name)
            record(session, self._clock.now(), by, Act.PASSWORD_CHANGED, row.name, must_change=must_change)
            return staff_of(row)

    def change(self, staff_id: int, by: str, role: Role, *, disabled: bool) -> Staff:
        """Change what somebody may do, at once. Raises: StaffError where that would leave no admin."""
        now = self._clock.now()
        with writing(self._engine) as session:
            lock(session, "staff")
            row = row_of(session, staff_id)
            if (row.role, row.disabled_at is not None) == (role, disabled):
                return staff_of(row)
            others = select(func.count()).where(
                StaffRow.role == Role.ADMIN, StaffRow.disabled_at.is_(None), StaffRow.id != staff_id
            )
            if (role is not Role.ADMIN or disabled) and not session.scalar(others):
                raise StaffError("there must be one admin at least")
            before = {"was": row.role, "was_disabled": row.disabled_at is not None}
            row.role, row.epoch = role, row.epoch + 1
            row.disabled_at = (row.disabled_at or now) if disabled else None
            record(session, now, by, Act.STAFF_CHANGED, row.name, role=role, disabled=disabled, **before)
            return staff_of(row)

    def set_zone(self, staff_id: int, zone: str) -> None:
        """Note the time zone that somebody reads in."""
        with writing(self._engine) as session:
            row_of(session, staff_id).zone = storable(zone)

    def note(self, who: str, act: Act, subject: str, **detail: Any) -> None:
        """Write a row of the audit log that goes with no change in the database."""
        with writing(self._engine) as session:
            record(session, self._clock.now(), who, act, subject, **detail)

    def is_empty(self) -> bool:
        """Say whether nobody has been added yet."""
        with reading(self._engine) as session:
            return session.scalar(select(StaffRow.id).limit(1)) is None


def _session_key(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()[:32]

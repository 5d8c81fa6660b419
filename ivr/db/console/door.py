"""Signing in, in one step or two, and how often somebody may guess: OWASP's device cookies, kept in the database.

Tries are counted by name and by address. Whoever knows a name could keep it closed by failing on purpose; so a device
from which its owner has signed in is counted by itself, and comes in however often others have failed.
Source: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from ivr.clock import Clock
from ivr.db.console.audit import Act, record
from ivr.db.console.factors import Factors
from ivr.db.console.staff_rows import NAME_MAX, Passwords, cleaned, staff_of
from ivr.db.console.tables import SignInRow, StaffRow
from ivr.db.database import lock, reading, storable, writing
from ivr.staff import Staff

WINDOW = timedelta(hours=1)
# Failed tries within the hour that close a name, and an address. An address may be a whole company's.
TRIES_OF_NAME, TRIES_OF_ADDRESS = 10, 50
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Knock:
    """From where somebody tries. address: IP. device: secret of one that this name has signed in on; '' if none."""

    address: str
    device: str = ""


_IN_SESSION = Knock("in a session")


@dataclass(frozen=True)
class _Counted:
    name_key: str
    address_key: str

    @property
    def subjects(self) -> list[str]:
        return [f"sign-in {key}" for key in (self.name_key, self.address_key) if key]


class Door:
    """Who may come in. Every method raises ServiceError where the database does not answer. key: SECRET_KEY."""

    def __init__(self, engine: Engine, clock: Clock, key: str, passwords: Passwords, factors: Factors) -> None:
        self._engine, self._clock, self._key = engine, clock, key.encode()
        self._passwords, self._factors = passwords, factors

    def sign_in(self, name: str, password: str, knock: Knock) -> Staff | None:
        """Check a name and a password; None for whatever is wrong with them.

        Where too many tries have failed, the right password is wrong, too. Whoever has a second factor is not in yet:
        the try stays counted until `second` has seen a code.
        """
        name = cleaned(name[:_LONGEST_NAME])
        counted = self._counted(name, knock)
        # Written before the password is looked at: who breaks the connection off has tried, too. Not compared at all
        # once it is closed, for a name of nobody's as well: hashing a thousand guesses would be a way to stop the line.
        if not self._try(counted):
            return None
        with reading(self._engine) as session:
            row = session.scalars(select(StaffRow).where(StaffRow.name == storable(name))).one_or_none()
        stored = row.password_hash if row is not None and row.disabled_at is None else None
        # Whatever happens to the row meanwhile changes its epoch, and so ends the session that begins here.
        if not self._passwords.matches(stored, password) or row is None:
            self._failed(name if row else "?", knock, "password", counted)
            return None
        if row.totp_secret is None:
            self._let_in(row, knock, counted)
        return staff_of(row)

    def second(self, staff: Staff, code: str, knock: Knock) -> Staff | None:
        """Check a code, from the app or a recovery code, of somebody whose password was right; None for a wrong one.

        A code counts as a try, and is good once.
        """
        counted = self._counted(staff.name, knock)
        row = self._with_code(staff, code, knock, counted)
        if row is None:
            return None
        self._let_in(row, knock, counted)
        return staff_of(row)

    def proves(self, staff: Staff, password: str) -> bool:
        """Ask somebody who is signed in for the password once more, counted by itself: others cannot close it.

        Returns False after too many tries, too.
        """
        counted = self._within(staff)
        if not self._try(counted):
            return False
        with reading(self._engine) as session:
            stored = session.scalar(select(StaffRow.password_hash).where(StaffRow.id == staff.id))
        if not self._passwords.matches(stored, password):
            self._failed(staff.name, _IN_SESSION, "password", counted)
            return False
        with writing(self._engine) as session:
            self._forget(session, counted)
        return True

    def proves_code(self, staff: Staff, code: str) -> bool:
        """Ask somebody who is signed in for a code, counted by itself as `proves` counts."""
        counted = self._within(staff)
        if self._with_code(staff, code, _IN_SESSION, counted) is None:
            return False
        with writing(self._engine) as session:
            self._forget(session, counted)
        return True

    def reopen(self, session: Session, name: str) -> None:
        """Count a name's tries from nothing: somebody has been given a new password."""
        self._forget(session, self._counted(name, Knock("")))

    def _with_code(self, staff: Staff, code: str, knock: Knock, counted: _Counted) -> StaffRow | None:
        if not self._try(counted):
            return None
        with writing(self._engine) as session:
            row = session.get(StaffRow, staff.id, with_for_update=True)
            same = row is not None and row.disabled_at is None and row.epoch == staff.epoch
            if row is not None and same and self._factors.takes(session, row, code):
                return row
        self._failed(staff.name, knock, "code", counted)
        return None

    def _within(self, staff: Staff) -> _Counted:
        return _Counted(self._hash("signed in", str(staff.id)), "")

    def _try(self, counted: _Counted) -> bool:
        now = self._clock.now()
        with writing(self._engine) as session:
            lock(session, *counted.subjects)
            if not self._open(session, counted):
                return False
            session.add(SignInRow(at=now, name_key=counted.name_key, address_key=counted.address_key))
            return True

    def _open(self, session: Session, counted: _Counted) -> bool:
        since = self._clock.now() - WINDOW
        for column, value, most in (
            (SignInRow.name_key, counted.name_key, TRIES_OF_NAME),
            (SignInRow.address_key, counted.address_key, TRIES_OF_ADDRESS),
        ):
            count = select(func.count()).where(column == value, SignInRow.at > since)
            if value and (session.scalar(count) or 0) >= most:
                return False
        return True

    def _failed(self, who: str, knock: Knock, factor: str, counted: _Counted) -> None:
        """Tell of a failed try, and of the one that closes; what is tried after that fills no log."""
        with writing(self._engine) as session:
            closed = not self._open(session, counted)
            record(
                session,
                self._clock.now(),
                who[:NAME_MAX],
                Act.SIGN_IN_FAILED,
                knock.address,
                factor=factor,
                known_device=bool(knock.device),
                closed=closed,
            )

    def _let_in(self, row: StaffRow, knock: Knock, counted: _Counted) -> None:
        now = self._clock.now()
        with writing(self._engine) as session:
            self._forget(session, counted)
            session.execute(delete(SignInRow).where(SignInRow.at < now - WINDOW))
            record(session, now, row.name, Act.SIGNED_IN, knock.address, second_factor=row.totp_secret is not None)

    def _forget(self, session: Session, counted: _Counted) -> None:
        lock(session, *counted.subjects)
        session.execute(delete(SignInRow).where(SignInRow.name_key == counted.name_key))

    def _counted(self, name: str, knock: Knock) -> _Counted:
        if knock.device:
            return _Counted(self._hash("device", f"{name} {knock.device}"), "")
        return _Counted(self._hash("name", name), self._hash("address", knock.address))

    def _hash(self, kind: str, value: str) -> str:
        return hmac.new(self._key, f"{kind} {value}".encode(), hashlib.sha256).hexdigest()[:32]

"""What all that deals with rows of staff has in common: names, passwords, and a row as a value."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from ivr.db.console.tables import StaffRow
from ivr.db.database import storable
from ivr.service_errors import ServiceError
from ivr.staff import Staff

PASSWORD_MIN, PASSWORD_MAX = 12, 200
NAME_MAX = 64


class StaffError(ValueError):
    """A name, a password or a role that cannot be; the message is one line for whoever typed it."""


class Passwords:
    """Hashes and compares passwords: argon2id, as its library recommends."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hash(self, password: str) -> str:
        """Hash a password."""
        return self._hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Compare a password, with the same work where there is nothing to compare it with."""
        try:
            same = self._hasher.verify(stored or self._nobody(), password[:PASSWORD_MAX])
        except (VerificationError, InvalidHashError):
            return False
        return same and stored is not None

    @cache  # noqa: B019 there is one of these in a process
    def _nobody(self) -> str:
        return self._hasher.hash("nobody's password")


def cleaned(name: str) -> str:
    """Write a name as it is kept: small letters, nothing around it."""
    return storable(name).strip().lower()


def check(name: str, password: str) -> None:
    """Refuse what cannot be a name, or is no password. Raises: StaffError."""
    if not 0 < len(name) <= NAME_MAX or not all(c.isalnum() or c in "._@-" for c in name):
        raise StaffError("a name is letters, digits, dots, dashes, @ and _, at most 64 of them")
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise StaffError(f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters")
    if name in password.lower() and len(password) < len(name) + PASSWORD_MIN // 2:
        raise StaffError("that password is little more than the name")


def row_of(session: Session, staff_id: int) -> StaffRow:
    """Read somebody's row, to be changed. Raises: ServiceError where there is none."""
    row = session.get(StaffRow, staff_id, with_for_update=True)
    if row is None:
        raise ServiceError("there is no such colleague")
    return row


def staff_of(row: StaffRow) -> Staff:
    """Make a value of a row."""
    return Staff(
        row.id,
        row.name,
        row.full_name,
        row.role,
        row.epoch,
        row.zone,
        row.totp_secret is not None,
        row.disabled_at,
        row.must_change,
    )

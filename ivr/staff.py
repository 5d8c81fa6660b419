"""Who works at the console, and what their role lets them do: facts and rules only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do, from least to most: each may do what those before may.

    STAFF: see and note. LEAD: messages, callbacks, unlocking, whole telephone numbers. ADMIN: accounts, staff, prompts,
    settings, erasing.
    """

    STAFF = "staff"
    LEAD = "lead"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Say whether this role may do what `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Staff:
    """Somebody who works at the console.

    name: what they sign in with, in small letters. epoch: rises when every open session of theirs is to end.
    zone: IANA name of the time zone they read in; '' for the company's. totp: a second factor is set up.
    must_change: somebody else knows the password, so nothing else is open until there is a new one.
    """

    id: int
    name: str
    full_name: str
    role: Role
    epoch: int = 0
    zone: str = ""
    totp: bool = False
    disabled_at: datetime | None = None
    must_change: bool = False

    def may(self, role: Role) -> bool:
        """Say whether they may do what needs `role`."""
        return self.role.covers(role)

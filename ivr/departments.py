"""The people callers are connected to: who they are, in which order they are rung, and when they are there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.opening_hours import OpeningHours

RING_S = 25


@dataclass(frozen=True)
class Department:
    """A group of people who take calls.

    name: as flows call it. title: as callers hear it. numbers: E.164, in the order they are rung. ring_s: how long each
    is, in seconds. capacity: how many calls they can take at once; None for as many as come. accept: who answers
    presses a key to take a call, so that no mailbox does; False where another telephone system answers.
    """

    name: str
    title: str
    numbers: tuple[str, ...]
    hours: OpeningHours
    ring_s: int = RING_S
    capacity: int | None = None
    accept: bool = True

    def is_open(self, moment: datetime) -> bool:
        """Say whether somebody is there."""
        return self.hours.is_open(moment)


class Departments(Protocol):
    """Where departments are looked up; what it returns may change from call to call, as the file does."""

    def current(self) -> Mapping[str, Department]:
        """Return every department by its name."""
        ...


class NoDepartments:
    """A line whose transfers name entries of its directory only."""

    def current(self) -> Mapping[str, Department]:
        """Return none."""
        return {}

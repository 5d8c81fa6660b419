"""The lines of the departments, in the database: a step of one line is a transaction, and none runs beside another."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from ivr.clock import Clock
from ivr.db import place_rows as rows
from ivr.db.database import lock, transaction
from ivr.db.event_outbox import NOBODY, SqlEvents
from ivr.db.place_rows import Which
from ivr.departments import Department, Departments
from ivr.waiting import Kind, Place, PlaceState

Change = Callable[[Place], Place]


class Lines:
    """Who waits for which department. Every method raises ServiceError where the database does not answer."""

    def __init__(self, engine: Engine, clock: Clock, departments: Departments, events: SqlEvents = NOBODY) -> None:
        self._engine, self.clock, self.departments, self._events = engine, clock, departments, events

    @contextmanager
    def of(self, name: str, *others: str) -> Generator[tuple[Connection, list[Place]]]:
        """Keep everybody else out of a department's line, and return who is in it, as they arrived.

        others: departments whose lines are kept, too.
        """
        with transaction(self._engine, write=True) as connection:
            lock(connection, *(f"line of {each}" for each in {name, *others}))
            yield connection, rows.line(connection, name)

    @contextmanager
    def looking(self) -> Generator[Connection]:
        """Read, without keeping anybody out."""
        with transaction(self._engine) as connection:
            yield connection

    def write(self, connection: Connection, before: Place | None, after: Place) -> None:
        """Write a step of a place, and tell of it where it is about a callback. before: None for a new one."""
        written = replace(after, id=rows.write(connection, after))
        self._events.callback(connection, before, written, self.clock.now())

    def step(self, which: Which, change: Change) -> Place | None:
        """Change a place in one transaction; return it as it is then, None where there is none."""
        known = self.find(which)
        if known is None:
            return None
        with self.of(known.department) as (connection, places):
            before = which.among(places)
            if before is None:
                return None
            after = change(before)
            if after != before:
                self.write(connection, before, after)
            return after

    def find(self, which: Which) -> Place | None:
        """Read a place; None where there is none."""
        with self.looking() as connection:
            return which.find(connection)

    def has_closed(self, place: Place, now: datetime) -> bool:
        """Say whether it is too late for a callback that somebody is asked to make: none is made outside hours."""
        asked = place.kind is Kind.CALLBACK and place.state is PlaceState.OFFERED
        return asked and not self.departments.current()[place.department].is_open(now)

    def numbers(self, department: str) -> int:
        """Return how many numbers a department has."""
        found: Department | None = self.departments.current().get(department)
        return len(found.numbers) if found else 1

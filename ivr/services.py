"""What the actions of a flow may reach, in one bundle. Its parts are Protocols, each where its values are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ivr.accounts import Accounts
from ivr.call import withheld
from ivr.clock import Clock
from ivr.departments import Departments, NoDepartments
from ivr.messages import Mailbox, NoMailbox
from ivr.pins import Pins
from ivr.text import NoOutbox, Outbox
from ivr.waiting_room import NoWaitingRoom, WaitingRoom


class Numbering(Protocol):
    """Which telephone numbers may be called back."""

    def allowed(self, number: str) -> bool:
        """Say whether we may call an E.164 number."""
        ...

    def from_keys(self, digits: str) -> str | None:
        """Make E.164 of what a caller keyed in; None where that is no number."""
        ...


class NoNumbering:
    """A line that calls nobody back but at the number they call from."""

    def allowed(self, number: str) -> bool:
        """Look at the form alone."""
        return not withheld(number)

    def from_keys(self, digits: str) -> str | None:
        """Take none."""
        del digits
        return None


@dataclass(frozen=True)
class Services:
    """Everything an action may reach.

    directory: telephone numbers that calls may be transferred to (E.164), by name. departments: groups of people, each
    with numbers of its own. Nothing else is ever dialled. written: answers as they are sent in a text message, by the
    answer's address.
    """

    accounts: Accounts
    pins: Pins
    clock: Clock
    directory: Mapping[str, str]
    departments: Departments = field(default_factory=NoDepartments)
    mailbox: Mailbox = field(default_factory=NoMailbox)
    waiting: WaitingRoom = field(default_factory=NoWaitingRoom)
    numbering: Numbering = field(default_factory=NoNumbering)
    outbox: Outbox = field(default_factory=NoOutbox)
    written: Mapping[str, str] = field(default_factory=dict[str, str])

    def numbers(self, name: str) -> tuple[str, ...]:
        """Return what is rung, in order, for a department or an entry of the directory."""
        department = self.departments.current().get(name)
        return department.numbers if department else (self.directory[name],)

"""The queues of one phone's calls, so that one call can wait in a queue and another dial it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.simulator.departures import Departure, Taken
from ivr.simulator.facts import new_sid


@dataclass(slots=True)
class Member:
    """Somebody in a queue. depart: takes them out of it; waited: seconds so far."""

    call_sid: str
    depart: Callable[[Departure], None]
    waited: Callable[[], float]


class Arrived(Departure):
    """Raised for who dials a queue when a member comes; None is one that only the plan knows of."""

    def __init__(self, member: Member | None = None) -> None:
        super().__init__("arrived")
        self.member = member


@dataclass(slots=True)
class Room:
    """A queue. agents: what tells those who have dialled it that a member has come."""

    sid: str
    members: deque[Member] = field(default_factory=deque[Member])
    agents: deque[Callable[[Departure], None]] = field(default_factory=deque[Callable[[Departure], None]])

    def join(self, member: Member) -> None:
        """Add a member; an agent who is waiting takes them."""
        self.members.append(member)
        if self.agents:
            self.agents.popleft()(Arrived(member))

    def discard(self, member: Member) -> None:
        """Remove a member who may be gone already."""
        if member in self.members:
            self.members.remove(member)

    def take(self, member: Member, taken: Taken) -> None:
        """Put a member through to an agent."""
        self.discard(member)
        member.depart(taken)


class Switchboard:
    """The queues by name."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._rooms

    def room(self, name: str) -> Room:
        """Return a queue, which is made on demand."""
        return self._rooms.setdefault(name, Room(new_sid("QU")))

    def by_sid(self, sid: str) -> Room | None:
        """Return the queue with this identifier."""
        return next((room for room in self._rooms.values() if room.sid == sid), None)

"""The queues of one phone's calls, so that one call can wait in a queue and another dial it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ivr.simulator.acts import Steps
from ivr.simulator.departures import Departure, Taken
from ivr.simulator.events import Ended
from ivr.simulator.facts import new_sid
from ivr.simulator.post import Post


@dataclass(slots=True)
class Member:
    """Somebody in a queue. depart: takes them out of it, at a phone time; joined_at: phone time."""

    call_sid: str
    depart: Callable[[Departure, float], None]
    joined_at: float


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
    agents: deque[Callable[[Departure, float], None]] = field(default_factory=deque[Callable[[Departure, float], None]])

    def join(self, member: Member) -> None:
        """Add a member; an agent who is waiting takes them."""
        self.members.append(member)
        if self.agents:
            self.agents.popleft()(Arrived(member), member.joined_at)

    def discard(self, member: Member) -> None:
        """Remove a member who may be gone already."""
        if member in self.members:
            self.members.remove(member)

    def take(self, member: Member, taken: Taken, at: float) -> None:
        """Put a member through to an agent, at a phone time."""
        self.discard(member)
        member.depart(taken, at)


class Switchboard:
    """The queues by name, the telephones that somebody holds, and the text messages.

    held: their numbers. ring_held: rings one, in a call of its own whose steps it is given; False where it is engaged.
    held_talk_s: how long a talk with one is to be, where nobody there decides.
    """

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self.post = Post()
        self.held: set[str] = set()
        self.ring_held: Callable[[Any, Any, Callable[[Any], Steps[Ended]]], bool] | None = None
        self.held_talk_s = 30.0

    def __contains__(self, name: str) -> bool:
        return name in self._rooms

    def room(self, name: str) -> Room:
        """Return a queue, which is made on demand."""
        return self._rooms.setdefault(name, Room(new_sid("QU")))

    def by_sid(self, sid: str) -> Room | None:
        """Return the queue with this identifier."""
        return next((room for room in self._rooms.values() if room.sid == sid), None)

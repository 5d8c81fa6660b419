"""Where callers wait, as the flows see it: a department is entered, waited for, left, and taken by somebody."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from ivr.call import Call
from ivr.service_errors import ServiceError
from ivr.waiting import Kind, Outlook


class Entry(Enum):
    """How somebody who asks for a department is served."""

    AT_ONCE = auto()
    IN_LINE = auto()
    PROMISED = auto()  # we are going to call them back


@dataclass(frozen=True)
class Taken:
    """Whose call somebody is asked to take, or has taken.

    direct: the caller is being put through by their own call. call_sid: whom to join, where they wait on the line.
    number: whom to call, else. called: the number the caller dialled. waited_s: since they arrived. closed: a callback
    that is not made now, since the department has closed meanwhile.
    """

    kind: Kind
    direct: bool
    department: str
    call_sid: str
    number: str
    called: str
    topic: str
    proved: bool
    waited_s: float
    closed: bool = False


class Ended(Enum):
    """What came of a call that was taken."""

    SERVED = auto()
    AGAIN = auto()  # the caller was not reached, and will be called once more
    UNREACHED = auto()
    GONE = auto()


class WaitingRoom(Protocol):
    """Where places are kept. Every method may be called twice, and may raise ServiceError."""

    def enter(self, call: Call) -> tuple[Entry, str]:
        """Ask for `call.department`; a call keeps the place it has there. Returns an offer to be put through with."""
        ...

    def wait(self, call: Call) -> None:
        """Join the line of `call.department`, in the place this call has had since it entered."""
        ...

    def hold(self, call_sid: str) -> Outlook | None:
        """Note that the carrier has this call in its queue; None for one that does not wait, or must not any more."""
        ...

    def leave(self, call_sid: str, key: str) -> bool:
        """Note which key ends the waiting; False where somebody is taking the call this moment."""
        ...

    def left_by(self, call_sid: str) -> str:
        """Return the key that ended the waiting; '' where none did."""
        ...

    def was_taken(self, call_sid: str) -> bool:
        """Say whether somebody took this call, or a machine merely answered."""
        ...

    def book(self, call: Call, number: str) -> bool:
        """Promise a callback at `number`, in the place this call has, or that was promised to this caller before.

        False where that number has been promised too many today.
        """
        ...

    def promised(self, call: Call) -> str:
        """Return the number at which we are going to call this caller back for `call.department`; '' for none."""
        ...

    def rejoin(self, call: Call) -> None:
        """Take the place of a promised callback, which is not made then, for this call."""
        ...

    def cancel(self, call: Call) -> None:
        """Take back the callback promised to this caller."""
        ...

    def offered(self, offer: str) -> Taken | None:
        """Return whose call is offered; None where that is over."""
        ...

    def take(self, offer: str, by: str) -> Taken | None:
        """Take a call. by: the number of who does. The same offer again gives the same; None where it is over.

        A callback is not taken, but kept for the next opening, where its department has closed.
        """
        ...

    def reach(self, offer: str) -> bool:
        """Note that the caller who is called back wants to talk; False where that is over."""
        ...

    def drop(self, offer: str) -> None:
        """Note that the caller who is called back wants no callback any more."""
        ...

    def finish(self, offer: str) -> Ended:
        """Note that who took a call is done with it."""
        ...


class NoWaitingRoom:
    """A line on which nobody waits: callers are put through at once, or told that nobody could take the call."""

    def enter(self, call: Call) -> tuple[Entry, str]:
        """Put everybody through, and ask nobody first."""
        return Entry.AT_ONCE, call.offer

    def was_taken(self, call_sid: str) -> bool:
        """Believe the carrier."""
        return bool(call_sid)

    def hold(self, call_sid: str) -> Outlook | None:
        """Keep nobody."""
        del call_sid
        return None

    def left_by(self, call_sid: str) -> str:
        """Know of no key."""
        del call_sid
        return ""

    def leave(self, call_sid: str, key: str) -> bool:
        """Let everybody go."""
        return bool(call_sid or key)

    def _refuse(self, *_given: object, **_named: object) -> Any:
        raise ServiceError("nobody waits on this line")

    wait = book = promised = rejoin = cancel = offered = take = reach = drop = finish = _refuse

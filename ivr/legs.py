"""What happens on the other side: people who are asked to take a call, and callers who are called back.

Their legs are calls like others, with an offer that says which place in line they are about.
"""

from dataclasses import replace
from enum import Enum, auto

from ivr.actions import Done
from ivr.call import Call
from ivr.services import Services
from ivr.values import TOPICS
from ivr.waiting import Kind
from ivr.waiting_room import Ended, Taken

ANY_TOPIC = "other"


class Offered(Enum):
    """How the caller waits whose call is offered."""

    ON_LINE = auto()
    CALLBACK = auto()
    CLOSED = auto()
    GONE = auto()


def look_at_offer(call: Call, services: Services) -> tuple[Offered, Call]:
    """Learn what to say of the caller to who may take the call."""
    taken = services.waiting.offered(call.offer)
    if taken is None:
        return Offered.GONE, call
    if taken.closed:
        return Offered.CLOSED, call
    told = call.knows(
        department=taken.department,
        topic=taken.topic if taken.topic in TOPICS else ANY_TOPIC,
        proof="checked" if taken.proved else "unchecked",
        waited=str(round(taken.waited_s / 60)),
    )
    return Offered.CALLBACK if taken.kind is Kind.CALLBACK else Offered.ON_LINE, told


class Took(Enum):
    """How who took a call is put through. DIRECT: the caller's own call does it. CLOSED: too late for a callback."""

    DIRECT = auto()
    ON_LINE = auto()
    CALLBACK = auto()
    CLOSED = auto()
    GONE = auto()


def take_offer(call: Call, services: Services) -> tuple[Took, Call]:
    """Take the call."""
    taken = services.waiting.take(call.offer, call.called)
    if taken is None:
        return Took.GONE, call
    if taken.closed:
        return Took.CLOSED, call
    if taken.direct:
        return Took.DIRECT, call
    calls_back = taken.kind is Kind.CALLBACK
    meets = taken.number if calls_back else taken.call_sid
    return _kind(taken), replace(call, meets=meets, shown=taken.called)


def _kind(taken: Taken) -> Took:
    return Took.CALLBACK if taken.kind is Kind.CALLBACK else Took.ON_LINE


class Finished(Enum):
    """What came of a call that was taken."""

    SERVED = auto()
    NOT_REACHED = auto()


def finish_offer(call: Call, services: Services) -> tuple[Finished, Call]:
    """Be done with the call."""
    ended = services.waiting.finish(call.offer)
    return Finished.SERVED if ended in {Ended.SERVED, Ended.GONE} else Finished.NOT_REACHED, call


def pass_offer(call: Call, services: Services) -> tuple[Done, Call]:
    """Leave the call to somebody else."""
    services.waiting.finish(call.offer)
    return Done.DONE, call


class Stands(Enum):
    """Whether a callback is still wanted, and this is the one that makes it."""

    YES = auto()
    NO = auto()


def callback_stands(call: Call, services: Services) -> tuple[Stands, Call]:
    """Look before the caller is asked."""
    return (Stands.YES if services.waiting.offered(call.offer) else Stands.NO), call


def accept_callback(call: Call, services: Services) -> tuple[Stands, Call]:
    """Talk now."""
    return (Stands.YES if services.waiting.reach(call.offer) else Stands.NO), call


def drop_callback(call: Call, services: Services) -> tuple[Done, Call]:
    """Want no callback any more."""
    services.waiting.drop(call.offer)
    return Done.DONE, call

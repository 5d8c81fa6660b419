"""A telephone that rings: until whoever is there answers, or is not there."""

from ivr.simulator.acts import Listening, PickUp, Steps
from ivr.simulator.departures import CallOver, NeverBegun
from ivr.simulator.line import Line
from ivr.simulator.plans import Person
from ivr.simulator.progress import Progress

RING_BUFFER_S = 5
"""Seconds that the carrier adds to the time an application lets a telephone ring."""


def ring(line: Line, person: Person | None, timeout_s: float, time_limit_s: float, progress: Progress) -> Steps[None]:
    """Ring who is called over REST; returns when they have answered.

    person: how they react; None is somebody who holds the receiver themselves. Raises: Departure.
    """
    if any(isinstance(departure, CallOver) for _, departure in line.updates):
        line.updates.clear()
        raise NeverBegun
    progress.tell("initiated", "initiated")
    progress.tell("ringing", "ringing")
    longest = timeout_s + RING_BUFFER_S
    if person is None:
        yield from be_rung(line, longest)
    else:
        reaction, seconds = person.reaction(longest, line.clock.phone_now)
        yield from line.stretch("ringing", seconds)
        if reaction != "completed":
            raise CallOver(reaction, "callee")
    line.answer()
    line.limit(time_limit_s)
    progress.tell("answered", "in-progress")


def be_rung(line: Line, longest: float) -> Steps[None]:
    """Ring whoever holds the receiver; to put it down declines. Raises: CallOver, busy or no-answer."""
    end = line.now + longest
    try:
        while line.now < end:
            heard = yield from line.moment(Listening("rung", end - line.now, waits=True))
            if isinstance(heard, PickUp):
                line.answer()
                return
    except CallOver as over:
        if over.by != "caller":
            raise
        raise CallOver("busy", "callee") from None
    raise CallOver("no-answer", "callee")

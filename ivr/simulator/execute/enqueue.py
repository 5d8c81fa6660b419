"""Enqueue: wait in a queue until an agent, a Leave, an update or the caller ends it.

Source: https://www.twilio.com/docs/voice/twiml/enqueue
"""

from dataclasses import dataclass

from ivr.simulator.acts import Listening, Steps
from ivr.simulator.departures import CallOver, Goto, Left, Taken, Updated
from ivr.simulator.events import Queued
from ivr.simulator.line import Line
from ivr.simulator.plans import Queue
from ivr.simulator.switchboard import Member, Room
from ivr.simulator.verbs.enqueue import Enqueue

WAIT_VERBS = frozenset({"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"})
TOLD_VERBS = frozenset({"Play", "Say", "Pause", "Redirect"})
SCHEMA, FULL = 12200, 14207
UNPLANNED = Queue(taken_after_s=60.0)
SPIN_S = 1.0
"""Call time that passes after a waiting document in which none did, so that it cannot spin."""


@dataclass(slots=True)
class _Stay:
    """One caller's time in a queue."""

    line: Line
    verb: Enqueue
    room: Room
    plan: Queue
    action: str | None
    began: float

    @property
    def waited(self) -> int:
        """Whole seconds in the queue so far."""
        return int(self.line.now - self.began)

    def parameters(self, member: Member) -> dict[str, str]:
        """Return what the waiting document is told."""
        place = self.room.members.index(member) + 1 if member in self.room.members else 1
        return {
            "QueuePosition": str(self.plan.ahead + place),
            "QueueSid": self.room.sid,
            "QueueTime": str(self.waited),
            "AvgQueueTime": str(self.plan.average_s),
            "CurrentQueueSize": str(self.plan.ahead + len(self.room.members)),
            "MaxQueueSize": str(self.plan.max_size),
        }

    def over(self, result: str, waited: int | None = None) -> dict[str, str]:
        """Record how it ended, and return what the action is told."""
        waited = self.waited if waited is None else waited
        self.line.emit(Queued(self.line.now, self.verb.name, result, waited))
        return {"QueueResult": result, "QueueSid": self.room.sid, "QueueTime": str(waited)}

    def tell(self, result: str, status: str = "in-progress", waited: int | None = None) -> None:
        """Tell the action how it ended; its answer cannot steer the call any more."""
        extra = self.over(result, waited)
        if self.action:
            params = self.line.facts.parameters(status) | extra
            self.line.carrier.request(self.action, self.verb.method, params, "action")


def enqueue(line: Line, verb: Enqueue) -> Steps[Goto | None]:
    """Wait in the queue; then go to the action, or without one to the next verb."""
    line.answer()
    action = line.resolve(verb.action) if verb.action else None
    room, plan = line.switchboard.room(verb.name), line.facts.queue(verb.name) or UNPLANNED
    stay = _Stay(line, verb, room, plan, action, line.now)
    most = min(plan.max_size, verb.max_size or plan.max_size)
    if plan.ahead + len(room.members) >= most:
        line.warn(FULL, f"queue {verb.name} is full: {most} are in it")
        extra = stay.over("queue-full")
    else:
        extra = yield from _stay(stay)
    return Goto(action, verb.method, extra) if action else None


def _stay(stay: _Stay) -> Steps[dict[str, str]]:
    line, plan = stay.line, stay.plan
    member = Member(line.facts.call_sid, line.depart, line.clock.phone_now)
    stay.room.join(member)
    comes_at = None if plan.taken_after_s is None else line.now + plan.taken_after_s
    whisper = Goto(line.resolve(plan.whisper), "POST", {}, "whisper") if plan.whisper else None
    line.queued = True
    try:
        with line.alarm(comes_at, Taken(plan.talks_s, whisper, "")):
            yield from _wait(stay, member)
        return stay.over("system-error")
    except Left:
        return stay.over("leave")
    except Taken as taken:
        line.queued = False
        stay.room.discard(member)
        return (yield from _bridge(stay, taken))
    except Updated:
        stay.tell("redirected")
        raise
    except CallOver:
        stay.tell("hangup", "completed")
        raise
    finally:
        line.queued = False
        stay.room.discard(member)


def _wait(stay: _Stay, member: Member) -> Steps[None]:
    """Hear the waiting document again and again; returns when it cannot be had."""
    line, verb, planned = stay.line, stay.verb, stay.plan.taken_after_s is not None
    while True:
        began = line.now
        if verb.wait_url:
            goto = Goto(line.resolve(verb.wait_url), verb.wait_method, stay.parameters(member), "wait")
            failure = yield from line.stage.perform(line, goto, WAIT_VERBS, SCHEMA)
            if failure is not None:
                return
            seconds = 0.0 if line.now > began else SPIN_S
        else:
            seconds = line.longest_s
        # Nobody is expected, so whoever holds the receiver is asked whether they go on waiting.
        line.remember((yield from line.moment(Listening("queue", seconds, waits=not planned))))


def _bridge(stay: _Stay, taken: Taken) -> Steps[dict[str, str]]:
    """Tell the caller what is coming, then let them talk to the agent."""
    line, waited, talk = stay.line, stay.waited, taken.talk
    if talk is not None:
        talk.join(line)
    try:
        if taken.whisper is not None:
            told = {"QueueSid": stay.room.sid, "QueueTime": str(waited), "DequeingCallSid": taken.agent}
            goto = Goto(taken.whisper.url, taken.whisper.method, told, "whisper")
            yield from line.stage.perform(line, goto, TOLD_VERBS, SCHEMA)
        if talk is not None:
            yield from talk.lead(line)
        else:
            yield from line.stretch("talking", taken.talks_s)
    except Updated:
        stay.tell("redirected-from-bridged", waited=waited)
        raise
    except CallOver:
        stay.tell("bridged", "completed", waited)
        raise
    finally:
        if talk is not None:
            talk.leave(line)
    return stay.over("bridged", waited)

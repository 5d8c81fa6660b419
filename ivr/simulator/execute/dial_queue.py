"""Dial with a Queue: take the first caller out of a queue.

Source: https://www.twilio.com/docs/voice/twiml/queue
"""

from math import ceil

from ivr.simulator.acts import Listening, Steps
from ivr.simulator.bridge import Bridge
from ivr.simulator.departures import Goto, Taken
from ivr.simulator.events import Dialled
from ivr.simulator.execute.talk import talk
from ivr.simulator.execute.whisper import whisper
from ivr.simulator.facts import new_sid
from ivr.simulator.line import Line
from ivr.simulator.plans import Person, Queue
from ivr.simulator.switchboard import Arrived, Member, Room
from ivr.simulator.verbs.dial import Dial
from ivr.simulator.verbs.rooms import QueueNoun


def dial_queue(line: Line, verb: Dial, noun: QueueNoun) -> Steps[dict[str, str]]:
    """Wait for a member as long as the Dial rings, talk, and return what the action learns."""
    plan = line.facts.queue(noun.name)
    if plan is None and noun.name not in line.switchboard:
        line.emit(Dialled(line.now, f"queue:{noun.name}", "failed", 0.0))
        return {"DialCallStatus": "failed", "DialBridged": "false"}
    room, plan = line.switchboard.room(noun.name), plan or Queue()
    try:
        yield from _await(line, room, plan, verb.timeout_s)
    except Arrived as arrived:
        return (yield from _serve(line, verb, noun, plan, arrived.member))
    line.emit(Dialled(line.now, f"queue:{noun.name}", "no-answer", 0.0))
    return {"DialCallStatus": "no-answer", "DialBridged": "false", "QueueSid": room.sid}


def _await(line: Line, room: Room, plan: Queue, timeout_s: float) -> Steps[None]:
    """Wait for a member. Raises: Arrived when there is one."""
    if room.members:
        raise Arrived(room.members[0])
    end, agent = line.now + timeout_s, line.depart
    room.agents.append(agent)
    planned = plan.arrives_after_s
    try:
        with line.alarm(None if planned is None else line.now + planned, Arrived()):
            while line.now < end:
                yield from line.moment(Listening("queue", end - line.now, waits=planned is None))
    finally:
        if agent in room.agents:
            room.agents.remove(agent)


def _serve(line: Line, verb: Dial, noun: QueueNoun, plan: Queue, member: Member | None) -> Steps[dict[str, str]]:
    room = line.switchboard.room(noun.name)
    other = member.call_sid if member else new_sid("CA")
    waited = str(int(line.clock.phone_now - member.joined_at) if member else 0)
    extra = {"QueueSid": room.sid, "QueueTime": waited, "DequeingCallSid": line.facts.call_sid}
    goto = Goto(line.resolve(noun.url), noun.method, extra, "whisper") if noun.url else None
    if member is None and goto is not None:
        facts = line.facts.child(other, line.facts.to, f"queue:{noun.name}")
        yield from whisper(line, facts, f"queue:{noun.name}", goto, Person())
    line.answer()
    began = line.now
    if member is None:
        yield from talk(line, verb, plan.talks_s)
    else:
        bridge = Bridge.between(line, plan.talks_s, verb.time_limit_s)
        room.take(member, Taken(bridge.talks_s, goto, line.facts.call_sid, bridge), line.clock.phone_now)
        yield from bridge.follow(line, star=verb.hang_up_on_star)
    line.emit(Dialled(line.now, f"queue:{noun.name}", "completed", round(line.now - began, 3)))
    return {
        "DialCallStatus": "completed",
        "DialCallSid": other,
        "DialCallDuration": str(ceil(line.now - began)),
        "DialBridged": "true",
        "QueueSid": room.sid,
        "QueueTime": waited,
    }

"""Dial: ring, bridge, talk, and what the application learns of it.

Source: https://www.twilio.com/docs/voice/twiml/dial
"""

from math import ceil

from ivr.simulator.acts import Listening, Steps
from ivr.simulator.execute.legs import Leg
from ivr.simulator.execute.record import recording_url
from ivr.simulator.facts import new_sid
from ivr.simulator.line import CallOver, Goto, Line
from ivr.simulator.verbs.dial import Dial, Number

MOST_NUMBERS = 10


def dial(line: Line, verb: Dial) -> Steps[Goto | None]:
    """Connect the caller; afterwards go to the action, or without one to the next verb."""
    if not verb.answer_on_bridge:
        line.answer()
    if not verb.numbers:
        return None
    if len(verb.numbers) > MOST_NUMBERS:
        line.warn(13215, f"<Dial> has {len(verb.numbers)} numbers; the first {MOST_NUMBERS} are dialled")
    numbers = verb.numbers[:MOST_NUMBERS]
    tried: list[Leg] = []
    for group in [(n,) for n in numbers] if verb.sequential else [numbers]:
        legs = _start(line, verb, group)
        tried += legs
        winner = yield from _ring(line, legs)
        if winner is not None:
            line.answer()
            yield from _talk(line, verb, winner)
            return _after(line, verb, winner)
    return _after(line, verb, tried[-1])


def _start(line: Line, verb: Dial, numbers: tuple[Number, ...]) -> list[Leg]:
    return [Leg(line, number, verb.caller_id or line.facts.from_, verb.timeout_s) for number in numbers]


def _ring(line: Line, legs: list[Leg]) -> Steps[Leg | None]:
    """Ring them all until the first answers; the others are cancelled, and all are when the caller gives up."""
    try:
        winner = yield from _first_answer(line, legs)
    except CallOver:
        _cancel(legs)
        raise
    _cancel(legs)
    return winner


def _first_answer(line: Line, legs: list[Leg]) -> Steps[Leg | None]:
    for leg in sorted(legs, key=lambda leg: leg.reacts_at):
        yield from line.stretch("ringing", leg.reacts_at - line.now)
        if leg.reaction == "completed":
            leg.answer()
            return leg
        leg.end(leg.reaction)
    return None


def _cancel(legs: list[Leg]) -> None:
    for leg in legs:
        if leg.answered_at is None:
            leg.end("canceled")


def _talk(line: Line, verb: Dial, leg: Leg) -> Steps[None]:
    """Talk until the dialled person, the time limit or the star key ends it. Keys go to the other side."""
    end = line.now + min(leg.talks_s, verb.time_limit_s)
    try:
        while line.now < end:
            heard = yield from line.moment(Listening("talking", end - line.now, takes_keys=verb.hang_up_on_star))
            if heard is None or (heard == "*" and verb.hang_up_on_star):
                break
    except CallOver:
        leg.end("completed")
        raise
    leg.end("completed")


def _after(line: Line, verb: Dial, leg: Leg) -> Goto | None:
    if verb.action is None:
        return None
    extra = {"DialCallStatus": leg.status, "DialCallSid": leg.sid}
    bridged = leg.answered_at is not None
    extra["DialBridged"] = "true" if bridged else "false"
    if bridged:
        extra["DialCallDuration"] = str(ceil(leg.seconds))
        if verb.recorded:
            extra["RecordingUrl"] = recording_url(line.facts.account_sid, new_sid("RE"))
    return Goto(line.resolve(verb.action), verb.method, extra)

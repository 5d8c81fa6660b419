"""Dial: ring, bridge, talk, and what the application learns of it.

Source: https://www.twilio.com/docs/voice/twiml/dial
"""

from math import ceil

from ivr.simulator.acts import Steps
from ivr.simulator.departures import Departure, Goto
from ivr.simulator.execute.conference import confer
from ivr.simulator.execute.dial_queue import dial_queue
from ivr.simulator.execute.legs import Leg
from ivr.simulator.execute.talk import Tape, talk
from ivr.simulator.execute.whisper import whisper
from ivr.simulator.line import Line
from ivr.simulator.verbs.dial import BAD_CALLER_ID, Dial
from ivr.simulator.verbs.nouns import Target


def dial(line: Line, verb: Dial) -> Steps[Goto | None]:
    """Connect the caller; afterwards go to the action, or without one to the next verb."""
    if not verb.answer_on_bridge:
        line.answer()
    action = line.resolve(verb.action) if verb.action else None
    if verb.queue is not None:
        extra = yield from dial_queue(line, verb, verb.queue)
    elif verb.conference is not None:
        extra = yield from confer(line, verb, verb.conference)
    elif verb.targets:
        extra = yield from _people(line, verb)
    else:
        return None
    return Goto(action, verb.method, extra) if action else None


def _people(line: Line, verb: Dial) -> Steps[dict[str, str]]:
    tape = Tape(line, verb)
    try:
        leg = yield from _try_all(line, verb, tape)
    except Departure:
        tape.finish()
        raise
    tape.finish()
    return _learned(leg, tape)


def _try_all(line: Line, verb: Dial, tape: Tape) -> Steps[Leg]:
    """Ring all at once or one by one, until somebody answers; return whose call counts."""
    caller_id = _caller_id(line, verb)
    tape.ringing()
    leg: Leg | None = None
    for group in [(target,) for target in verb.targets] if verb.sequential else [verb.targets]:
        legs = _start(line, verb, group, caller_id)
        winner = yield from _ring(line, legs)
        leg = winner or legs[-1]
        if winner is not None:
            yield from _connect(line, verb, winner, tape)
            break
    assert leg is not None  # noqa: S101 a Dial of people has one at least
    return leg


def _start(line: Line, verb: Dial, targets: tuple[Target, ...], caller_id: str) -> list[Leg]:
    return [Leg(line, target, caller_id, verb.timeout_s) for target in targets]


def _ring(line: Line, legs: list[Leg]) -> Steps[Leg | None]:
    """Ring them all until the first answers; the others are cancelled, and all are when the caller gives up."""
    try:
        winner = yield from _first_answer(line, legs)
    except Departure:
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


def _connect(line: Line, verb: Dial, leg: Leg, tape: Tape) -> Steps[None]:
    """Let the other side hear what is for them alone, then put them through and let them talk."""
    target = leg.target
    try:
        if target.url is not None:
            goto = Goto(line.resolve(target.url), target.method, {}, "whisper")
            leg.bridged = yield from whisper(line, leg.facts, target.address, goto, leg.person.script)
        else:
            leg.bridged = True
        if leg.bridged:
            line.answer()
            tape.answered()
            yield from talk(line, verb, leg.person.talks_s)
    except Departure:
        leg.end("completed")
        raise
    leg.end("completed")


def _learned(leg: Leg, tape: Tape) -> dict[str, str]:
    extra = {"DialCallStatus": leg.status, "DialCallSid": leg.sid, "DialBridged": "true" if leg.bridged else "false"}
    if leg.answered_at is not None:
        extra["DialCallDuration"] = str(ceil(leg.seconds))
    if tape.report is not None:
        extra["RecordingUrl"] = tape.report.media_url
    return extra


def _caller_id(line: Line, verb: Dial) -> str:
    own, facts = verb.caller_id, line.facts
    if own is None:
        return facts.from_
    if facts.own_numbers is not None and own not in facts.own_numbers | {facts.from_, facts.to}:
        line.warn(BAD_CALLER_ID, f"callerId {own} is neither of this call nor a number of the account")
        return facts.from_
    return own

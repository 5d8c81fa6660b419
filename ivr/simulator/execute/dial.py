"""Dial: ring, bridge, talk, and what the application learns of it.

Source: https://www.twilio.com/docs/voice/twiml/dial
"""

from math import ceil

from ivr.simulator.acts import Steps
from ivr.simulator.bridge import Bridge
from ivr.simulator.departures import Departure, Goto
from ivr.simulator.execute.conference import confer
from ivr.simulator.execute.dial_queue import dial_queue
from ivr.simulator.execute.held_leg import ACCEPTED, ANSWERED, News
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
    legs = [Leg(line, target, caller_id, verb.timeout_s) for target in targets]
    for leg in legs:
        if leg.target.possible and leg.target.address in line.switchboard.held:
            bridge = Bridge.between(line, line.switchboard.held_talk_s, verb.time_limit_s)
            leg.ring_held(bridge, _whisper(line, leg))
    return legs


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
    ringing = sorted(legs, key=lambda leg: leg.reacts_at)
    while ringing:
        leg = ringing[0]
        held = {leg.channel: leg for leg in ringing if leg.channel is not None}
        try:
            yield from line.stretch("ringing", leg.reacts_at - line.now, waits=bool(held))
            reaction = leg.reaction
        except News as news:
            leg = held[news.channel]
            reaction = "completed" if news.what == ANSWERED else news.what
        ringing.remove(leg)
        if reaction == "completed":
            leg.answer()
            return leg
        leg.end(reaction)
    return None


def _cancel(legs: list[Leg]) -> None:
    for leg in legs:
        if leg.answered_at is None:
            leg.end("canceled")


def _connect(line: Line, verb: Dial, leg: Leg, tape: Tape) -> Steps[None]:
    """Let the other side hear what is for them alone, then put them through and let them talk."""
    try:
        leg.bridged = yield from _accepts(line, leg)
        if leg.bridged:
            line.answer()
            tape.answered()
            if leg.channel is None:
                yield from talk(line, verb, leg.person.talks_s)
            else:
                yield from leg.channel.bridge.follow(line, star=verb.hang_up_on_star)
    except Departure:
        leg.end("completed")
        raise
    leg.end("completed")


def _accepts(line: Line, leg: Leg) -> Steps[bool]:
    """Tell whether the other side is put through."""
    if leg.channel is None:
        goto = _whisper(line, leg)
        return goto is None or (yield from whisper(line, leg.facts, leg.target.address, goto, leg.person))
    try:
        yield from line.stretch("ringing", line.longest_s, waits=True)
    except News as news:
        return news.what == ACCEPTED
    return False


def _whisper(line: Line, leg: Leg) -> Goto | None:
    target = leg.target
    return None if target.url is None else Goto(line.resolve(target.url), target.method, {}, "whisper")


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

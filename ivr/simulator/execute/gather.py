"""Gather: prompts that a key cuts off, and the timers after them.

Source: https://www.twilio.com/docs/voice/twiml/gather
"""

from dataclasses import dataclass, field

from ivr.simulator.acts import Listening, Speech, Steps
from ivr.simulator.departures import CallOver, Goto
from ivr.simulator.execute.prompts import prepare
from ivr.simulator.line import Heard, Line
from ivr.simulator.verbs.gather import Gather

NESTED_WRONG_TYPE = 13325
CONFIDENCE = "0.9"


@dataclass(slots=True)
class _Entry:
    """What has been collected so far. finished_on: the key that ended it; '' is none."""

    digits: str = ""
    finished_on: str = ""
    speech: list[str] = field(default_factory=list[str])


def gather(line: Line, verb: Gather) -> Steps[Goto | None]:
    """Play the prompts, collect, and go to the action; with nothing collected go on, unless told otherwise."""
    line.answer()
    line.catch_up()
    action = line.resolve(verb.action)
    entry = _Entry()
    try:
        yield from _collect(line, verb, entry)
    except CallOver:
        if entry.digits and line.switches.sends_digits_on_hangup:
            params = line.facts.parameters("completed") | _parameters(line, entry)
            line.carrier.request(action, verb.method, params, "action")
        raise
    if not entry.digits and not entry.speech and not verb.action_on_empty:
        return None
    return Goto(action, verb.method, _parameters(line, entry))


def _parameters(line: Line, entry: _Entry) -> dict[str, str]:
    if entry.speech:
        return {"SpeechResult": " ".join(entry.speech), "Confidence": CONFIDENCE}
    if entry.digits or line.switches.sends_blank_digits:
        return {"Digits": entry.digits, "FinishedOnKey": entry.finished_on, "msg": "Gather End"}
    return {}


def _collect(line: Line, verb: Gather, entry: _Entry) -> Steps[None]:
    if "dtmf" not in verb.input:
        # Keys are lost on it, those pressed before it began, too.
        line.type_ahead.clear()
    heard = yield from _play_prompts(line, verb)
    deadline = line.now + verb.timeout_s
    speech = "speech" in verb.input
    while heard is not None or (heard := (yield from _next(line, deadline - line.now, speech=speech))) is not None:
        if isinstance(heard, Speech) and speech and not entry.digits:
            return (yield from _hear_out(line, verb, entry, heard))
        if isinstance(heard, str) and "dtmf" in verb.input:
            if _press(verb, entry, heard):
                return None
            deadline = line.now + verb.timeout_s
        heard = None
    return None


def _press(verb: Gather, entry: _Entry, key: str) -> bool:
    """Take one key; tell whether it ends the Gather."""
    if key in verb.finish_on_key:
        entry.finished_on = key
        return True
    entry.digits += key
    return len(entry.digits) == verb.num_digits


def _next(line: Line, seconds: float, *, speech: bool) -> Steps[Heard]:
    if line.type_ahead:
        return line.type_ahead.popleft()
    wait = Listening("gather", max(0.0, seconds), waits=True, takes_keys=True, takes_speech=speech)
    return (yield from line.moment(wait))


def _play_prompts(line: Line, verb: Gather) -> Steps[Heard]:
    """Play until something comes from the caller. All files are fetched before the first is played."""
    clips = [prepare(line, prompt, NESTED_WRONG_TYPE) for prompt in verb.prompts]
    cuts = line.switches.barge_in if verb.barge_in is None else verb.barge_in
    keys, speech = "dtmf" in verb.input and cuts, "speech" in verb.input and cuts
    if line.type_ahead and keys:
        return line.type_ahead.popleft()
    for clip in clips:
        for _ in range(clip.times if clip else 0):
            assert clip  # noqa: S101 for the type checkers
            for event in clip.heard(line.now):
                line.emit(event)
            end = line.now + clip.seconds
            while line.now < end:
                heard = yield from line.moment(
                    Listening(clip.kind, end - line.now, takes_keys=keys, takes_speech=speech)
                )
                if heard is None:
                    break
                if not cuts:
                    line.remember(heard)
                elif ("dtmf" if isinstance(heard, str) else "speech") in verb.input:
                    return heard
    return None


def _hear_out(line: Line, verb: Gather, entry: _Entry, heard: Speech) -> Steps[None]:
    """Take speech until speechTimeout has passed in silence, or the longest speech; keys no longer count."""
    silence_s = verb.speech_timeout_s or verb.timeout_s
    longest = line.now + (verb.max_speech_s or line.switches.max_speech_s)
    more: Heard = heard
    end = line.now
    while True:
        if isinstance(more, Speech):
            entry.speech.append(more.text)
            _tell_partial(line, verb, entry)
            end = min(longest, line.now + more.duration_s + silence_s)
        if line.now >= end:
            return
        more = yield from line.moment(Listening("gather", end - line.now, takes_speech=True))


def _tell_partial(line: Line, verb: Gather, entry: _Entry) -> None:
    """Tell who wants to know of speech as it comes; the answer steers nothing."""
    if verb.partial is None:
        return
    so_far = {
        "UnstableSpeechResult": " ".join(entry.speech),
        "SequenceNumber": str(len(entry.speech) - 1),
        "Stability": CONFIDENCE,
    }
    params = line.facts.parameters(line.status) | so_far
    line.carrier.request(line.resolve(verb.partial), verb.partial_method, params, "partial-result")

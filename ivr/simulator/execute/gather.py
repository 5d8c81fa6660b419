"""Gather: prompts that a key cuts off, and the timers after them.

Source: https://www.twilio.com/docs/voice/twiml/gather
"""

from dataclasses import dataclass, field

from ivr.simulator.acts import Listening, Speech, Steps
from ivr.simulator.execute.prompts import prepare
from ivr.simulator.line import Goto, Heard, Line
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
    entry = _Entry()
    yield from _collect(line, verb, entry)
    extra = _parameters(line, entry)
    if not entry.digits and not entry.speech and not verb.action_on_empty:
        return None
    return Goto(line.resolve(verb.action), verb.method, extra)


def _parameters(line: Line, entry: _Entry) -> dict[str, str]:
    if entry.speech:
        return {"SpeechResult": " ".join(entry.speech), "Confidence": CONFIDENCE}
    if entry.digits or line.switches.sends_blank_digits:
        return {"Digits": entry.digits, "FinishedOnKey": entry.finished_on, "msg": "Gather End"}
    return {}


def _collect(line: Line, verb: Gather, entry: _Entry) -> Steps[None]:
    heard = yield from _play_prompts(line, verb)
    deadline = line.now + verb.timeout_s
    while heard is not None or (heard := (yield from _next(line, deadline - line.now))) is not None:
        if isinstance(heard, Speech) and "speech" in verb.input and not entry.digits:
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


def _next(line: Line, seconds: float) -> Steps[Heard]:
    if line.type_ahead:
        return line.type_ahead.popleft()
    return (yield from line.moment(Listening("gather", max(0.0, seconds), waits=True, takes_keys=True)))


def _play_prompts(line: Line, verb: Gather) -> Steps[Heard]:
    """Play until something comes from the caller. All files are fetched before the first is played."""
    clips = [prepare(line, prompt, NESTED_WRONG_TYPE) for prompt in verb.prompts]
    keys = "dtmf" in verb.input
    if line.type_ahead and keys:
        return line.type_ahead.popleft()
    for clip in clips:
        for _ in range(clip.times if clip else 0):
            assert clip  # noqa: S101 for the type checkers
            for event in clip.heard(line.now):
                line.emit(event)
            end = line.now + clip.seconds
            while line.now < end:
                heard = yield from line.moment(Listening(clip.kind, end - line.now, takes_keys=keys))
                if heard is None:
                    break
                if ("dtmf" if isinstance(heard, str) else "speech") in verb.input:
                    return heard
    return None


def _hear_out(line: Line, verb: Gather, entry: _Entry, heard: Speech) -> Steps[None]:
    """Take speech until speechTimeout has passed in silence; keys no longer count."""
    silence_s = verb.speech_timeout_s or verb.timeout_s
    entry.speech.append(heard.text)
    end = line.now + heard.duration_s + silence_s
    while line.now < end:
        more = yield from line.moment(Listening("gather", end - line.now))
        if more is None:
            return
        if isinstance(more, Speech):
            entry.speech.append(more.text)
            end = line.now + more.duration_s + silence_s

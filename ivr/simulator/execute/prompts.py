"""Say, Play and Pause, alone or as the prompts of a Gather."""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.simulator.acts import Steps, spoken_seconds
from ivr.simulator.carrier import Failure
from ivr.simulator.departures import Broken
from ivr.simulator.events import Event, PlayHeard, SayHeard
from ivr.simulator.line import Line
from ivr.simulator.media import description, seconds_of
from ivr.simulator.verbs.gather import Prompt
from ivr.simulator.verbs.pause import Pause
from ivr.simulator.verbs.play import Play
from ivr.simulator.verbs.say import Say

MOST_REPEATS = 1000
TONE_S = 0.1
WAITS_S = {"w": 0.5, "W": 1.0}


@dataclass(frozen=True, slots=True)
class Clip:
    """A prompt ready to be heard.

    kind: say, play or pause. text: what it says, as far as is known. seconds: once through. times: how often.
    """

    kind: str
    text: str
    seconds: float
    times: int = 1
    digits: str = ""
    url: str = ""

    def heard(self, at: float) -> Iterator[Event]:
        """Say what the caller hears when it begins once; nothing for a pause."""
        if self.kind == "say":
            yield SayHeard(at, self.text, self.seconds)
        elif self.kind == "play":
            yield PlayHeard(at, self.url, self.seconds, self.digits, self.text)


def prepare(line: Line, prompt: Prompt, wrong_type: int = 13420) -> Clip | None:
    """Make a prompt ready, fetching its file; None, with a warning, where there is nothing to play."""
    match prompt:
        case Say(text, loop):
            return Clip("say", text, spoken_seconds(text), loop or MOST_REPEATS) if text else None
        case Pause(length_s):
            return Clip("pause", "", length_s)
        case Play(digits=digits, loop=loop) if digits:
            seconds = sum(WAITS_S.get(key, TONE_S) for key in digits)
            return Clip("play", "", seconds, loop or MOST_REPEATS, digits)
        case Play(url, loop):
            return _fetched(line, line.resolve(url), loop or MOST_REPEATS, wrong_type) if url else None


def say(line: Line, verb: Say) -> Steps[None]:
    """Answer and speak."""
    line.answer()
    yield from _hear(line, prepare(line, verb))


def play(line: Line, verb: Play) -> Steps[None]:
    """Answer and play."""
    line.answer()
    yield from _hear(line, prepare(line, verb))


def pause(line: Line, verb: Pause) -> Steps[None]:
    """Wait; as the first verb of a call it lets the phone ring on."""
    yield from line.stretch("pause", verb.length_s)


def _hear(line: Line, clip: Clip | None) -> Steps[None]:
    for _ in range(clip.times if clip else 0):
        assert clip  # noqa: S101 for the type checkers
        for event in clip.heard(line.now):
            line.emit(event)
        yield from line.stretch(clip.kind, clip.seconds)


def _fetched(line: Line, url: str, times: int, wrong_type: int) -> Clip | None:
    reply = line.carrier.media(url)
    seconds = reply if isinstance(reply, Failure) else seconds_of(reply, wrong_type)
    if isinstance(seconds, Failure):
        # Twilio logs an error here; whether the call goes on is not documented.
        if line.switches.media_failure_fails:
            raise Broken(seconds)
        line.warn(seconds.code, seconds.message)
        return None
    return Clip("play", "" if isinstance(reply, Failure) else description(reply), seconds, times, url=url)

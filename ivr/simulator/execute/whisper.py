"""What the other side hears before they are put through.

Source: https://www.twilio.com/docs/voice/twiml/number#attributes-url
"""

from ivr.simulator.acts import Act, HangUp, Keys, Listening, Speech, Steps
from ivr.simulator.carrier import Failure
from ivr.simulator.departures import CallOver, Goto
from ivr.simulator.events import Event, OtherHears, PlayHeard, SayHeard
from ivr.simulator.facts import CallFacts
from ivr.simulator.line import Line
from ivr.simulator.plans import Person
from ivr.simulator.receiver import Receiver

ALLOWED = frozenset({"Play", "Say", "Gather", "Pause", "Redirect", "Hangup"})
NOT_ALLOWED = 13201
_HIDDEN = frozenset({"digits", "speech"})


def whisper(line: Line, facts: CallFacts, number: str, goto: Goto, person: Person) -> Steps[bool]:
    """Run a document on the other side while the caller hears ringing; tell whether they are put through.

    facts: of the other leg. person: who answered there.
    """
    leg = _other_side(line, facts, number)
    receiver = Receiver(person, leg)
    steps = line.stage.perform(leg, goto, ALLOWED, NOT_ALLOWED)
    act: Act | None = None
    while True:
        heard = _step(steps, act)
        leg.clock.advance_to(line.now)
        if isinstance(heard, bool):
            return heard
        act = receiver.act(heard)
        # The caller may hang up while the other side listens, so their time passes first.
        yield from line.stretch("ringing", act.after_s if isinstance(act, Keys | Speech | HangUp) else heard.seconds)


def _step(steps: Steps[Failure | None], act: Act | None) -> Listening | bool:
    """Go on to the other side's next moment, or to whether they are put through."""
    try:
        return next(steps) if act is None else steps.send(act)
    except StopIteration as stop:
        return stop.value is None
    except CallOver:
        return False


def _other_side(line: Line, facts: CallFacts, number: str) -> Line:
    def emit(event: Event) -> None:
        if isinstance(event, SayHeard | PlayHeard):
            text = event.text or (event.url or event.digits if isinstance(event, PlayHeard) else "")
            line.emit(OtherHears(line.now, number, text))
        elif event.event not in _HIDDEN:
            line.emit(event)

    leg = Line(facts, line.carrier, line.clock.fork(), emit, line.switches, switchboard=line.switchboard)
    leg.base, leg.stage, leg.answered_at = line.base, line.stage, line.now
    return leg

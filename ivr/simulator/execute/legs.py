"""One dialled person's side of a Dial, and the callbacks about it.

Source: https://www.twilio.com/docs/voice/twiml/number#attributes-status-callback
"""

from ivr.simulator.acts import Steps
from ivr.simulator.bridge import Bridge
from ivr.simulator.departures import Goto
from ivr.simulator.events import Dialled, Ended
from ivr.simulator.execute.held_leg import Channel, callee
from ivr.simulator.facts import CallFacts, Person, new_sid
from ivr.simulator.line import Line
from ivr.simulator.plans import SOON_S
from ivr.simulator.progress import Progress
from ivr.simulator.ringing import RING_BUFFER_S
from ivr.simulator.verbs.nouns import Target


class Leg:
    """A call to one target. status: DialCallStatus; '' while it goes on. answered_at: in call time; None is never."""

    def __init__(self, line: Line, target: Target, caller_id: str, timeout_s: int) -> None:
        self.target = target
        self.facts: CallFacts = line.facts.child(new_sid("CA"), caller_id, target.address)
        self.status = ""
        self.answered_at: float | None = None
        self.bridged = False
        self._line = line
        url = line.resolve(target.callback) if target.callback else ""
        self._progress = Progress(
            line,
            self.facts,
            url,
            method=target.callback_method,
            events=target.callback_events,
            purpose="dial-status",
        )
        self.person = line.facts.person(target.address) if target.possible else Person("failed", rings_s=0)
        # The ring timeout has five seconds added to it.
        self.longest_s = timeout_s + RING_BUFFER_S
        self.channel: Channel | None = None
        self.reaction, seconds = self.person.reaction(self.longest_s, line.clock.phone_now)
        self.reacts_at = line.now + seconds
        self._progress.tell("initiated", "initiated")
        self._progress.tell("ringing", "ringing")

    def ring_held(self, bridge: Bridge, whisper: Goto | None) -> None:
        """Ring a telephone whose receiver somebody holds themselves: its news tell how that goes."""
        channel = Channel(self._line, bridge)
        rings = self._line.switchboard.ring_held

        def steps(line: Line) -> Steps[Ended]:
            channel.callee = line
            return callee(line, channel, whisper, self.longest_s)

        if rings is None or not rings(self._line, self.facts, steps):
            self.reaction, self.reacts_at = "busy", self._line.now + SOON_S
            return
        self.channel = channel
        self.reaction, self.reacts_at = "no-answer", self._line.now + self.longest_s

    @property
    def sid(self) -> str:
        """The CallSid of this leg."""
        return self.facts.call_sid

    def answer(self) -> None:
        """The person picks up."""
        self.answered_at = self._line.now
        self._progress.tell("answered", "in-progress")

    @property
    def seconds(self) -> float:
        """Talking time so far."""
        return 0.0 if self.answered_at is None else self._line.now - self.answered_at

    def end(self, status: str) -> None:
        """The leg is over; a second time changes nothing."""
        if self.status:
            return
        self.status = status
        if self.channel is not None:
            self.channel.close(status)
        self._line.emit(Dialled(self._line.now, self.target.address, status, round(self.seconds, 3)))
        self._progress.tell("completed", status, self.seconds)

"""One dialled person's side of a Dial, and the callbacks about it.

Source: https://www.twilio.com/docs/voice/twiml/number#attributes-status-callback
"""

from math import ceil

from ivr.simulator.events import Dialled
from ivr.simulator.facts import CallFacts, Person, new_sid
from ivr.simulator.line import Line
from ivr.simulator.verbs.nouns import Target

RING_BUFFER_S = 5
SECONDS_A_MINUTE = 60


class Leg:
    """A call to one target. status: DialCallStatus; '' while it goes on. answered_at: in call time; None is never."""

    def __init__(self, line: Line, target: Target, caller_id: str, timeout_s: int) -> None:
        self.target = target
        self.facts: CallFacts = line.facts.child(new_sid("CA"), caller_id, target.address)
        self.status = ""
        self.answered_at: float | None = None
        self.bridged = False
        self._line = line
        self._sent = 0
        self.person = line.facts.person(target.address) if target.possible else Person("failed", rings_s=0)
        # The ring timeout has five seconds added to it.
        longest = timeout_s + RING_BUFFER_S
        rings_on = self.person.status == "no-answer" or self.person.rings_s > longest
        self.reaction = "no-answer" if rings_on else self.person.status
        self.reacts_at = line.now + (longest if rings_on else self.person.rings_s)
        self._tell("initiated", "initiated")
        self._tell("ringing", "ringing")

    @property
    def sid(self) -> str:
        """The CallSid of this leg."""
        return self.facts.call_sid

    def answer(self) -> None:
        """The person picks up."""
        self.answered_at = self._line.now
        self._tell("answered", "in-progress")

    @property
    def seconds(self) -> float:
        """Talking time so far."""
        return 0.0 if self.answered_at is None else self._line.now - self.answered_at

    def end(self, status: str) -> None:
        """The leg is over; a second time changes nothing."""
        if self.status:
            return
        self.status = status
        self._line.emit(Dialled(self._line.now, self.target.address, status, round(self.seconds, 3)))
        duration = ceil(self.seconds)
        minutes = str(ceil(duration / SECONDS_A_MINUTE))
        self._tell("completed", status, {"CallDuration": str(duration), "Duration": minutes})

    def _tell(self, event: str, status: str, extra: dict[str, str] | None = None) -> None:
        line, target = self._line, self.target
        if not target.callback or event not in target.callback_events:
            return
        params = {
            **self.facts.parameters(status),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sent),
            "Timestamp": line.clock.stamp,
        }
        self._sent += 1
        line.carrier.tell(line.resolve(target.callback), target.callback_method, params | (extra or {}), "dial-status")

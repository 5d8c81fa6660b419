"""One dialled person's side of a Dial, and the callbacks about it.

Source: https://www.twilio.com/docs/voice/twiml/number#attributes-status-callback
"""

from math import ceil

from ivr.simulator.events import Dialled
from ivr.simulator.facts import API_VERSION, Person, new_sid
from ivr.simulator.line import Line
from ivr.simulator.verbs.dial import Number, is_phone

RING_BUFFER_S = 5
SECONDS_A_MINUTE = 60


class Leg:
    """A call to one number. status: DialCallStatus; '' while it goes on. answered_at: in call time; None is never."""

    def __init__(self, line: Line, number: Number, caller_id: str, timeout_s: int) -> None:
        self.sid = new_sid("CA")
        self.number = number
        self.status = ""
        self.answered_at: float | None = None
        self._line = line
        self._caller_id = caller_id
        self._sent = 0
        person = line.facts.person(number.number) if is_phone(number.number) else Person("failed", rings_s=0)
        # The ring timeout has five seconds added to it.
        longest = timeout_s + RING_BUFFER_S
        rings_on = person.status == "no-answer" or person.rings_s > longest
        self.reaction = "no-answer" if rings_on else person.status
        self.reacts_at = line.now + (longest if rings_on else person.rings_s)
        self.talks_s = person.talks_s
        self._tell("initiated", "initiated")
        self._tell("ringing", "ringing")

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
        self._line.emit(Dialled(self._line.now, self.number.number, status, round(self.seconds, 3)))
        duration = ceil(self.seconds)
        minutes = str(ceil(duration / SECONDS_A_MINUTE))
        self._tell("completed", status, {"CallDuration": str(duration), "Duration": minutes})

    def _tell(self, event: str, status: str, extra: dict[str, str] | None = None) -> None:
        line, number = self._line, self.number
        if not number.callback or event not in number.callback_events:
            return
        params = {
            "AccountSid": line.facts.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.sid,
            "ParentCallSid": line.facts.call_sid,
            "CallStatus": status,
            "CallbackSource": "call-progress-events",
            "Direction": "outbound-dial",
            "From": self._caller_id,
            "To": number.number,
            "Caller": self._caller_id,
            "Called": number.number,
            "SequenceNumber": str(self._sent),
            "Timestamp": line.clock.stamp,
        }
        self._sent += 1
        line.carrier.tell(line.resolve(number.callback), number.callback_method, params | (extra or {}), "dial-status")

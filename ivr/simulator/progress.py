"""The callbacks about the progress of one call.

Source: https://www.twilio.com/docs/voice/api/call-resource#statuscallback
"""

from collections.abc import Collection
from math import ceil

from ivr.simulator.facts import CallFacts
from ivr.simulator.line import Line

EVENTS = ("initiated", "ringing", "answered", "completed")
SECONDS_A_MINUTE = 60


class Progress:
    """Tells an application how a call goes. url: '' is nobody. events: of EVENTS. purpose: of the requests."""

    def __init__(
        self,
        line: Line,
        facts: CallFacts,
        url: str,
        *,
        method: str = "POST",
        events: Collection[str] = ("completed",),
        purpose: str = "status",
    ) -> None:
        self._line, self._facts = line, facts
        self._url, self._method, self._events, self._purpose = url, method, events, purpose
        self._sent = 0

    def tell(self, event: str, status: str, seconds: float | None = None) -> None:
        """Tell of an event, if that is wanted. seconds: how long the call was, when it is over."""
        if not self._url or event not in self._events:
            return
        params = {
            **self._facts.parameters(status),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sent),
            "Timestamp": self._line.clock.stamp,
        }
        if seconds is not None:
            whole = ceil(seconds)
            params |= {"CallDuration": str(whole), "Duration": str(ceil(whole / SECONDS_A_MINUTE))}
        self._sent += 1
        self._line.carrier.tell(self._url, self._method, params, self._purpose)

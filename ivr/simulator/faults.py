"""Faults between the carrier and an application, to hear what callers hear when it breaks."""

from collections.abc import Callable, Mapping

from ivr.simulator.acts import Break
from ivr.simulator.transport import Answer, Limits, Transport, WireError

_SPARED = frozenset({"fallback", "partial-result"})
_HALF_A_DOCUMENT = b'<?xml version="1.0" encoding="UTF-8"?><Response><Say>Thanks for call'


class Faults:
    """Makes webhooks of one call fail on request; its fallback and its callbacks work on.

    first: the fault that is there before the call begins. wait: lets clock time pass, in seconds.
    """

    def __init__(self, first: Break | None = None, wait: Callable[[float], None] | None = None) -> None:
        self.first = first
        self._wait = wait or _not_at_all
        self._next = first or Break("")
        self._hit = ("", "")

    def inject(self, act: Break) -> None:
        """Let the next webhook fail, or each from now on, or none any more."""
        self._next = act

    def before(self, wire: Transport, purpose: str, token: str) -> Transport:
        """Return what a webhook goes over: the wire, or one on which it fails. token: the same for a further try."""
        if purpose in _SPARED or purpose.endswith("status"):
            return wire
        if token != self._hit[0]:
            self._hit = token, self._next.fault
            self._next = self._next if self._next.lasting else Break("")
        return _Failing(self._hit[1], wire, self._wait) if self._hit[1] else wire


class _Failing:
    """A wire on which one thing goes wrong."""

    def __init__(self, fault: str, wire: Transport, wait: Callable[[float], None]) -> None:
        self._fault, self._wire, self._wait = fault, wire, wait

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, limits: Limits) -> Answer:
        """Send a request, or not, and fail."""
        match self._fault:
            case "down":
                raise WireError(11205, "ct", f"{url} refuses the connection")
            case "slow":
                # It does its work, and is heard no more: the carrier has given up.
                self._wire.send(method, url, headers, body, limits)
                patience_s = min(limits.read_s, limits.total_s)
                self._wait(patience_s)
                raise WireError(11200, "rt", f"{url} did not answer within {patience_s:g} s", patience_s)
            case "error":
                return Answer(500, {"content-type": "text/plain"}, b"Internal Server Error\n")
            case _:
                return Answer(200, {"content-type": "text/xml"}, _HALF_A_DOCUMENT)


def _not_at_all(_seconds: float) -> None:
    pass

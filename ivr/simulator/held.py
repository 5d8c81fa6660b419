"""A telephone number whose receiver somebody holds themselves: a test, or a person at a page."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.simulator.calls import CallerHandset, Handset, PhoneCall
from ivr.simulator.events import Event


@dataclass(eq=False)
class Held:
    """Calls that have come in to a number, oldest first; each rings until it is picked up, or put down.

    stops: as for `Phone.dial`. talks_s: how long whoever is there talks; None where somebody else decides.
    """

    stops: Callable[[PhoneCall], bool] | None = None
    talks_s: float | None = None
    on_event: Callable[[Event], None] | None = None
    calls: list[PhoneCall] = field(default_factory=list[PhoneCall])

    def handset(self) -> Handset:
        """Return what acts by itself in a call that comes in."""
        return CallerHandset(stops=self.stops)

    def take(self, call: PhoneCall) -> None:
        """Take in a call that is going to ring."""
        self.calls.append(call)

    def start(self, call: PhoneCall) -> None:
        """Let a dialled call ring."""
        call.start()

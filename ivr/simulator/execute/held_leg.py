"""A dialled telephone whose receiver somebody holds themselves: its side of a Dial is a call of its own.

The call that has dialled it waits for its news: answered, accepted (what is for them alone has been heard), or over.
"""

from threading import Lock

from ivr.simulator.acts import Steps
from ivr.simulator.bridge import Bridge
from ivr.simulator.departures import Broken, CallOver, Departure, Goto, Updated
from ivr.simulator.events import Ended
from ivr.simulator.execute.whisper import ALLOWED, NOT_ALLOWED
from ivr.simulator.line import Line
from ivr.simulator.ringing import be_rung

ANSWERED, ACCEPTED = "answered", "accepted"


class News(Departure):
    """Raised in the call that has dialled when something happens at the other telephone. what: or a final status."""

    def __init__(self, channel: "Channel", what: str) -> None:
        super().__init__(what)
        self.channel, self.what = channel, what


class Channel:
    """What connects a dialled telephone with the call that has dialled it, until one of them is done."""

    def __init__(self, parent: Line, bridge: Bridge) -> None:
        self.bridge = bridge
        self.callee: Line | None = None
        self._parent = parent
        self._open = True
        self._lock = Lock()

    def tell(self, what: str, at: float) -> None:
        """Tell the call that has dialled, at a phone time; it may have lost its interest."""
        with self._lock:
            if not self._open:
                return
            self._parent.updates.append((at, News(self, what)))
        self._parent.rouse()

    def close(self, status: str = "") -> None:
        """Want no more news. status: ends the other side as well, '' leaves that to itself."""
        with self._lock:
            was_open, self._open = self._open, False
            for _, departure in list(self._parent.updates):
                if isinstance(departure, News) and departure.channel is self:
                    self._parent.withdraw(departure)
        if was_open and status and self.callee is not None:
            self.callee.depart(CallOver(status, "application"), self._parent.clock.phone_now)


def callee(line: Line, channel: Channel, whisper: Goto | None, longest_s: float) -> Steps[Ended]:
    """Run the dialled side: ring, hear what is for them alone, talk. An update over REST ends it."""
    try:
        yield from _take_part(line, channel, whisper, longest_s)
        over = CallOver("completed", "application")
    except CallOver as call_over:
        over = call_over
    except (Broken, Updated) as left:
        if isinstance(left, Broken):
            line.fail(left.failure)
        over = CallOver("completed", "application")
    channel.tell(over.status, line.clock.phone_now)
    seconds = 0.0 if line.answered_at is None else line.now - line.answered_at
    ended = Ended(line.now, over.status, round(seconds, 3), "callee" if over.by == "caller" else over.by)
    line.emit(ended)
    return ended


def _take_part(line: Line, channel: Channel, whisper: Goto | None, longest_s: float) -> Steps[None]:
    yield from be_rung(line, longest_s)
    channel.tell(ANSWERED, line.clock.phone_now)
    if whisper is not None and (yield from line.stage.perform(line, whisper, ALLOWED, NOT_ALLOWED)) is not None:
        return
    channel.bridge.join(line)
    channel.tell(ACCEPTED, line.clock.phone_now)
    yield from channel.bridge.lead(line)

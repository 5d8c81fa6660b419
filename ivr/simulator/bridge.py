"""Two calls of one phone that are put through to each other.

One of them, the first, lets the time of the talk pass; the other goes along, and both learn at once when one leaves.
"""

from threading import Lock

from ivr.simulator.acts import Listening, Steps
from ivr.simulator.departures import CallOver, Departure
from ivr.simulator.line import Line


class Alone(Departure):
    """Raised when the other side of a bridge has gone. talked_out: after as long as the talk was to be."""

    def __init__(self) -> None:
        super().__init__("alone")
        self.talked_out = False


class Bridge:
    """The talk of two calls. talks_s: how long it is to be. second_hangs_up: who goes along hangs up after that."""

    def __init__(self, talks_s: float, *, second_hangs_up: bool = False) -> None:
        self.talks_s = talks_s
        self.over = False
        self._second_hangs_up = second_hangs_up
        self._sides: dict[Line, Alone] = {}
        self._lock = Lock()

    @classmethod
    def between(cls, line: Line, talks_s: float, limit_s: float) -> "Bridge":
        """Make the talk of who has dialled, as long as they talk, or else so many seconds, up to a limit."""
        own = line.talks_s
        seconds = talks_s if own is None else own
        bridge = cls(min(seconds, limit_s), second_hangs_up=own is not None and own <= limit_s)
        bridge.join(line)
        return bridge

    def join(self, line: Line) -> None:
        """Take in a side, before it talks."""
        with self._lock:
            self._sides[line] = Alone()

    def lead(self, line: Line) -> Steps[None]:
        """Talk as the first, to the end of the talk or until the other leaves. Raises: Departure."""
        end, told = line.now + self.talks_s, self._sides[line]
        try:
            while line.now < end and not (self.over and not line.updates):
                line.remember((yield from line.moment(Listening("talking", end - line.now))))
            self.leave(line, talked_out=True)
        except Alone as alone:
            if alone is not told:
                raise
        finally:
            self.leave(line)

    def follow(self, line: Line, *, star: bool = False) -> Steps[None]:
        """Talk as the second, as long as the first does. star: a star ends it. Raises: Departure."""
        told = self._sides[line]
        try:
            while True:
                moment = Listening("talking", line.longest_s, waits=True, takes_keys=star)
                if (yield from line.moment(moment)) == "*" and star:
                    return
        except Alone as alone:
            if alone is not told:
                raise
        finally:
            self.leave(line)
        if told.talked_out and self._second_hangs_up:
            raise CallOver("completed", "caller")

    def leave(self, line: Line, *, talked_out: bool = False) -> None:
        """Go; the other side is told. Who goes second, or twice, changes nothing."""
        with self._lock:
            first, self.over = not self.over, True
            others = [(side, alone) for side, alone in self._sides.items() if side is not line] if first else []
            for side, alone in others:
                alone.talked_out = talked_out
                side.updates.append((line.clock.phone_now, alone))
            if not first and line in self._sides:
                line.withdraw(self._sides[line])
        for side, _ in others:
            side.rouse()

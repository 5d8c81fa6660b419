"""Who answers a call that the application places: a person who does what was planned."""

from ivr.simulator.acts import Act, HangUp, Listening, Silence
from ivr.simulator.caller import ScriptedCaller
from ivr.simulator.calls import PhoneCall
from ivr.simulator.line import Line
from ivr.simulator.plans import Person

ASKED = frozenset({"gather", "record"})
"""Moments in which the line waits for whoever listens, rather than for another call."""


class Receiver:
    """Holds a receiver that has just been picked up."""

    def __init__(self, person: Person, line: Line) -> None:
        self._script = ScriptedCaller(person.script)
        self._line = line
        began = line.now if line.answered_at is None else line.answered_at
        self._leaves_at = None if person.hangs_up_after_s is None else began + person.hangs_up_after_s

    def act(self, listening: Listening) -> Act:
        """Return what the person does in this moment: keys and words only where the line asks for some."""
        now = self._line.now
        if self._leaves_at is not None and self._leaves_at <= now + listening.seconds:
            return HangUp(max(0.0, self._leaves_at - now))
        return self._script.act(listening) if listening.kind in ASKED else Silence()


class PersonHandset:
    """The receiver of a person whom the application calls.

    real_time: the clock lets them wait; else the call stops wherever it waits for another call.
    """

    def __init__(self, person: Person, real_time: bool) -> None:  # noqa: FBT001 there are only two
        self._person = person
        self._real_time = real_time
        self._receiver: Receiver | None = None

    def act(self, call: PhoneCall, listening: Listening) -> Act | None:
        """Let it ring; once they have answered, do what was planned."""
        if call.line.answered_at is None:
            return Silence()
        if self._receiver is None:
            self._receiver = Receiver(self._person, call.line)
        act = self._receiver.act(listening)
        others = listening.waits and listening.kind not in ASKED
        return None if others and isinstance(act, Silence) and not self._real_time else act

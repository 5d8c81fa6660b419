"""One call of a phone, as it is made: whoever holds the receiver acts, and looks at what happened."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Protocol, Self

from ivr.simulator.acts import Act, Break, HangUp, Keys, Listening, PickUp, Silence, Speech, Steps
from ivr.simulator.caller import Caller
from ivr.simulator.carrier import Exchange
from ivr.simulator.events import Dialled, Ended, Event, PlayHeard, SayHeard
from ivr.simulator.faults import Faults
from ivr.simulator.line import Line
from ivr.simulator.live_update import NOT_IN_PROGRESS, UpdateRefusedError, departure
from ivr.simulator.transcript import transcript


class Handset(Protocol):
    """Acts by itself wherever nobody is asked."""

    def act(self, call: "PhoneCall", listening: Listening) -> Act | None:
        """Return what is done in this moment; None leaves it to whoever drives the call."""
        ...


class PhoneCall:
    """A call being made. `events`: all so far; `ended`: how it ended, None while it goes on.

    acts: what the caller did, each with the number of events before it.
    """

    def __init__(self, call_sid: str, handset: Handset, on_event: Callable[[Event], None] | None) -> None:
        self.events: list[Event] = []
        self.acts: list[tuple[int, Act]] = []
        self.ended: Ended | None = None
        self.listening: Listening | None = None
        self.call_sid = call_sid
        self.begun = False
        self.faults = Faults()
        self._handset = handset
        self._on_event = on_event
        self._since = 0
        self._running = Lock()

    def prepare(self, line: Line, steps: Steps[Ended]) -> None:
        """Take the call that is to be made; `Phone` has done so."""
        self.line = line
        line.nudge = self._nudge
        self._steps = steps

    def start(self) -> None:
        """Run to the first wait or the end; `Phone` has done so."""
        self.begun = True
        self._run(None)

    def note(self, event: Event) -> None:
        """Keep an event."""
        self.events.append(event)
        if self._on_event is not None:
            self._on_event(event)

    def press(self, keys: str, after_s: float | None = None) -> Self:
        """Press keys in one go, `after_s` seconds of call time from now, and run to the next wait or the end."""
        return self.act(Keys(keys) if after_s is None else Keys(keys, after_s))

    def speak(self, text: str, seconds: float | None = None) -> Self:
        """Say something, and run to the next wait or the end. seconds: how long it takes; else estimated."""
        return self.act(Speech(text, seconds=seconds))

    def wait(self) -> Self:
        """Do nothing until the line moves on, and run to the next wait or the end."""
        return self.act(Silence())

    def pick_up(self) -> Self:
        """Answer a call that has come in, and run to the next wait or the end."""
        return self.act(PickUp())

    def hang_up(self) -> Self:
        """Put the receiver down; a call that has come in is declined."""
        return self.act(HangUp())

    def act(self, act: Act) -> Self:
        """Do something and run to the next wait or the end. Raises: RuntimeError when the call is over."""
        if self.listening is None:
            raise RuntimeError(f"the call is over\n{self.transcript}")
        if isinstance(act, Break):
            self._break(act)
            return self
        self._since = len(self.events)
        self._run(act)
        return self

    def update(self, *, url: str = "", method: str = "POST", twiml: str = "", status: str = "") -> Self:
        """Send the call elsewhere while it goes on, as an application does over REST; url: a full address.

        status: completed, or before the answer canceled. Called from a webhook or another thread, it takes effect at
        the call's next moment. Raises: UpdateRefusedError, with the carrier's code.
        """
        if self.ended is not None:
            raise UpdateRefusedError(NOT_IN_PROGRESS, "the call is not in progress")
        then = departure(self.line, url=url, method=method, twiml=twiml, status=status)
        if not self._running.locked():
            self._since = len(self.events)
        self.line.depart(then)
        return self

    @property
    def heard(self) -> list[str]:
        """What was heard since the caller's last action: the text of a Say, the address of a Play."""
        return _heard(self.events[self._since :])

    @property
    def all_heard(self) -> list[str]:
        """What was heard in the whole call."""
        return _heard(self.events)

    @property
    def dialled(self) -> list[tuple[str, str]]:
        """The numbers that were dialled and how that ended, in order."""
        return [(e.number, e.status) for e in self.events if isinstance(e, Dialled)]

    @property
    def requests(self) -> list[Exchange]:
        """The webhooks as they were sent, each with its answer."""
        return self.line.carrier.exchanges

    @property
    def status(self) -> str:
        """CallStatus, as the carrier's REST interface gives it."""
        if self.ended is not None:
            return self.ended.status
        return self.line.status if self.begun else "queued"

    @property
    def time_s(self) -> float:
        """Seconds since the call began, in call time."""
        return self.line.now

    @property
    def transcript(self) -> str:
        """The call so far, one line for each thing that happened."""
        return transcript(self.events)

    def _run(self, act: Act | None) -> None:
        with self._running:
            self._advance(act)
        self._nudge()

    def _nudge(self) -> None:
        """Take in what others have done to the call, unless it is running and will see for itself."""
        while self.line.updates and self.listening is not None and self._running.acquire(blocking=False):
            try:
                self._advance(Silence())
            finally:
                self._running.release()

    def _advance(self, act: Act | None) -> None:
        try:
            self.listening = next(self._steps) if act is None else self._steps.send(self._did(act))
            while (reflex := self._handset.act(self, self.listening)) is not None:
                if isinstance(reflex, Break):
                    self._break(reflex)
                else:
                    self.listening = self._steps.send(self._did(reflex))
        except StopIteration as stop:
            self.listening, self.ended = None, stop.value

    def _break(self, act: Break) -> None:
        self.acts.append((len(self.events), act))
        self.faults.inject(act)

    def _did(self, act: Act) -> Act:
        if not isinstance(act, Silence) or (self.listening and self.listening.waits):
            self.acts.append((len(self.events), act))
        return act


@dataclass(frozen=True, slots=True)
class CallerHandset:
    """The receiver of who has dialled; see `Phone.dial`."""

    hang_up_during: str = ""
    interrupts: bool = False
    caller: Caller | None = None
    stops: Callable[[PhoneCall], bool] | None = None

    def act(self, call: PhoneCall, listening: Listening) -> Act | None:
        """Ask the caller, if there is one; else be silent except where whoever drives the call is wanted."""
        if self.stops is not None and self.stops(call):
            return None
        if self.caller is not None:
            return self.caller.act(listening)
        if listening.kind == self.hang_up_during:
            return HangUp()
        stops = listening.waits or (self.interrupts and listening.takes_keys)
        return None if stops else Silence()


def _heard(events: Iterable[Event]) -> list[str]:
    return [
        e.text if isinstance(e, SayHeard) else e.text or e.url or e.digits
        for e in events
        if isinstance(e, SayHeard | PlayHeard)
    ]

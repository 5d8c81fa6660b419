"""The telephone line of one call: time, keys, and what the verbs need from the carrier."""

from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urldefrag, urljoin, urlsplit

from ivr.simulator.acts import Act, Break, HangUp, Keys, Listening, PickUp, Silence, Speech, Steps
from ivr.simulator.carrier import Carrier, Failure
from ivr.simulator.clock import Clock
from ivr.simulator.departures import Broken, CallOver, Departure, Goto
from ivr.simulator.events import DigitsPressed, Emit, Event, Failed, SpeechSaid, Warned
from ivr.simulator.facts import CallFacts
from ivr.simulator.switchboard import Switchboard
from ivr.simulator.switches import Switches

__all__ = ["CallOver", "Goto", "Heard", "Line", "Stage"]

LONGEST_CALL_S = 4 * 60 * 60
RELATIVE_IN_UPDATE, BAD_ADDRESS = 15004, 11100


@dataclass(frozen=True, slots=True)
class _Coming:
    at: float
    what: "str | Speech | PickUp | HangUp"
    announce: Event | None


Heard = str | Speech | PickUp | None
"""What came from the caller in a moment: a key, speech, the answer to a call, or nothing."""


class Stage(Protocol):
    """Runs a document inside a verb: waiting music, or what one side hears before it is put through."""

    def perform(self, line: "Line", goto: Goto, allowed: frozenset[str], code: int) -> Steps[Failure | None]:
        """Run it to its end; verbs that are not allowed are an error with this code. Return what broke, if it did."""
        ...


class Line:
    """State shared by the verbs of one call.

    talks_s: how long whoever holds the receiver talks before they hang up; None where that is not decided beforehand.
    """

    def __init__(
        self,
        facts: CallFacts,
        carrier: Carrier,
        clock: Clock,
        emit: Emit,
        switches: Switches,
        *,
        switchboard: Switchboard | None = None,
    ) -> None:
        self.facts = facts
        self.carrier = carrier
        self.clock = clock
        self.emit = emit
        self.switches = switches
        self.switchboard = switchboard or Switchboard()
        self.base = ""
        self.queued = False
        self.answered_at: float | None = None
        self.type_ahead: deque[str] = deque()
        self.updates: deque[tuple[float, Departure]] = deque()
        self.talks_s: float | None = None
        self.nudge: Callable[[], None] = _nothing
        self.afterwards: deque[Callable[[], None]] = deque()
        self.stage: Stage
        self._coming: deque[_Coming] = deque()
        self._alarms: list[tuple[float, Departure]] = [(LONGEST_CALL_S, CallOver("completed", "application"))]

    @property
    def now(self) -> float:
        """Seconds since the call began, in call time."""
        return self.clock.now

    @property
    def status(self) -> str:
        """CallStatus while the call goes on."""
        return "ringing" if self.answered_at is None else "in-progress"

    def answer(self) -> None:
        """Pick up, unless that has been done."""
        if self.answered_at is None:
            self.answered_at = self.now

    def warn(self, code: int, message: str) -> None:
        """Report a mistake that the call survives."""
        self.emit(Warned(self.now, code, message))

    def fail(self, failure: Failure) -> None:
        """Report a mistake that the call does not survive without help."""
        f = failure
        self.emit(Failed(self.now, f.code, f.message, f.url, f.line, f.column))

    def resolve(self, url: str | None) -> str:
        """Return the full form of an address in the current document; None or '' is the document's own.

        Raises: Broken in a document without an address, one given over REST, where only full ones will do.
        """
        if self.base:
            return urljoin(urldefrag(self.base).url, url) if url else self.base
        if not url:
            raise Broken(Failure(BAD_ADDRESS, "TwiML given over REST needs an address here", ""))
        if not urlsplit(url).scheme:
            raise Broken(Failure(RELATIVE_IN_UPDATE, f"{url!r} is relative, in TwiML given over REST", url))
        return url

    def depart(self, departure: Departure, at: float | None = None) -> None:
        """Take the call out of what it is doing, at the next moment. at: phone time; left out, the phone's now."""
        self.updates.append((self.clock.timeline.now if at is None else at, departure))
        self.rouse()

    def rouse(self) -> None:
        """Let the call see what others have done to it."""
        self.clock.wake()
        self.nudge()

    def withdraw(self, departure: Departure) -> None:
        """Take back a departure that has not been made."""
        for told in [told for told in self.updates if told[1] is departure]:
            self.updates.remove(told)
            self.clock.calm()

    @contextmanager
    def alarm(self, at: float | None, departure: Departure) -> Generator[Departure, None, None]:
        """Raise a departure at this time, in call time, unless the block is left before; None is never."""
        entry = (at if at is not None else LONGEST_CALL_S + 1.0, departure)
        self._alarms.append(entry)
        try:
            yield departure
        finally:
            self._alarms.remove(entry)

    def limit(self, seconds: float) -> None:
        """Have the carrier end the call so many seconds from now."""
        self._alarms.append((self.now + seconds, CallOver("completed", "application")))

    @property
    def longest_s(self) -> float:
        """Seconds until the carrier ends any call."""
        return max(0.0, LONGEST_CALL_S - self.now)

    def moment(self, listening: Listening) -> Steps[Heard]:
        """Let one moment pass, or the part of it before the caller does something."""
        self.leave_if_told()
        end = self.now + listening.seconds
        if not self._coming:
            self._expect((yield listening))
            self.leave_if_told()
        at, departure = self._alarms[0] if len(self._alarms) == 1 else min(self._alarms, key=lambda alarm: alarm[0])
        coming = self._coming[0].at if self._coming else end + 1
        if at <= end and at < coming:
            self.clock.advance_to(at)
            self.leave_if_told()
            raise departure
        if coming <= end:
            return self._take()
        self.clock.advance_to(end)
        self.leave_if_told()
        return None

    def stretch(self, kind: str, seconds: float, *, waits: bool = False) -> Steps[None]:
        """Let time pass in which nothing is asked of the caller; keys are kept for the next Gather.

        waits: for somebody at another telephone, who is not a plan.
        """
        end = self.now + seconds
        while self.now < end:
            heard = yield from self.moment(Listening(kind, end - self.now, waits=waits))
            if heard is None:
                return
            self.remember(heard)

    def catch_up(self) -> None:
        """Take in what the caller has done up to now without being asked."""
        while self._coming and self._coming[0].at <= self.now:
            self.remember(self._take())

    def remember(self, heard: Heard) -> None:
        """Keep a key for the next Gather."""
        if isinstance(heard, str) and self.switches.keeps_type_ahead:
            self.type_ahead.append(heard)

    def leave_if_told(self) -> None:
        """Make the departure that others have decided on, at their time if that is later. Raises: Departure."""
        if self.updates:
            at, departure = self.updates.popleft()
            self.clock.meet(at)
            raise departure

    def _expect(self, act: Act) -> None:
        match act:
            case Keys(keys, after_s, gap_s):
                for i, key in enumerate(keys):
                    at = self.now + after_s + i * gap_s
                    self._coming.append(_Coming(at, key, None if i else DigitsPressed(at, keys)))
            case Speech(text, after_s):
                at = self.now + after_s
                self._coming.append(_Coming(at, act, SpeechSaid(at, text, act.duration_s)))
            case HangUp(after_s):
                self._coming.append(_Coming(self.now + after_s, act, None))
            case PickUp(after_s):
                self._coming.append(_Coming(self.now + after_s, act, None))
            case Silence() | Break():
                pass

    def _take(self) -> Heard:
        coming = self._coming.popleft()
        self.clock.advance_to(coming.at)
        if coming.announce is not None:
            self.emit(coming.announce)
        if isinstance(coming.what, HangUp):
            raise CallOver("completed", "caller")
        return coming.what


def _nothing() -> None:
    return None

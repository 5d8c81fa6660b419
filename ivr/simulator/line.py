"""The telephone line of one call: time, keys, and what the verbs need from the carrier."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from ivr.simulator.acts import Act, HangUp, Keys, Listening, Silence, Speech, Steps
from ivr.simulator.carrier import Carrier
from ivr.simulator.clock import Clock
from ivr.simulator.events import DigitsPressed, Emit, Event, SpeechSaid, Warned
from ivr.simulator.facts import CallFacts
from ivr.simulator.switches import Switches


class CallOver(Exception):  # noqa: N818 not an error
    """Raised to end the call. status: final call status; by: caller, application or error."""

    def __init__(self, status: str, by: str) -> None:
        super().__init__(status)
        self.status, self.by = status, by


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on with another document. extra: parameters beside the standard ones."""

    url: str
    method: str
    extra: Mapping[str, str]
    purpose: str = "action"


@dataclass(frozen=True, slots=True)
class _Coming:
    at: float
    what: "str | Speech | HangUp"
    announce: Event | None


Heard = str | Speech | None
"""What came from the caller in a moment: a key, speech, or nothing."""


class Line:
    """State shared by the verbs of one call."""

    def __init__(self, facts: CallFacts, carrier: Carrier, clock: Clock, emit: Emit, switches: Switches) -> None:
        self.facts = facts
        self.carrier = carrier
        self.clock = clock
        self.emit = emit
        self.switches = switches
        self.base = ""
        self.answered_at: float | None = None
        self.type_ahead: deque[str] = deque()
        self._coming: deque[_Coming] = deque()

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

    def resolve(self, url: str | None) -> str:
        """Return the full form of an address in the current document; None or '' is the document's own."""
        return urljoin(urldefrag(self.base).url, url) if url else self.base

    def moment(self, listening: Listening) -> Steps[Heard]:
        """Let one moment pass, or the part of it before the caller does something."""
        end = self.now + listening.seconds
        if not self._coming:
            self._expect((yield listening))
        if self._coming and self._coming[0].at <= end:
            return self._take()
        self.clock.advance_to(end)
        return None

    def stretch(self, kind: str, seconds: float) -> Steps[None]:
        """Let time pass in which nothing is asked of the caller; keys are kept for the next Gather."""
        end = self.now + seconds
        while self.now < end:
            heard = yield from self.moment(Listening(kind, end - self.now))
            if heard is None:
                return
            self._type_ahead(heard)

    def catch_up(self) -> None:
        """Take in what the caller has done up to now without being asked."""
        while self._coming and self._coming[0].at <= self.now:
            self._type_ahead(self._take())

    def _type_ahead(self, heard: Heard) -> None:
        if isinstance(heard, str) and self.switches.keeps_type_ahead:
            self.type_ahead.append(heard)

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
            case Silence():
                pass

    def _take(self) -> Heard:
        coming = self._coming.popleft()
        self.clock.advance_to(coming.at)
        if coming.announce is not None:
            self.emit(coming.announce)
        if isinstance(coming.what, HangUp):
            raise CallOver("completed", "caller")
        return coming.what

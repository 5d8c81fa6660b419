"""What happens in a call: one frozen record for each thing, and its JSON form."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. at: seconds since the call began, in call time."""

    event: ClassVar[str]
    at: float

    def to_json(self) -> dict[str, Any]:
        """Return the record as one JSON object, `at` and `event` first."""
        return {"at": round(self.at, 3), "event": self.event} | {
            f.name: getattr(self, f.name) for f in fields(self) if f.name != "at"
        }


@dataclass(frozen=True, slots=True)
class Request(Event):
    """A webhook was requested.

    purpose: voice, action, redirect, fallback, update, wait (music), whisper or partial-result; or a callback: status,
        dial-, recording-, conference- or message-status.
    params: what was sent, in the form or (GET) in the query string.
    """

    event: ClassVar[str] = "request"
    method: str
    url: str
    params: dict[str, str]
    signature: str
    token: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Response(Event):
    """The application answered. ms: clock time it took; twiml: the body as text."""

    event: ClassVar[str] = "response"
    status: int
    ms: float
    content_type: str
    twiml: str


@dataclass(frozen=True, slots=True)
class SayHeard(Event):
    """The caller hears a sentence; seconds: its estimated length."""

    event: ClassVar[str] = "say"
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class PlayHeard(Event):
    """The caller hears a file or, when `digits` is not empty, key tones.

    text: what the file says, where the application tells it in a `Content-Description` header.
    """

    event: ClassVar[str] = "play"
    url: str
    seconds: float
    digits: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class DigitsPressed(Event):
    """The caller pressed keys in one go."""

    event: ClassVar[str] = "digits"
    digits: str


@dataclass(frozen=True, slots=True)
class SpeechSaid(Event):
    """The caller said something."""

    event: ClassVar[str] = "speech"
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Dialled(Event):
    """A dialled leg is over. status: as in DialCallStatus; seconds: talking time."""

    event: ClassVar[str] = "dial"
    number: str
    status: str
    seconds: float


@dataclass(frozen=True, slots=True)
class OtherHears(Event):
    """A dialled person hears something before they are put through: a text, an address, or key tones."""

    event: ClassVar[str] = "whisper"
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Queued(Event):
    """The caller has left a queue. result: as in QueueResult; seconds: how long they waited in it."""

    event: ClassVar[str] = "queue"
    name: str
    result: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Conferred(Event):
    """The caller has left a conference; seconds: in it, the wait for its start included."""

    event: ClassVar[str] = "conference"
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Texted(Event):
    """A text message was sent in the call."""

    event: ClassVar[str] = "message"
    to: str
    from_: str
    body: str


@dataclass(frozen=True, slots=True)
class Recorded(Event):
    """A recording was made. ended_by: a key, silence, max-length or hangup; beep: whether the caller heard one."""

    event: ClassVar[str] = "record"
    url: str
    seconds: float
    ended_by: str
    beep: bool


@dataclass(frozen=True, slots=True)
class Warned(Event):
    """The application made a mistake that a call survives.

    code: as in Twilio's error dictionary; 0 is the simulator's own remark.
    line, column: place in the TwiML, from 1; 0 when the mistake is not in TwiML.
    """

    event: ClassVar[str] = "warning"
    code: int
    message: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """The application failed the caller; the fallback is asked next, if there is one. Fields as in Warned."""

    event: ClassVar[str] = "error"
    code: int
    message: str
    url: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The call is over; always the last event.

    status: completed, busy, no-answer, failed or canceled. duration_s: from the answer, in call time.
    by: caller, application or error; callee in a call that the application has placed.
    """

    event: ClassVar[str] = "ended"
    status: str
    duration_s: float
    by: str


Emit = Callable[[Event], None]

"""A caller who sits at a browser: one WebSocket, one thread, one JSON object a message.

From the browser, by `do`: dial (`from`, `to`, `people`, `pace`, `fault`, `lasting`), answer, press (`keys`), speak
(`text`), heard (`moment`: the prompt has been heard to its end), skip (`moment`: let it pass), hang-up, pace (`pace`),
fault (`fault`, `lasting`). To the browser, by `event`: the simulator's own, and call, listening, problem, test.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict
from time import monotonic
from typing import Any, Protocol, cast

from simple_websocket import ConnectionClosed

from ivr.simulator.acts import Act, Break, HangUp, Keys, Listening, PickUp, Silence, Speech
from ivr.simulator.calls import PhoneCall

PACES = ("voice", "fast")
PROMPTS = frozenset({"say", "play"})
TEXT_MAX = 1000
GLANCE_S = 0.25
LONG_S = 3600.0
Message = Mapping[str, Any]
# Set when the server stops (ivr/web/server.py), which does not wait for people to hang up.
STOPPING = threading.Event()


class Socket(Protocol):
    """The part of a WebSocket that a call needs."""

    def send(self, data: str) -> None:
        """Send a text. Raises: ConnectionClosed."""
        ...

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        """Wait for a text, at most so many seconds; None when none came. Raises: ConnectionClosed."""
        ...


class BrowserCaller:
    """Holds the receiver for the person at the page; a page that goes away hangs up.

    call: which it is, where another call can do something to it meanwhile.
    """

    def __init__(self, socket: Socket, call: Callable[[], PhoneCall | None] = lambda: None) -> None:
        self._socket = socket
        self._call = call
        self._inbox: deque[Message] = deque()
        self._pace = PACES[0]
        self._moment = 0
        self._gone = False

    def tell(self, event: str, **fields: Any) -> None:
        """Send the page an event; nothing happens when it is gone."""
        self.send({"event": event, **fields})

    def send(self, event: Message) -> None:
        """Send the page an event of the simulator."""
        if not self._gone:
            try:
                self._socket.send(json.dumps(event, ensure_ascii=False))
            except (ConnectionClosed, OSError):
                self._gone = True

    def next_message(self, seconds: float) -> Message | None:
        """Wait for what the page says; None when that takes longer, or when the page is gone."""
        return self._inbox.popleft() if self._inbox else self._receive(seconds)

    def act(self, listening: Listening) -> Act:
        """Ask the page what the caller does in this moment."""
        self._moment += 1
        self.tell("listening", moment=self._moment, pace=self._pace_of(listening), **asdict(listening))
        return self._decide(listening)

    def wait(self, seconds: float) -> None:
        """Let clock time pass in which the line is silent; what the page says meanwhile is kept for later."""
        self._moment += 1
        self.tell("listening", moment=self._moment, pace=self._pace, kind="webhook", seconds=seconds)
        until = monotonic() + (0 if self._pace == "fast" else seconds)
        while not self._gone and (message := self._receive(until - monotonic())) is not None:
            if message.get("do") == "skip":
                return
            self._inbox.append(message)
            if message.get("do") == "hang-up":
                return

    def set_pace(self, pace: object) -> None:
        """Choose between `voice` (as long as it takes to hear) and `fast` (only waits for the caller take time)."""
        if pace not in PACES:
            raise ValueError(f"the pace is one of {', '.join(PACES)}")
        self._pace = str(pace)

    def _decide(self, listening: Listening) -> Act:
        began = monotonic()
        while True:
            message = self.next_message(began + self._patience(listening) - monotonic())
            if self._gone:
                return HangUp()
            if message is None:
                return Silence()
            try:
                act = self._understood(message, min(monotonic() - began, listening.seconds))
            except ValueError as error:
                self.tell("problem", text=str(error))
                continue
            if act is not None:
                return act

    def _patience(self, listening: Listening) -> float:
        """How long a moment may take by the clock. A voice may be slower than the estimate."""
        if listening.waits:
            return listening.seconds
        if self._pace_of(listening) == "fast":
            return 0.0
        return 3 * listening.seconds + 10 if listening.kind in PROMPTS else listening.seconds

    def _pace_of(self, listening: Listening) -> str:
        """How fast a moment passes: with others, as long as it takes them."""
        call = self._call()
        with_others = call is not None and (call.line.queued or call.line.facts.direction != "inbound")
        # Only a talk with somebody at another page has no length that was decided beforehand.
        open_end = listening.kind == "talking" and listening.seconds > LONG_S
        return PACES[0] if with_others or open_end else self._pace

    def _disturbed(self) -> bool:
        call = self._call()
        return call is not None and bool(call.line.updates)

    def _understood(self, message: Message, after_s: float) -> Act | None:
        match message.get("do"):
            case "press":
                return Keys(str(message.get("keys", "")), after_s)
            case "speak":
                return Speech(" ".join(str(message.get("text", "")).split())[:TEXT_MAX], after_s)
            case "answer" | "hang-up" as word:
                return PickUp(after_s) if word == "answer" else HangUp(after_s)
            case "heard" | "skip":
                return Silence() if message.get("moment") == self._moment else None
            case "pace":
                self.set_pace(message.get("pace"))
            case "fault":
                return fault_of(message)
            case other:
                raise ValueError(f"no such message: {other!r}")
        return None

    def _receive(self, seconds: float) -> Message | None:
        until = monotonic() + seconds
        try:
            while not STOPPING.is_set():
                left = max(0.0, until - monotonic())
                raw = self._socket.receive(timeout=min(left, GLANCE_S))
                if raw is not None:
                    return _message(raw)
                if left <= GLANCE_S or self._disturbed():
                    return None
        except (ConnectionClosed, OSError):
            pass
        self._gone = True
        return None


def fault_of(message: Message) -> Break:
    """Return what the page wants broken; nothing, where it does not say. Raises: ValueError."""
    return Break(str(message.get("fault", "")), bool(message.get("lasting")))


def _message(raw: str | bytes) -> Message:
    try:
        message: object = json.loads(raw)
    except ValueError:
        return {}
    return cast("Message", message) if isinstance(message, dict) else {}

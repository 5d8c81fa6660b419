"""A page that can be rung: one WebSocket, which is read in one thread and becomes a call's when somebody calls.

From the browser, by `do`: stand-by (`number`), people (`people`), and in a call what ivr/web/browser_caller.py says,
besides answer. To the browser, by `event`: rung (`number`: who calls), text (`from_`, `to`, `body`), and a call's.
"""

import json
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, cast

from simple_websocket import ConnectionClosed

from ivr.simulator.calls import CallerHandset, Handset, PhoneCall
from ivr.simulator.events import Event
from ivr.simulator.held import Held
from ivr.simulator.line import LONGEST_CALL_S
from ivr.web.browser_caller import GLANCE_S, STOPPING, BrowserCaller, Message, Socket

GONE = None


class Standby(Held):
    """One page. settings: what it says between calls is handed there; raises ValueError for what makes no sense."""

    def __init__(self, socket: Socket, settings: Callable[["Standby", Message], None]) -> None:
        super().__init__(talks_s=float(LONGEST_CALL_S))
        self.number = ""
        self.on_event = self._happened
        self._socket = socket
        self._settings = settings
        self._sending = Lock()
        self._mail: SimpleQueue[str | bytes | None] = SimpleQueue()
        self._current: PhoneCall | None = None
        self._caller = BrowserCaller(self)

    def run(self) -> None:
        """Read what the page says, until it is gone."""
        try:
            while not STOPPING.is_set():
                raw = self._socket.receive(timeout=GLANCE_S)
                if raw is not None:
                    self._read(raw)
        except (ConnectionClosed, OSError):
            pass
        finally:
            self._mail.put(GONE)

    def tell(self, event: str, **fields: Any) -> None:
        """Send the page an event; nothing happens when it is gone."""
        self._caller.tell(event, **fields)

    def handset(self) -> Handset:
        """Return the receiver of the next call: whoever is at the page holds it."""
        while not self._mail.empty():
            self._mail.get()
        self._caller = BrowserCaller(self, lambda: self._current)
        return CallerHandset(caller=self._caller)

    def take(self, call: PhoneCall) -> None:
        """Have a call come in."""
        del self.calls[:-1]
        super().take(call)
        self._current = call
        facts = call.line.facts
        self.tell("rung", number=facts.from_, to=facts.to, call_sid=call.call_sid)

    def start(self, call: PhoneCall) -> None:
        """Let a dialled call ring, in a thread of its own: the call that has dialled it goes on meanwhile."""
        Thread(target=call.start, daemon=True).start()

    def send(self, data: str) -> None:
        """Send a text, from whichever thread. Raises: ConnectionClosed."""
        with self._sending:
            self._socket.send(data)

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        """Return what the page says in a call. Raises: ConnectionClosed."""
        try:
            raw = self._mail.get(timeout=timeout)
        except Empty:
            return None
        if raw is GONE:
            self._mail.put(GONE)
            raise ConnectionClosed
        return raw

    def _read(self, raw: str | bytes) -> None:
        try:
            message: object = json.loads(raw)
        except ValueError:
            message = None
        word = cast("Message", message).get("do") if isinstance(message, dict) else ""
        if word not in {"stand-by", "people"}:
            if self._current is not None and self._current.ended is None:
                self._mail.put(raw)
            return
        try:
            self._settings(self, cast("Message", message))
        except ValueError as error:
            self.tell("problem", text=str(error))

    def _happened(self, event: Event) -> None:
        self._caller.send(event.to_json())

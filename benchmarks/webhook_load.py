"""Callers from a process of their own: as fast as they are answered, or so many webhooks a second.

One thread and raw requests, made beforehand, so that it takes little of the processors it shares with the server.
Every answer is compared with the recorded one.
"""

import selectors
import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import perf_counter

from webhook_calls import Request, Webhook, calls_of

WARM_UP_S = 1.0
OPENING_S = 0.005  # from one connection to the next
PATIENCE_S = 15.0  # the carrier's


@dataclass(frozen=True)
class Load:
    """What callers do. rate: webhooks a second; 0 for as many as are answered. calls: in progress at once at a rate.

    at_once: connections at most. One is opened when all others wait for an answer, as a proxy does, and not in a burst,
    which one of the server's processes may take whole while the others have nothing to do.
    run: no two runs against one database have the same.
    """

    port: int
    seconds: float
    rate: float
    at_once: int
    run: int
    calls: int = 400


@dataclass
class Outcome:
    """What became of it. latencies_s: from when a webhook was due to its answer's last byte."""

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    wrong: int = 0
    first_wrong: bytes = b""

    @property
    def rate(self) -> float:
        """Webhooks answered a second."""
        return len(self.latencies_s) / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """Return the latency that so many percent are not above, in milliseconds."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def call_up(recordings: list[list[Webhook]], load: Load) -> Outcome:
    """Have callers call from another process, and return what became of it."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_main, args=(recordings, load, theirs))
    process.start()
    outcome: Outcome = ours.recv()
    process.join()
    return outcome


def _main(recordings: list[list[Webhook]], load: Load, told: Connection) -> None:
    told.send(_Callers(recordings, load).run())


@dataclass
class _Line:
    """A connection, and the call that is on it."""

    socket: socket.socket
    call: "deque[Request] | None" = None
    request: Request | None = None
    due: float = 0.0
    received: bytearray = field(default_factory=bytearray)


class _Callers:
    def __init__(self, recordings: list[list[Webhook]], load: Load) -> None:
        self._load = load
        self._new: Iterator[list[Request]] = calls_of(recordings, load.run)
        made = int((load.rate or 2_500) * (load.seconds + WARM_UP_S)) // 6
        self._ready = deque(deque(next(self._new)) for _ in range(max(made, load.calls)))
        self._later: deque[deque[Request]] = deque()  # who has been answered, and goes on when it is their turn
        self._selector = selectors.DefaultSelector()
        self._free: list[_Line] = []
        self._opened, self._next_opening = 0, 0.0
        self._outcome = Outcome()
        self._from = perf_counter() + WARM_UP_S

    def run(self) -> Outcome:
        began = perf_counter()
        self._from = began + WARM_UP_S
        until = self._from + self._load.seconds
        if self._load.rate:
            self._at_a_rate(began, until)
        else:
            self._as_fast_as_answered(until)
        self._outcome.seconds = self._load.seconds
        return self._outcome

    def _line(self) -> _Line | None:
        """Return one that is free, or a new one; None where there are as many as may be now."""
        if self._free:
            return self._free.pop()
        now = perf_counter()
        if self._opened >= self._load.at_once or now < self._next_opening:
            return None
        self._opened, self._next_opening = self._opened + 1, now + OPENING_S
        return self._connect()

    @property
    def _patience_s(self) -> float:
        """How long to wait for an answer where no line is free."""
        return OPENING_S if self._opened < self._load.at_once else 0.5

    def _connect(self) -> _Line:
        sock = socket.create_connection(("127.0.0.1", self._load.port), PATIENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        line = _Line(sock)
        self._selector.register(sock, selectors.EVENT_READ, line)
        return line

    def _as_fast_as_answered(self, until: float) -> None:
        while perf_counter() < until:
            if line := self._line():
                self._send(line, self._next_call(), perf_counter())
            for line in self._answered(self._patience_s):
                self._send(line, line.call or self._next_call(), perf_counter())

    def _at_a_rate(self, began: float, until: float) -> None:
        waiting = self._later
        waiting.extend(self._next_call() for _ in range(self._load.calls))
        gap, due = 1 / self._load.rate, began
        while (now := perf_counter()) < until:
            while due <= now and waiting and (line := self._line()):
                self._send(line, waiting.popleft(), due)
                due += gap
            patience = max(0.0, due - now) if self._free and waiting else self._patience_s
            for line in self._answered(patience):
                waiting.append(line.call or self._next_call())
                self._free.append(line)

    def _next_call(self) -> deque[Request]:
        return self._ready.popleft() if self._ready else deque(next(self._new))

    def _send(self, line: _Line, call: deque[Request], due: float) -> None:
        line.call, line.request, line.due = call, call.popleft(), due
        line.socket.send(line.request.sent)

    def _answered(self, patience_s: float) -> Iterator[_Line]:
        for key, _ in self._selector.select(patience_s):
            line: _Line = key.data
            got = line.socket.recv(65536)
            if not got:
                line = self._again(line)
                continue
            line.received += got
            if (body := _body(line.received)) is not None:
                self._note(line, body)
                line.received.clear()
                yield line

    def _again(self, line: _Line) -> _Line:
        """Connect again where the server has closed: only before it was asked is that allowed."""
        self._selector.unregister(line.socket)
        line.socket.close()
        if line.request is not None and line not in self._free:
            raise ConnectionResetError("the server hung up on a webhook")
        self._free.remove(line)
        self._free.append(self._connect())
        return line

    def _note(self, line: _Line, body: bytes) -> None:
        now = perf_counter()
        if line.request is None or body != line.request.answer:
            self._outcome.wrong += 1
            self._outcome.first_wrong = self._outcome.first_wrong or bytes(line.received)
        if now >= self._from:
            self._outcome.latencies_s.append(now - line.due)


def _body(received: bytearray) -> bytes | None:
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return None
    low = bytes(received[:head]).lower()
    at = low.find(b"content-length:")
    length = int(low[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    if len(received) < head + 4 + length:
        return None
    return bytes(received[head + 4 :])

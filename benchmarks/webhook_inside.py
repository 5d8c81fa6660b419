"""Webhooks answered inside this process: what each takes of the processor, whatever else the machine does."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median
from time import process_time
from typing import Any

from webhook_calls import HOST, Request, Webhook, calls_of


@dataclass
class Caller:
    """Calls an application, call after call, each with a caller of its own. run: no two have the same.

    elsewhere: seconds of processor that the database has taken so far, in processes of its own.
    """

    app: Callable[..., Any]
    calls: Iterator[list[Request]]
    elsewhere: Callable[[], float] = lambda: 0.0

    @classmethod
    def of(
        cls,
        app: Callable[..., Any],
        recordings: list[list[Webhook]],
        run: int,
        elsewhere: Callable[[], float] = lambda: 0.0,
    ) -> "Caller":
        """Make one, with the recorded calls."""
        return cls(app, calls_of(recordings, run), elsewhere)

    def begin(self, many: int) -> None:
        """Begin calls, and leave them where they wait."""
        for call in islice(self.calls, many):
            self._answer(call[0], environ(call[0]))

    def each_us(self, calls: int) -> tuple[float, float]:
        """Make whole calls, and return what a webhook took: microseconds here, and in the database's processes."""
        asked = [(request, environ(request)) for call in islice(self.calls, calls) for request in call]
        here, there = process_time(), self.elsewhere()
        for request, given in asked:
            self._answer(request, given)
        took = process_time() - here, self.elsewhere() - there
        return took[0] / len(asked) * 1e6, took[1] / len(asked) * 1e6

    def _answer(self, request: Request, given: dict[str, Any]) -> None:
        answer = b"".join(self.app(given, lambda *_: None))
        if answer != request.answer:
            raise RuntimeError(f"{given['PATH_INFO']}: {answer!r} instead of {request.answer!r}")


def environ(request: Request) -> dict[str, Any]:
    """Return a request as a WSGI server hands it over."""
    head, _, body = request.sent.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    path, _, query = first.split()[1].partition("?")
    headers = dict(line.split(": ", 1) for line in rest)
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": headers["Content-Type"],
        "CONTENT_LENGTH": headers["Content-Length"],
        "HTTP_HOST": HOST,
        "HTTP_X_TWILIO_SIGNATURE": headers["X-Twilio-Signature"],
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


@dataclass(frozen=True)
class Cost:
    """What a webhook takes, in microseconds of processor here and in the database. times: the first's."""

    here_us: float
    there_us: float
    times: float


def compared(callers: Sequence[Caller], rounds: int, calls: int = 8) -> list[Cost]:
    """Let callers take turns, so that whatever else goes on is the same for all; return what is usual of each.

    calls: of each, in a round. times: the median, over the rounds, of its cost as so many times the first one's.
    """
    for caller in callers:
        caller.each_us(calls)
    took = [[caller.each_us(calls) for caller in callers] for _ in range(rounds)]

    def usual(of: Iterable[float]) -> float:
        return median(of)

    return [
        Cost(
            usual(row[place][0] for row in took),
            usual(row[place][1] for row in took),
            usual(sum(row[place]) / sum(row[0]) for row in took),
        )
        for place in range(len(callers))
    ]

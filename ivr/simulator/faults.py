"""Faults between the carrier and an application, to hear what callers hear when it breaks."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from ivr.simulator.transport import WireError, WsgiApp

DOWN, SLOW, ERROR, BROKEN = FAULTS = ("down", "slow", "error", "broken")
PATIENCE_S = 15.0
_HALF_A_DOCUMENT = b'<?xml version="1.0" encoding="UTF-8"?><Response><Say>Thanks for call'


class Faults:
    """A WSGI application in front of another, whose webhooks fail on request.

    spared: paths that always work, as the fallback does. wait: lets clock time pass, in seconds.
    """

    def __init__(self, app: WsgiApp, spared: Collection[str], wait: Callable[[float], None]) -> None:
        self.injected = 0
        self._app = app
        self._spared = frozenset(spared)
        self._wait = wait
        self._fault, self._lasting, self._hit = "", False, ("", "")

    def inject(self, fault: str, *, lasting: bool = False) -> None:
        """Let the next webhook fail, or each from now on; '' is no fault any more. Raises: ValueError."""
        if fault and fault not in FAULTS:
            raise ValueError(f"a fault is one of {', '.join(FAULTS)}, not {fault!r}")
        self._fault, self._lasting = fault, lasting

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, or fail it."""
        match self._due(environ):
            case "down":
                raise WireError(11205, "ct", f"{environ['PATH_INFO']} refuses the connection")
            case "slow":
                # It does its work, and is heard no more: the carrier has given up.
                _exhaust(self._app(environ, lambda *_: _ignore))
                self._wait(PATIENCE_S)
                raise WireError(11200, "rt", f"{environ['PATH_INFO']} did not answer within {PATIENCE_S:g} s")
            case "error":
                start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
                return [b"Internal Server Error\n"]
            case "broken":
                start_response("200 OK", [("Content-Type", "text/xml")])
                return [_HALF_A_DOCUMENT]
            case _:
                return self._app(environ, start_response)

    def _due(self, environ: dict[str, Any]) -> str:
        token = environ.get("HTTP_I_TWILIO_IDEMPOTENCY_TOKEN", "")
        if not token or environ["PATH_INFO"] in self._spared:
            return ""
        if token == self._hit[0]:
            # The carrier tries the same webhook again.
            return self._hit[1]
        fault = self._fault
        if fault:
            self.injected += 1
            self._hit = token, fault
            self._fault = fault if self._lasting else ""
        return fault


def _exhaust(body: Iterable[bytes]) -> None:
    try:
        for _ in body:
            pass
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()


def _ignore(_data: bytes) -> None:
    pass

"""The database and the PINs, watched from outside: neither knows of it."""

from time import perf_counter
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from ivr.db.quick import Quick
from ivr.pins import PinResult, Pins, PinTry
from ivr.telemetry.metrics import (
    CONNECTIONS,
    DATABASE_ERRORS,
    DATABASE_OPEN,
    DATABASE_SECONDS,
    PIN_TRIES,
    SPOOL_FAILURES,
    harmless,
)

_SINCE = "answerline_since"


def watch_database(engine: Engine, quick: Quick) -> None:
    """Count connections in use, how long each is held, and what goes wrong. A transaction is held for all its length.

    Two events for a transaction, and none for a statement: a webhook has two of those, and many of these. Connections
    of the quick way are counted by how long they are held only.
    """
    quick.watchers.append(_used)
    event.listen(engine, "checkout", _taken)
    event.listen(engine, "checkin", _given_back)
    event.listen(engine, "detach", _given_back)  # the quick way keeps its connections for itself
    event.listen(engine, "handle_error", _failed)


@harmless
def _taken(_connection: Any, record: Any, _proxy: Any) -> None:
    record.info[_SINCE] = perf_counter()
    CONNECTIONS.inc()


@harmless
def _given_back(_connection: Any, record: Any) -> None:
    since = record.info.pop(_SINCE, None)
    if since is not None:
        CONNECTIONS.dec()
        DATABASE_SECONDS.observe(perf_counter() - since)


@harmless
def _failed(context: ExceptionContext) -> None:
    DATABASE_ERRORS.labels(type(context.sqlalchemy_exception or context.original_exception).__name__).inc()


@harmless
def _used(seconds: float, error: BaseException | None) -> None:
    DATABASE_SECONDS.observe(seconds)
    if error is not None:
        DATABASE_ERRORS.labels(type(error).__name__).inc()


@harmless
def _tried(result: PinResult) -> None:
    PIN_TRIES.labels(result.value).inc()


@harmless
def degraded(is_open: bool) -> None:  # noqa: FBT001 a breaker tells it
    """Count this process among those that answer without the database, or take it out."""
    DATABASE_OPEN.set(1 if is_open else 0)


@harmless
def lost() -> None:
    """Count a record that could be written nowhere."""
    SPOOL_FAILURES.inc()


class CountedPins:
    """Counts what tries at PINs come to."""

    def __init__(self, pins: Pins) -> None:
        self._pins = pins

    def check(self, attempt: PinTry, pin: str) -> PinResult:
        """Try, and count."""
        result = self._pins.check(attempt, pin)
        _tried(result)
        return result

    def spent(self, call_sid: str, caller: str) -> bool:
        """Say whether this call, or this caller's number, has used up its tries."""
        return self._pins.spent(call_sid, caller)

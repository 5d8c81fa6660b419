"""One form for every log line: ours, gunicorn's, and those of libraries.

A line is JSON, or words where somebody reads along at a terminal. The code goes on using the standard library's
`logging`, so that the core knows nothing of this; structlog renders what arrives there.
"""

import json
import logging
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name

from ivr.telemetry.masking import HIDDEN, SECRET_MIN, SECRET_NAMES, hidden

OURS = "answerline"
_PLAIN = (bool, float, type(None))
_NUMBER_MIN = 10**9  # a whole number that could be a telephone's
_PLAIN_FIELDS = "plain"
_KNOWN = frozenset({"timestamp", "level", "logger", "call_sid", "request_id"})  # ours, and never a number


@dataclass(frozen=True)
class _Bound:
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: tuple[str, ...] = ()


# One variable, not structlog's one for each field: those have broken among gunicorn's threads (its issue 591).
_bound: ContextVar[_Bound] = ContextVar("answerline_log", default=_Bound())  # noqa: B039 it is frozen


def bind(*, secrets: tuple[str, ...] = (), **fields: str) -> None:
    """Put fields into every line that this request writes from here on, and keep secrets out of every one."""
    kept = tuple(secret for secret in secrets if len(secret) >= SECRET_MIN)
    before = _bound.get()
    _bound.set(_Bound({**before.fields, **fields}, before.secrets + kept))


def tell(log: logging.Logger, event: str, fields: Mapping[str, Any]) -> None:
    """Log a line of every webhook at `info`, with fields that have nothing to hide: nobody looks for it there."""
    if log.isEnabledFor(logging.INFO):
        log.handle(log.makeRecord(log.name, logging.INFO, "", 0, event, (), None, extra={_PLAIN_FIELDS: fields}))


def unbind() -> None:
    """Forget what was bound: the next request in this thread is somebody else's."""
    _bound.set(_Bound())


def configure(form: str, level: str, stream: TextIO | None = None) -> None:
    """Send everything that is logged in this process to a stream, in one form.

    form: `json`, `text`, or '' for text at a terminal and JSON elsewhere. level: of our own lines; libraries tell of
    warnings and worse. stream: standard error, unless given.
    """
    out = stream or sys.stderr
    at_terminal = out.isatty()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter(as_json=form == "json" or (not form and not at_terminal), colors=at_terminal))
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old.formatter, ProcessorFormatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    logging.captureWarnings(True)
    # No line shows them, and each is looked up for every line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def formatter(*, as_json: bool, colors: bool = False) -> logging.Formatter:
    """Make what turns a record into a line."""
    render: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        # Never the pretty traceback: it shows what the variables held.
        else structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
    )
    made = _JsonLines if as_json else ProcessorFormatter
    return made(
        foreign_pre_chain=[add_log_level, add_logger_name, ExtraAdder(), _spread, _add_bound],
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,  # the lines of code, and no variables
            mask,
            render,
        ],
    )


class _JsonLines(ProcessorFormatter):
    """Writes what `tell` tells at once, as the processors would have; everything else goes through them."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = getattr(record, _PLAIN_FIELDS, None)
        if fields is None:
            return super().format(record)
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        known = {"event": record.msg, "level": record.levelname.lower(), "logger": record.name}
        return _encode({**known, **fields, **_bound.get().fields, "timestamp": at})


_encode = json.JSONEncoder(ensure_ascii=False).encode


def mask(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide in every value what may not be in a log."""
    secrets = _bound.get().secrets
    for name, value in event.items():
        if name in _KNOWN or isinstance(value, _PLAIN):
            continue
        if name.lower() in SECRET_NAMES:
            event[name] = HIDDEN
        elif not isinstance(value, int) or value >= _NUMBER_MIN or (secrets and str(value) in secrets):
            event[name] = hidden(value if isinstance(value, str) else str(value), secrets)
    return event


def _spread(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.update(event.pop(_PLAIN_FIELDS, {}))
    return event


def _add_bound(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.update(_bound.get().fields)
    return event

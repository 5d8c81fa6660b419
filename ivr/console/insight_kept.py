"""Figures of a time that is over are kept for a minute in this process, since several readers ask for the same."""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Engine

from ivr.db.console.scope import Scope

KEPT_S, MOST = 60, 128
_kept: dict[Any, tuple[float, Any]] = {}
_lock = Lock()
P = ParamSpec("P")
T = TypeVar("T")


def kept(
    count: Callable[Concatenate[Engine, Scope, P], T], engine: Engine, scope: Scope, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Count, or return what was counted within the last minute."""
    if scope.until > scope.now:
        return count(engine, scope, *args, **kwargs)
    key = (count, engine, replace(scope, now=scope.until), args)
    with _lock:
        at, value = _kept.get(key, (0.0, None))
    if at and time.monotonic() - at < KEPT_S:
        return cast("T", value)
    value = count(engine, scope, *args, **kwargs)
    with _lock:
        while len(_kept) >= MOST:
            _kept.pop(next(iter(_kept)))
        _kept[key] = (time.monotonic(), value)
    return value

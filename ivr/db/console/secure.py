"""What is removed is gone: finding a number wherever it may stand, and leaving nothing of it on the disk."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from ivr.call import masked

_NORTH_AMERICA = re.compile(r"\+1[0-9]{10}")
_BETWEEN = r"[\s().\-]{0,3}"


def zeroing(session: Session) -> None:
    """Have SQLite overwrite what it removes; PostgreSQL does so in its own time."""
    if session.connection().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete = ON"))


def caller_key(key: str, number: str) -> str:
    """Name a number that may not be kept: a keyed hash."""
    return hmac.digest(key.encode(), f"erased:{number}".encode(), hashlib.sha256).hex()[:32]


def anywhere(number: str) -> re.Pattern[str]:
    """Find a number (E.164) however it is written, also without its country in North America."""
    national = _NORTH_AMERICA.fullmatch(number) is not None
    digits = number[2:] if national else number[1:]
    country = rf"(?:\+?1{_BETWEEN})?" if national else r"\+?"
    return re.compile(rf"(?<![0-9]){country}\(?{_BETWEEN.join(digits)}(?![0-9])")


def without(given: Any, number: str) -> Any:
    """Mask a number wherever it stands in text, or in a JSON value."""
    match given:
        case str():
            return anywhere(number).sub(masked(number), given)
        case list():
            return [without(each, number) for each in given]  # pyright: ignore[reportUnknownVariableType]
        case Mapping():
            return {key: without(value, number) for key, value in given.items()}  # pyright: ignore[reportUnknownVariableType]
        case _:
            return given

"""Copies of files to play, kept as their headers allow.

Source: https://www.twilio.com/docs/voice/twiml/play#caching-static-media
"""

import re
from dataclasses import dataclass, replace

from ivr.simulator.transport import Answer

MOST_FILES = 500
NOT_MODIFIED = 304
_MAX_AGE = re.compile(r"max-age=(\d+)")


@dataclass(frozen=True, slots=True)
class _Copy:
    answer: Answer
    fresh_until: float


class MediaCache:
    """The files one phone has fetched. Times are seconds since 1970."""

    def __init__(self) -> None:
        self._copies: dict[str, _Copy] = {}

    def fresh(self, url: str, now: float) -> Answer | None:
        """Return the copy that may be played without asking."""
        copy = self._copies.get(url)
        return copy.answer if copy and now < copy.fresh_until else None

    def conditions(self, url: str) -> dict[str, str]:
        """Return the headers that ask whether the copy still holds; none without a copy."""
        copy = self._copies.get(url)
        if copy is None:
            return {}
        had = copy.answer.headers
        asked = {"If-None-Match": had.get("etag", ""), "If-Modified-Since": had.get("last-modified", "")}
        return {name: value for name, value in asked.items() if value}

    def settle(self, url: str, answer: Answer, now: float) -> Answer:
        """Return what is to be played: the copy after a 304, else the answer, which is kept if its headers allow."""
        copy = self._copies.pop(url, None)
        if answer.status == NOT_MODIFIED and copy is not None:
            answer = replace(copy.answer, headers={**copy.answer.headers, **answer.headers})
        control = answer.headers.get("cache-control", "").lower()
        age = _MAX_AGE.search(control)
        known = "etag" in answer.headers or "last-modified" in answer.headers or age is not None
        if answer.status == 200 and known and "no-store" not in control:  # noqa: PLR2004 OK
            seconds = int(age[1]) if age and "no-cache" not in control else 0
            self._copies[url] = _Copy(answer, now + seconds)
            if len(self._copies) > MOST_FILES:
                del self._copies[next(iter(self._copies))]
        return answer

"""Which calls somebody wants to see: read from the query of an address, and written into one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from ivr.call import Disposition
from ivr.db.database import storable
from ivr.numbers import from_text

LONGEST_TEXT, MOST_PATHS, MOST_SECONDS = 200, 2000, 10**7
_LENGTH = re.compile(r"(?:(?:([0-9]{1,3}):)?([0-9]{1,3}):)?([0-9]{1,8})", re.ASCII)
_BAND = re.compile(r"([0-9]{1,3}):([a-z0-9_]{1,64})>([a-z0-9_]{0,64})", re.ASCII)

Word = TypeVar("Word", bound=StrEnum)


class FilterError(ValueError):
    """A filter that cannot be read; the message is a sentence for whoever asked."""


class Period(StrEnum):
    """Spans of time that end now, or with a day, where the reader is."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "7d"
    MONTH = "30d"
    THIS_MONTH = "month"
    ALL = "all"


class Mark(StrEnum):
    """What may be worth a look about a call. REPEAT: the same number had called within the 24 hours before."""

    VOICEMAIL = "voicemail"
    PIN = "pin"
    ERROR = "error"
    REPEAT = "repeat"
    SILENCE = "silence"
    WRONG_KEY = "wrong-key"
    PERSON = "person"
    FOLLOW_UP = "follow-up"
    NOTE = "note"


class State(StrEnum):
    """Whether a call goes on."""

    ANY = ""
    LIVE = "live"
    ENDED = "ended"


class Simulated(StrEnum):
    """What to do with calls that nobody made."""

    HIDDEN = "hidden"
    SHOWN = "shown"
    ONLY = "only"


@dataclass(frozen=True)
class CallFilter:
    """Which calls: all that every field agrees with; a field left as it is agrees with any.

    q: words of the search box. time: a span; since, until: times where the reader is, `2027-03-05` (until: to the end
    of that day) or `2027-03-05T13:30` (until: not that minute), or with an offset; they go before `time`.
    flow: name of a flow that the caller came through. left: `flow.node` where the caller hung up. caller: E.164.
    account: its number. longer, shorter: seconds, both included. path: ids of `paths`. band: `0:welcome>main`: paths
    whose steps have `welcome` at 0 and `main` next; nothing after `>` means that they end there. version: of the flows.
    """

    q: str = ""
    time: Period = Period.ALL
    since: str = ""
    until: str = ""
    disposition: tuple[Disposition, ...] = ()
    department: str = ""
    flow: str = ""
    left: str = ""
    account: str = ""
    caller: str = ""
    longer: int | None = None
    shorter: int | None = None
    mark: tuple[Mark, ...] = ()
    state: State = State.ANY
    simulated: Simulated = Simulated.HIDDEN
    path: tuple[int, ...] = ()
    band: str = ""
    version: str = ""

    @classmethod
    def from_query(cls, query: Iterable[tuple[str, str]]) -> Self:
        """Read the query of an address, as pairs; names that are no filter's are passed over.

        Raises: FilterError.
        """
        given: dict[str, list[str]] = {}
        for name, value in query:
            if text := storable(value).strip():
                if len(text) > (LONGEST_TEXT if name != "path" else 20 * MOST_PATHS):
                    raise FilterError(f"A filter is {LONGEST_TEXT} characters at most; this one is longer.")
                given.setdefault(name, []).append(text)
        last = {name: values[-1] for name, values in given.items()}
        found = cls(
            **{name: last.get(name, "") for name in ("q", "department", "flow", "left", "version")},
            time=_word(Period, last.get("time", Period.ALL), "span of time"),
            since=_moment(last.get("since", "")),
            until=_moment(last.get("until", "")),
            disposition=tuple(_word(Disposition, word, "outcome") for word in _unique(given.get("disposition", ()))),
            account=re.sub(r"[ .-]", "", last.get("account", "")),
            caller=_number(last.get("caller", "")),
            longer=_seconds(last.get("longer", "")),
            shorter=_seconds(last.get("shorter", "")),
            mark=tuple(_word(Mark, word, "mark") for word in _unique(given.get("mark", ()))),
            state=_word(State, last.get("state", ""), "state"),
            simulated=_word(Simulated, last.get("simulated") or Simulated.HIDDEN, "choice of simulated calls"),
            path=_ids(last.get("path", "")),
            band=_band(last.get("band", "")),
        )
        if found.longer is not None and found.shorter is not None and found.longer > found.shorter:
            raise FilterError("The least length is above the greatest: no call is both.")
        return found

    def pairs(self) -> list[tuple[str, str]]:
        """Write as pairs for an address, without what is left as it is; `from_query` reads the same filter again."""
        written: list[tuple[str, str]] = []
        for one in fields(self):
            value: Any = getattr(self, one.name)
            if value == one.default:
                continue
            if one.name == "path":
                value = ",".join(map(str, self.path))
            many = one.name in {"disposition", "mark"}
            written.extend((one.name, str(each)) for each in (value if many else (value,)))
        return written

    def to_query(self, **more: str) -> str:
        """Write as the query of an address. more: other parameters, after those of the filter."""
        return urlencode([*self.pairs(), *more.items()])

    def span(self, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """Return since when and until when, aware; None for no bound. Until is not included. zone: the reader's."""
        if self.since or self.until:
            return _at(self.since, zone, ends=False), _at(self.until, zone, ends=True)
        today = now.astimezone(zone).date()
        days: Mapping[Period, tuple[int, int] | None] = {
            Period.TODAY: (0, 1),
            Period.YESTERDAY: (-1, 0),
            Period.WEEK: (-6, 1),
            Period.MONTH: (-29, 1),
            Period.THIS_MONTH: (1 - today.day, 1),
            Period.ALL: None,
        }
        chosen = days[self.time]
        if chosen is None:
            return None, None
        start, end = (datetime.combine(today + timedelta(days=step), time(), zone) for step in chosen)
        return start, end

    def step(self) -> tuple[int, str, str] | None:
        """Return a band as its place and both flows; None where none is asked for."""
        found = _BAND.fullmatch(self.band)
        return (int(found[1]), found[2], found[3]) if found else None


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _word(of: type[Word], text: str, what: str) -> Word:
    try:
        return of(text)
    except ValueError:
        raise FilterError(f"There is no {what} called “{text[:40]}”.") from None


def _moment(text: str) -> str:
    if text:
        _at(text, ZoneInfo("UTC"), ends=True)
    return text


def _at(text: str, zone: ZoneInfo, *, ends: bool) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        if ends and len(text) <= len("2027-03-05"):
            at += timedelta(days=1)
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        at.astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        raise FilterError(f"“{text[:40]}” is no day, such as 2027-03-05.") from None
    return at


def _number(text: str) -> str:
    found = from_text(text) if text else ""
    if found is None:
        raise FilterError(f"“{text[:40]}” is no telephone number: try +1 212 555 0131.")
    return found


def _seconds(text: str) -> int | None:
    if not text:
        return None
    found = _LENGTH.fullmatch(text)
    if not found:
        raise FilterError(f"“{text[:40]}” is no length: write seconds, or minutes as 1:30.")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return min(3600 * hours + 60 * minutes + seconds, MOST_SECONDS)


def _ids(text: str) -> tuple[int, ...]:
    parts = _unique(filter(None, text.split(",")))
    if len(parts) > MOST_PATHS or not all(re.fullmatch("[0-9]{1,9}", part, re.ASCII) for part in parts):
        raise FilterError("These are no paths, or too many of them.")
    return tuple(int(part) for part in parts)


def _band(text: str) -> str:
    if text and not _BAND.fullmatch(text):
        raise FilterError(f"“{text[:40]}” is no band of the path graph.")
    return text

"""Which calls somebody looks at, and which are the ones before: read from the address of the page."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import abort, request

from ivr.console.desk import now
from ivr.console.words import zone
from ivr.db.console.call_filter import CallFilter, FilterError, Period, Simulated
from ivr.db.console.scope import Scope

LONGEST_DAYS = 400
PRESETS = {
    Period.TODAY: "Today",
    Period.YESTERDAY: "Yesterday",
    Period.WEEK: "7 days",
    Period.MONTH: "30 days",
    Period.THIS_MONTH: "This month",
}


@dataclass(frozen=True)
class Chosen:
    """What is looked at. wanted: the filter as it was asked for. here: its calls. before: as many days before.

    zone: the reader's. days: how many. first, last: the days of it, where the reader is.
    """

    wanted: CallFilter
    here: Scope
    before: Scope
    zone: ZoneInfo
    days: int

    @property
    def first(self) -> str:
        """The first day, as a form writes it."""
        return self.here.since.astimezone(self.zone).date().isoformat()

    @property
    def last(self) -> str:
        """The last day, as a form writes it."""
        return self.last_moment.astimezone(self.zone).date().isoformat()

    @property
    def last_moment(self) -> datetime:
        """The last moment that belongs to it."""
        return self.here.until - timedelta(microseconds=1)

    @property
    def simulated_query(self) -> str:
        """The same with simulated calls, as the query of an address."""
        return replace(self.wanted, simulated=Simulated.SHOWN).to_query()

    @property
    def open(self) -> bool:
        """Say whether it still goes on; then it is compared with as much of the time before."""
        return self.here.until > self.here.now


def chosen() -> Chosen:
    """Read the query of this address. What cannot be read ends in a sentence, with status 400."""
    at, where = now(), zone()
    try:
        wanted = CallFilter.from_query(request.args.items(multi=True))
        if not (wanted.since or wanted.until) and wanted.time is Period.ALL:
            wanted = replace(wanted, time=Period.WEEK)
        since, until = wanted.span(at, where)
    except FilterError as error:
        abort(400, str(error))
    today = at.astimezone(where).replace(hour=0, minute=0, second=0, microsecond=0)
    until = until or today + timedelta(days=1)
    since = since or until - timedelta(days=7)
    try:
        length = until - since
        if length <= timedelta(0):
            abort(400, "This time ends before it begins: look at both days.")
        if length > timedelta(days=LONGEST_DAYS + 1):
            abort(400, f"Choose {LONGEST_DAYS} days at most.")
        days = (
            -(-length // timedelta(days=1)) if length % timedelta(days=1) > timedelta(hours=2) else max(1, length.days)
        )
        end = min(until, at.replace(second=0, microsecond=0)) if since < at < until else until
        wanted = replace(wanted, band="")  # a band is chosen here, and listed elsewhere
        here = Scope(since, until, at, wanted)
        before = replace(here, since=_moved(since, days, where), until=_moved(end, days, where))
    except OverflowError:
        abort(400, "That is too long ago, or too far ahead.")
    return Chosen(wanted, here, before, where, days)


def _moved(at: datetime, days: int, where: ZoneInfo) -> datetime:
    """Go back so many days on the reader's calendar: a day of 23 or 25 hours is a day."""
    return at.astimezone(where) - timedelta(days=days)

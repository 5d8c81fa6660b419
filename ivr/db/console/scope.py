"""Which calls are counted: callers' calls that are over, of a time, and of whatever else they are chosen by."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import Session

from ivr.call import WITHHELD, Position
from ivr.db.console.call_filter import CallFilter, Period, Simulated, State
from ivr.db.console.call_terms import driven, terms_of
from ivr.db.console.facts import FACTS

DAY_S, WEEK_S = 86_400, 7 * 86_400
_ANYWHERE = ZoneInfo("UTC")
_LEAST, _MOST = len("+1234567"), len("+123456789012345")


@dataclass(frozen=True)
class Scope:
    """The calls that began from `since` to before `until`, both aware, have ended, and agree with a filter.

    wanted: the filter; its own times do not matter. now: what is younger than a day, or a week, cannot be said to have
    been the caller's last.
    """

    since: datetime
    until: datetime
    now: datetime
    wanted: CallFilter = field(default_factory=CallFilter)

    @property
    def filter(self) -> CallFilter:
        """The same as a filter of the list of calls."""
        since, until = self.since.isoformat(), self.until.isoformat()
        return replace(self.wanted, time=Period.ALL, state=State.ENDED, since=since, until=until)

    def moved(self, since: datetime, until: datetime) -> "Scope":
        """Choose the same calls of another time."""
        return replace(self, since=since, until=until)

    def with_simulated(self) -> "Scope":
        """The same, and the simulated calls, too."""
        return replace(self, wanted=replace(self.wanted, simulated=Simulated.SHOWN))

    def condition(self, session: Session) -> ColumnElement[bool]:
        """The same for the database, of `call_facts`."""
        return and_(*driven(session, terms_of(session, self.filter, self.now, _ANYWHERE)[0]))

    def older_than(self, seconds: int) -> ColumnElement[bool]:
        """Calls of a number that is known, from so long ago that we know whether it has called again since."""
        return and_(FACTS.c.started_at <= self.now - timedelta(seconds=seconds), known_number())


def known_number() -> ColumnElement[bool]:
    """Calls that are not from a withheld number: `ivr.call.withheld`, as far as the database can tell."""
    caller = FACTS.c.caller
    return and_(caller.like("+%"), func.length(caller).between(_LEAST, _MOST), caller.not_in(sorted(WITHHELD)))


def at_any(flow: ColumnElement[str], node: ColumnElement[str], places: frozenset[Position]) -> ColumnElement[bool]:
    """Say whether a turn is at one of these places."""
    flows: dict[str, list[str]] = {}
    for place in sorted(places, key=str):
        flows.setdefault(place.flow, []).append(place.node)
    return or_(*(and_(flow == name, node.in_(nodes)) for name, nodes in flows.items()))

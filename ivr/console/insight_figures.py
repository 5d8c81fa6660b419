"""Figures as the page shows them: beside those of the time before, each with what it means."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ivr.call import Position
from ivr.console.definitions import DEFINITIONS, Definition
from ivr.console.insight_time import Chosen
from ivr.console.outcomes import OUTCOMES
from ivr.db.console.figures import Bin, Tally, total
from ivr.db.console.path_steps import LATER, NOWHERE
from ivr.db.console.turn_figures import NodeCount
from ivr.figures import Change, Share, change, percentile
from ivr.line import Line

ENDINGS = {disposition: label for disposition, (label, _) in OUTCOMES.items()}


@dataclass(frozen=True)
class Figure:
    """A share with its past. name: of what it is about, where the definition is common to several."""

    meaning: Definition
    share: Share
    before: Share
    name: str = ""

    @property
    def change(self) -> Change | None:
        """What became of it."""
        return change(self.share, self.before)

    @property
    def verdict(self) -> str:
        """`good` or `bad` where it has clearly changed, and somebody minds; else ''."""
        moved = self.change
        if moved is None or not moved.apart or not self.meaning.better:
            return ""
        return "good" if moved.direction == self.meaning.better else "bad"


_SHARES = {
    "contained": ("contained", "base"),
    "contained_24h": ("contained_24h", "base_24h"),
    "contained_7d": ("contained_7d", "base_7d"),
    "abandoned": ("abandoned", "long"),
    "asked": ("asked", "base"),
    "again_24h": ("again_24h", "told_24h"),
    "again_7d": ("again_7d", "told_7d"),
    "pin": ("pin_right", "pin_tries"),
}


def shares(tally: Tally) -> dict[str, Share]:
    """Make shares of sums, by the names of their definitions."""
    return {key: Share(getattr(tally, part), getattr(tally, whole)) for key, (part, whole) in _SHARES.items()}


def figures(here: Tally, before: Tally) -> dict[str, Figure]:
    """Put the shares of two times side by side."""
    now, then = shares(here), shares(before)
    return {key: Figure(DEFINITIONS[key], now[key], then[key]) for key in _SHARES}


def by_version(bins: Sequence[Bin]) -> dict[str, tuple[Tally, Mapping[str, Share]]]:
    """Tell the versions of the flows apart, the newest first."""
    newest = {one.version: one.at for one in sorted(bins, key=lambda one: one.at)}
    found: dict[str, tuple[Tally, Mapping[str, Share]]] = {}
    for version in sorted(newest, key=lambda version: newest[version], reverse=True):
        tally = total(one.tally for one in bins if one.version == version)
        found[version] = (tally, shares(tally))
    return found


def by_day(bins: Sequence[Bin], look: Chosen) -> list[tuple[date, int]]:
    """Count calls by the reader's days, those without calls included."""
    counts: Counter[date] = Counter()
    for one in bins:
        counts[one.at.astimezone(look.zone).date()] += one.tally.calls
    first = look.here.since.astimezone(look.zone).date()
    last = (look.here.until.astimezone(look.zone) - timedelta(microseconds=1)).date()
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return [(day, counts[day]) for day in days]


def by_hour(bins: Sequence[Bin], look: Chosen) -> list[tuple[int, int]]:
    """Count calls by the hour of the reader's day."""
    counts: Counter[int] = Counter()
    for one in bins:
        counts[one.at.astimezone(look.zone).hour] += one.tally.calls
    return [(hour, counts[hour]) for hour in range(24)]


@dataclass(frozen=True)
class Times:
    """How long something took. count: of how many. at: the values at the shares asked for, in the unit of counts."""

    count: int
    at: tuple[int | None, ...]


def times(counts: Mapping[int, int], *at: float) -> Times:
    """Read percentiles off counts by value."""
    return Times(sum(counts.values()), tuple(percentile(counts, share) for share in at))


@dataclass(frozen=True)
class AnswerRow:
    """How long callers waited for an answer, in tenths of a second: the median and the 90th percentile."""

    at: Position
    title: str
    now: Times
    then: Times


@dataclass(frozen=True)
class NodeRow:
    """What happened at a node. flow: its title. asked: of the calls that reached it; silent, wrong: of its waits."""

    node: NodeCount
    flow: str
    asked: Figure
    silent: Figure
    wrong: Figure

    @classmethod
    def of(cls, now: NodeCount, then: NodeCount | None, flow: str) -> "NodeRow":
        """Put the counts of two times side by side. then: None where nobody came there."""

        def figure(name: str, whole: str) -> Figure:
            here, before = (Share(getattr(of, name), getattr(of, whole)) if of else Share(0, 0) for of in (now, then))
            return Figure(DEFINITIONS["slips" if name != "asked" else "asked"], here, before)

        return cls(now, flow, figure("asked", "calls"), figure("silent", "waits"), figure("wrong", "waits"))


def step_name(line: Line, flow: str) -> str:
    """Name a step of a path for a reader."""
    if flow == LATER:
        return "Further steps"
    if flow == NOWHERE:
        return "Before anything was said"
    return line.flows[flow].title if flow in line.flows else flow

"""Figures told by one row a call: how many calls, and what came of them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Integer, and_, cast, func, or_, select

from ivr.call import Disposition, Position
from ivr.db.console.facts import FACTS
from ivr.db.console.scope import DAY_S, WEEK_S, Scope
from ivr.db.database import reading

SHORT_S = 10  # who hangs up sooner has not begun
QUARTER_S = 900  # every time zone's hours begin on a quarter of an hour
_DONE = (Disposition.INFORMED, Disposition.RESOLVED)


@dataclass(frozen=True)
class Tally:
    """Sums over calls.

    calls: all. short: under ten seconds. base: with a key, or ten seconds long. contained: of these, finished in
    self-service. asked: of these, pressed the key for a person. long, abandoned: ten seconds long; of these, left with
    nothing. A suffix _24h, _7d: of calls so old, from a known number. told: of these, all; base, contained: as above,
    where the caller did not call again within that time; again: those whose caller did.
    """

    calls: int = 0
    short: int = 0
    base: int = 0
    contained: int = 0
    asked: int = 0
    long: int = 0
    abandoned: int = 0
    told_24h: int = 0
    again_24h: int = 0
    base_24h: int = 0
    contained_24h: int = 0
    told_7d: int = 0
    again_7d: int = 0
    base_7d: int = 0
    contained_7d: int = 0
    pin_tries: int = 0
    pin_right: int = 0


NAMES = tuple(field.name for field in fields(Tally))


@dataclass(frozen=True)
class Bin:
    """The sums of a quarter of an hour, which begins `at`, and of one version of the flows."""

    at: datetime
    version: str
    tally: Tally


def total(tallies: Iterable[Tally]) -> Tally:
    """Add sums up."""
    rows = [[getattr(tally, name) for name in NAMES] for tally in tallies]
    return Tally(*(sum(column) for column in zip(*rows, strict=True)))


def count_calls(engine: Engine, scope: Scope, handed_over: frozenset[Position]) -> list[Bin]:
    """Count calls by the quarter of an hour they began in. handed_over: nodes that are no self-service."""
    quarter = _quarter(engine).label("quarter")
    sums = _sums(scope, handed_over)
    query = select(quarter, FACTS.c.version, *(sums[name].label(name) for name in NAMES))
    with reading(engine) as session:
        chosen = query.where(scope.condition(session))
        rows: Any = session.execute(chosen.group_by(quarter, FACTS.c.version).order_by(quarter)).all()
    return [Bin(datetime.fromtimestamp(row[0] * QUARTER_S, UTC), row[1], Tally(*map(int, row[2:]))) for row in rows]


def versions(engine: Engine, scope: Scope) -> list[str]:
    """List the versions of the flows that calls were answered by, newest first."""
    query = select(FACTS.c.version).group_by(FACTS.c.version).order_by(func.min(FACTS.c.started_at).desc())
    with reading(engine) as session:
        return list(session.scalars(query.where(scope.condition(session))))


def newest(engine: Engine, scope: Scope, most: int) -> Scope:
    """Choose the newest calls of these, `most` at most; the same scope where there are no more."""
    at = FACTS.c.started_at
    with reading(engine) as session:
        query = select(at).where(scope.condition(session)).order_by(at.desc()).offset(most).limit(1)
        before = session.scalar(query)
    return scope if before is None else scope.moved(before + timedelta(microseconds=1), scope.until)


def any_calls(engine: Engine, scope: Scope) -> bool:
    """Say whether there is a call at all."""
    with reading(engine) as session:
        return session.scalar(select(FACTS.c.sid).where(scope.condition(session)).limit(1)) is not None


def _sums(scope: Scope, handed_over: frozenset[Position]) -> dict[str, ColumnElement[int]]:
    c = FACTS.c
    length = func.coalesce(c.duration_s, 0)
    base = or_(c.keyed > 0, length >= SHORT_S)
    left = or_(c.left_at.is_(None), c.left_at.not_in(sorted(map(str, handed_over))))
    contained = and_(base, c.disposition.in_(_DONE), left)
    sums = {
        "calls": func.count(),
        "short": _number(length < SHORT_S),
        "base": _number(base),
        "contained": _number(contained),
        "asked": _number(and_(base, c.asked_person)),
        "long": _number(length >= SHORT_S),
        "abandoned": _number(and_(length >= SHORT_S, c.disposition == Disposition.ABANDONED)),
        "pin_tries": func.coalesce(func.sum(c.pin_tries), 0),
        "pin_right": func.coalesce(func.sum(c.pin_tries - c.pin_wrong), 0),
    }
    for suffix, seconds in (("24h", DAY_S), ("7d", WEEK_S)):
        told = scope.older_than(seconds)
        again = and_(told, c.next_after_s.is_not(None), c.next_after_s <= seconds)
        alone = or_(c.next_after_s.is_(None), c.next_after_s > seconds)
        sums[f"told_{suffix}"] = _number(told)
        sums[f"again_{suffix}"] = _number(again)
        sums[f"base_{suffix}"] = _number(and_(base, told))
        sums[f"contained_{suffix}"] = _number(and_(contained, told, alone))
    return sums


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def _quarter(engine: Engine) -> ColumnElement[int]:
    if engine.dialect.name == "postgresql":
        return cast(func.floor(func.extract("epoch", FACTS.c.started_at) / QUARTER_S), Integer)
    return cast(func.strftime("%s", FACTS.c.started_at), Integer).op("/")(QUARTER_S)

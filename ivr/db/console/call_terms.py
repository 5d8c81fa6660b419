"""A filter of calls as conditions on `call_facts`, and the one that calls are to be found by.

Mostly none of them: the newest calls are walked over by an index that holds all that is asked of them, a million at
worst. What few calls agree with is found by an index of its own. PostgreSQL chooses by its statistics; SQLite has none,
and would take an index that most calls agree with.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, Select, and_, false, func, literal_column, select, true
from sqlalchemy.orm import Session

from ivr.db.console.call_filter import CallFilter, Mark, Simulated, State
from ivr.db.console.facts import FACTS, PATHS
from ivr.db.console.lookup import Match, look_up
from ivr.db.console.path_steps import takes
from ivr.db.console.tables import MarkRow, NoteRow

REPEAT_S = 24 * 3600
NARROW = 5_000  # calls that are looked up one by one as fast as many more are walked over
_NEVER = 99
C = FACTS.c
Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Term:
    """A condition on one column.

    rank: how few calls agree, as a rule, lower for fewer; _NEVER where it has no index of its own. count: what to count
    before that is taken, where they may be many; it selects a row for each call, or about that. inner: it asks another
    table.
    """

    column: Column[Any]
    agrees: Callable[[ColumnElement[Any]], Condition]
    rank: int = _NEVER
    count: Select[Any] | None = None
    inner: bool = False

    def plain(self) -> Condition:
        """Write it so that an index may serve."""
        return self.agrees(self.column)

    def hidden(self, dialect: str) -> Condition:
        """Write it as something to be looked at call by call.

        SQLite takes no index for a column with a plus. Source: https://www.sqlite.org/optoverview.html#upl.
        PostgreSQL would join the other table, and sort all that comes of it; IS TRUE keeps it to a hash.
        """
        if dialect == "sqlite":
            return self.agrees(literal_column(f"+{FACTS.name}.{self.column.name}", self.column.type))
        return self.plain().is_(true()) if self.inner else self.plain()


def conditions(session: Session, wanted: CallFilter, now: datetime, zone: ZoneInfo) -> list[Condition]:
    """Write a filter as conditions on `call_facts`, to be joined by AND. zone: of whoever reads.

    It looks up what the search box may mean, so it needs a session.
    """
    return [term.plain() for term in terms_of(session, wanted, now, zone)[0]]


def cut(session: Session, terms: list[Term]) -> list[Condition]:
    """Write conditions for PostgreSQL to intersect indexes by; of notes and marks only where they are few."""
    return [
        term.hidden(_dialect(session))
        if term.inner and term.column is C.sid and not _is_narrow(session, term)
        else term.plain()
        for term in terms
    ]


def walked(session: Session, terms: list[Term]) -> list[Condition]:
    """Write conditions for a walk by some other index."""
    return [term.hidden(_dialect(session)) for term in terms]


def driven(session: Session, terms: list[Term]) -> list[Condition]:
    """Write conditions so that calls are found by the one that fewest agree with, or by a walk in order of time."""
    dialect = _dialect(session)
    useful = sorted((term for term in terms if term.rank < _NEVER), key=lambda term: term.rank)
    if dialect != "sqlite":  # it knows what is in its own columns, not what another table leaves of them
        useful = [term for term in useful if term.inner]
    driver = next((term for term in useful if _is_narrow(session, term)), None)
    return [term.plain() if term is driver or term.column is C.started_at else term.hidden(dialect) for term in terms]


def terms_of(
    session: Session, wanted: CallFilter, now: datetime, zone: ZoneInfo
) -> tuple[list[Term], tuple[Match, ...]]:
    """Write a filter term by term, and tell what the words of the search box were taken for."""
    terms: list[Term] = []
    matches: tuple[Match, ...] = ()
    if wanted.q:
        condition, matches = look_up(session, wanted.q)
        terms.append(Term(C.sid, lambda _: condition, 0))
    terms.extend(_equalities(wanted))
    if wanted.disposition:
        terms.append(Term(C.disposition, lambda column: column.in_(wanted.disposition)))
    terms.extend(_paths(wanted))
    if wanted.longer is not None or wanted.shorter is not None:
        least, most = wanted.longer or 0, wanted.shorter if wanted.shorter is not None else 10**9
        terms.append(Term(C.duration_s, lambda length: length.between(least, most)))
    terms.extend(_MARKS[mark] for mark in wanted.mark)
    if wanted.simulated is not Simulated.SHOWN:
        terms.append(_SIMULATED if wanted.simulated is Simulated.ONLY else _REAL)
    if wanted.state is not State.ANY:
        terms.append(_GOING if wanted.state is State.LIVE else _ENDED)
    since, until = wanted.span(now, zone)
    if since:
        terms.append(Term(C.started_at, lambda at: at >= since))
    if until:
        terms.append(Term(C.started_at, lambda at: at < until))
    return terms, matches


def _equalities(wanted: CallFilter) -> Iterator[Term]:
    for column, value, rank in (
        (C.caller, wanted.caller, 1),
        (C.account_number, wanted.account, 2),
        (C.left_at, wanted.left, _NEVER),
        (C.version, wanted.version, _NEVER),
        (C.department, wanted.department, _NEVER),
    ):
        if value:
            yield Term(column, _equals(value), rank)


def _equals(value: str) -> Callable[[ColumnElement[Any]], Condition]:
    return lambda column: column == value


def _paths(wanted: CallFilter) -> Iterator[Term]:
    """Write what is asked of a call's path, as one: of two wide questions few paths may answer both.

    Their ids stay in the database: there may be tens of thousands.
    """
    asked: list[Condition] = []
    if wanted.path:
        asked.append(PATHS.c.id.in_(wanted.path))
    if wanted.flow:
        asked.append((" " + PATHS.c.steps + " ").contains(f" {wanted.flow} ", autoescape=True))
    if band := wanted.step():
        asked.append(takes(PATHS.c.steps, *band))
    if asked:
        yield _among(and_(*asked))


def _among(paths: Condition) -> Term:
    ids = select(PATHS.c.id).where(paths)
    return Term(C.path_id, lambda path: path.in_(ids), 3, select(C.path_id).where(C.path_id.in_(ids)), inner=True)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _is_narrow(session: Session, term: Term) -> bool:
    if term.count is None:
        return True
    some = term.count.limit(NARROW + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= NARROW


_NOTED = select(NoteRow.call_sid).where(NoteRow.current, NoteRow.body != "")
_FOLLOWED = select(MarkRow.call_sid).where(MarkRow.follow_up)
# Noughts are written out: an index of some rows only serves a condition that says the same.
_NONE: ColumnElement[int] = literal_column("0")
_VOICEMAIL, _PIN, _FAULTS = C.voicemail == true(), C.pin_wrong > _NONE, C.faults > _NONE
_MARKS = {
    Mark.VOICEMAIL: Term(C.voicemail, lambda flag: flag == true(), 4, select(C.started_at).where(_VOICEMAIL)),
    Mark.PIN: Term(C.pin_wrong, lambda count: count > _NONE, 4, select(C.started_at).where(_PIN)),
    Mark.ERROR: Term(C.faults, lambda count: count > _NONE, 4, select(C.started_at).where(_FAULTS)),
    Mark.REPEAT: Term(C.since_last_s, lambda seconds: seconds <= REPEAT_S),
    Mark.SILENCE: Term(C.silences, lambda count: count > _NONE),
    Mark.WRONG_KEY: Term(C.wrong_keys, lambda count: count > _NONE),
    Mark.PERSON: Term(C.asked_person, lambda flag: flag == true()),
    Mark.FOLLOW_UP: Term(C.sid, lambda sid: sid.in_(_FOLLOWED), 2, _FOLLOWED, inner=True),
    Mark.NOTE: Term(C.sid, lambda sid: sid.in_(_NOTED), 4, _NOTED, inner=True),
}
_REAL = Term(C.simulated, lambda flag: flag == false())
_SIMULATED = Term(C.simulated, lambda flag: flag == true(), 4, select(C.started_at).where(C.simulated == true()))
_GOING = Term(C.ended, lambda flag: flag == false(), 1)
_ENDED = Term(C.ended, lambda flag: flag == true())

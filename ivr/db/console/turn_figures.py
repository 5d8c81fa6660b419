"""Figures told by the turns of calls: what happens at each node, and how long callers wait for what."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Integer, and_, case, cast, func, or_, select, text
from sqlalchemy.orm import Session

from ivr.call import Disposition, Position
from ivr.db.call_statements import TURNS
from ivr.db.console.facts import FACTS
from ivr.db.console.scope import Scope, at_any
from ivr.db.database import reading
from ivr.digest import HUNG_UP
from ivr.edges import NO_INPUT, NO_MATCH, SLIPS
from ivr.flow import PERSON, RESERVED
from ivr.measured import Task

PERSON_KEY = next(key for key, to in RESERVED.items() if to == PERSON)
ENDED = "ended"  # outcome of a turn that said goodbye
KEYED = ("menu", "ask")
_T = TURNS.c


@dataclass(frozen=True)
class NodeCount:
    """What happened at a node. kind: of its wait.

    waits: how often it waited. calls: that reached it. asked: of these, pressed the key for a person there.
    silent, wrong: waits that ended in silence, and with a key or an entry that means nothing there.
    """

    at: Position
    kind: str
    waits: int
    calls: int
    asked: int
    silent: int
    wrong: int


@dataclass(frozen=True)
class HandOver:
    """Calls for which a person was fetched. department: '' for none. offered: all. accepted: talked to one.

    left: hung up while they waited.
    """

    department: str
    offered: int
    accepted: int
    left: int


def count_nodes(engine: Engine, scope: Scope) -> list[NodeCount]:
    """Count what happened at each node, by its name."""
    sixth = _began(SLIPS)  # the outcome does not say of which kind the last slip of a call was; its keys do
    counted = (
        func.count(),
        func.count(_T.call_sid.distinct()),
        func.count(case((_began(PERSON_KEY), _T.call_sid)).distinct()),
        func.count().filter(or_(_T.outcome.like(f"{NO_INPUT}%"), and_(sixth, _T.input == ""))),
        func.count().filter(or_(_T.outcome.like(f"{NO_MATCH}%"), and_(sixth, _T.input != ""))),
    )
    by = (_T.flow, _T.node, _T.kind)
    with _by_call(engine) as session:
        query = _of(session, scope, select(*by, *counted)).group_by(*by).order_by(*by)
        rows: Any = session.execute(query)
        return [NodeCount(Position(row[0], row[1]), *row[2:]) for row in rows]


def answer_times(engine: Engine, scope: Scope, topics: frozenset[Position]) -> dict[Position, dict[int, int]]:
    """Tell how long callers waited for their answers: by its place, how many calls by tenths of a second.

    From the moment the line picked up to the first time in the call that it began to say the answer.
    """
    by = (_T.flow, _T.node)
    found: dict[Position, dict[int, int]] = {}
    with _by_call(engine) as session:
        heard = _of(session, scope, select(*by, FACTS.c.started_at, func.min(_T.at).label("heard_at")))
        first = heard.where(at_any(*by, topics)).group_by(FACTS.c.sid, FACTS.c.started_at, *by).subquery().c
        tenths = _tenths(engine, first.started_at, first.heard_at).label("tenths")
        query = select(first.flow, first.node, tenths, func.count()).group_by(first.flow, first.node, tenths)
        for flow, node, tenth, count in session.execute(query):
            found.setdefault(Position(flow, node), {})[tenth] = count
    return found


def count_tasks(engine: Engine, scope: Scope, tasks: tuple[Task, ...]) -> dict[str, tuple[int, int]]:
    """Count calls by what their callers wanted done: by the task's name, of those that chose it, and of those done."""
    chosen = [or_(*(_chose(at, key) for at, key in sorted(task.entries, key=str))) for task in tasks]
    done = [at_any(_T.flow, _T.node, task.done) for task in tasks]
    marks = [func.max(case((here, 1), else_=0)).label(f"mark{i}") for i, here in enumerate([*chosen, *done])]
    with _by_call(engine) as session:
        calls = _of(session, scope, select(*marks)).where(or_(*chosen, *done)).group_by(_T.call_sid).subquery().c
        sums: list[ColumnElement[Any]] = []
        for i in range(len(tasks)):
            entered, finished = calls[f"mark{i}"] == 1, calls[f"mark{i + len(tasks)}"] == 1
            sums += [func.count().filter(entered), func.count().filter(and_(entered, finished))]
        row = session.execute(select(*sums)).one()
    return {task.name: (row[2 * i], row[2 * i + 1]) for i, task in enumerate(tasks)}


def count_hand_overs(engine: Engine, scope: Scope, waits: frozenset[Position]) -> list[HandOver]:
    """Count calls for which a person was fetched, by department. waits: the nodes where callers wait for one."""
    c = FACTS.c
    fetched = select(_T.call_sid).where(_T.call_sid == c.sid, at_any(_T.flow, _T.node, waits)).exists()
    talked = c.disposition == Disposition.TRANSFERRED
    left = and_(c.disposition != Disposition.TRANSFERRED, c.left_at.in_(sorted(map(str, waits))))
    counted = (func.count(), func.count().filter(talked), func.count().filter(left))
    with _by_call(engine) as session:
        query = select(c.department, *counted).where(scope.condition(session), fetched)
        return [HandOver(*row) for row in session.execute(query.group_by(c.department).order_by(c.department))]


def reply_times(engine: Engine, scope: Scope) -> dict[int, int]:
    """Tell how long the line took to answer the webhooks that ended a turn: how many, by milliseconds."""
    with _by_call(engine) as session:
        query = _of(session, scope, select(_T.ms, func.count())).where(_T.outcome.not_in((HUNG_UP, ENDED)))
        rows: Any = session.execute(query.group_by(_T.ms))
        return {row[0]: row[1] for row in rows}


@contextmanager
def _by_call(engine: Engine) -> Generator[Session]:
    """Read the turns call by call: PostgreSQL would rather read those of all calls, twenty times as many or more."""
    with reading(engine) as session:
        if engine.dialect.name == "postgresql":
            for way in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
                session.execute(text(f"SET LOCAL {way} = off"))
            session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
        yield session


def _of(session: Session, scope: Scope, query: Any) -> Any:
    turns = FACTS.join(TURNS, _T.call_sid == FACTS.c.sid)
    return query.select_from(turns).where(scope.condition(session))


def _began(label: str) -> ColumnElement[bool]:
    return or_(_T.outcome == label, _T.outcome.like(f"{label} >%"))


def _chose(at: Position, key: str) -> ColumnElement[bool]:
    return and_(_T.flow == at.flow, _T.node == at.node, _began(key))


def _tenths(engine: Engine, start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[int]:
    if engine.dialect.name == "postgresql":
        return cast(func.round(func.extract("epoch", end - start) * 10), Integer)
    return cast(func.round((func.julianday(end) - func.julianday(start)) * 864_000), Integer)

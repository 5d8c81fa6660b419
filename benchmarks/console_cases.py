"""What staff ask of a million calls: each question as a name, and a way to ask it with other values every time."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from typing import Any

from console_calls import NOW, ZONE, account_number, account_of, number_of
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from ivr.call import Disposition
from ivr.db.console.call_filter import CallFilter, Mark, Period, Simulated, State
from ivr.db.console.facts import FACTS, PATHS
from ivr.db.console.listing import listed
from ivr.db.console.search import Cursor, every, find
from ivr.db.database import reading
from ivr.db.models.accounts import ChangeRow
from ivr.numbers import international

Ask = Callable[[], int]
C = FACTS.c


class Cases:
    """Asks the search. Every question returns how many calls are on its page."""

    def __init__(self, engine: Engine, seed: int = 11) -> None:
        self.engine, self._rng = engine, Random(seed)
        with reading(engine) as session:
            if engine.dialect.name == "postgresql":
                session.execute(text("SET LOCAL statement_timeout = 0"))  # what to ask is found out by longer questions
            self._changes = session.scalar(select(func.max(ChangeRow.id))) or 1
            self._calls = [_at_random(session, self._rng) for _ in range(1_000)]
            half = (session.scalar(select(func.count()).select_from(FACTS)) or 0) // 2
            newest = select(C.started_at, C.sid).order_by(C.started_at.desc(), C.sid.desc()).limit(1)
            self._deep = [session.execute(newest.offset(place)).one() for place in (min(199 * 50, half), half)]
            self._left = [left for (left,) in session.execute(_most_left())]
            self._flows = sorted({flow for steps in session.scalars(select(PATHS.c.steps)) for flow in steps.split()})
            self._paths = session.scalar(select(func.max(PATHS.c.id))) or 1
            self._versions = list(session.scalars(select(C.version).distinct()))

    def all(self) -> Iterator[tuple[str, Ask]]:
        """Every question, by name."""
        yield "first page", self._find(CallFilter)
        for name, row in zip(("page 200", "the page in the middle of all"), self._deep, strict=True):
            yield name, self._find(CallFilter, Cursor(row.started_at, row.sid))
        yield from self._filters()
        yield from self._combined()
        yield from self._searches()
        yield "export: the first 2,000", lambda: len(next(every(self.engine, CallFilter(), NOW, ZONE)))

    def some_sid(self) -> str:
        """Pick a call."""
        return self._rng.choice(self._calls).sid

    def _find(self, wanted: Callable[[], CallFilter], before: Cursor | None = None) -> Ask:
        def page() -> int:
            found = find(self.engine, wanted(), NOW, ZONE, before)
            return len(listed(self.engine, [*found.live, *found.sids]))

        return page

    def _filters(self) -> Iterator[tuple[str, Ask]]:
        for period in Period:
            yield f"time: {period}", self._with(time=period)
        yield "time: some hour", self._find(self._some_hour)
        yield "time: some month", self._find(self._some_month)
        for disposition in Disposition:
            yield f"outcome: {disposition}", self._with(disposition=(disposition,))
        yield "outcome: failed or voicemail", self._with(disposition=(Disposition.FAILED, Disposition.VOICEMAIL))
        for department in ("sales", "support", "nobody"):
            yield f"department: {department}", self._with(department=department)
        for flow in (*self._flows, "nowhere"):
            yield f"flow: {flow}", self._with(flow=flow)
        yield "left at a node", self._find(lambda: CallFilter(left=self._rng.choice(self._left)))
        yield "left at the rarest node", self._with(left=self._left[-1])
        yield "account", self._find(lambda: CallFilter(account=self._account()))
        yield "caller", self._find(lambda: CallFilter(caller=self._caller()))
        yield "caller, unknown", self._with(caller="+14155550100")
        for least, most in ((None, 5), (600, None), (60, 61), (3600, None), (None, 600), (9000, 9001)):
            yield f"length: {least or 0} to {most or '...'} s", self._with(longer=least, shorter=most)
        for mark in Mark:
            yield f"mark: {mark}", self._with(mark=(mark,))
        yield "state: live", self._with(state=State.LIVE)
        yield "state: ended", self._with(state=State.ENDED)
        yield "simulated shown", self._with(simulated=Simulated.SHOWN)
        yield "simulated only", self._with(simulated=Simulated.ONLY)
        for version in self._versions[:2]:
            yield f"version: {version}", self._with(version=version)
        yield (
            "three paths",
            self._find(lambda: CallFilter(path=tuple(self._rng.randrange(1, self._paths) for _ in range(3)))),
        )
        for band in ("0:main>trial", "1:trial>verify", "2:verify>support", "7:main>audio"):
            yield f"band: {band}", self._with(band=band)

    def _combined(self) -> Iterator[tuple[str, Ask]]:
        transferred, failed = (Disposition.TRANSFERRED,), (Disposition.FAILED,)
        for name, together in {
            "30 days, sales, transferred": {
                "time": Period.MONTH, "department": "sales", "disposition": transferred,
            },
            "7 days, support, voicemail": {"time": Period.WEEK, "department": "support", "mark": (Mark.VOICEMAIL,)},
            "flow verify, PIN trouble, person": {"flow": "verify", "mark": (Mark.PIN, Mark.PERSON)},
            "repeat, person, above 10 minutes": {"mark": (Mark.REPEAT, Mark.PERSON), "longer": 600},
            "failed, error": {"disposition": failed, "mark": (Mark.ERROR,)},
            "silence, wrong key, no person, under 20 s": {"mark": (Mark.SILENCE, Mark.WRONG_KEY), "shorter": 20},
            "simulated only, flow undo": {"simulated": Simulated.ONLY, "flow": "undo"},
            "resolved, but sales": {"disposition": (Disposition.RESOLVED,), "department": "sales"},
            "callback, left main.menu": {"disposition": (Disposition.CALLBACK,), "left": "main.menu"},
            "flow text, flow of a band, note": {"flow": "text", "band": "0:main>buying", "mark": (Mark.NOTE,)},
            "follow-up, error": {"mark": (Mark.FOLLOW_UP, Mark.ERROR)},
            "transferred, no department": {"disposition": transferred, "department": "nobody"},
            "abandoned, above an hour": {"disposition": (Disposition.ABANDONED,), "longer": 3600},
            "informed, sales, error, repeat": {
                "disposition": (Disposition.INFORMED,), "department": "sales", "mark": (Mark.ERROR, Mark.REPEAT),
            },
        }.items():  # fmt: skip
            yield f"both: {name}", self._with(**together)
        yield "both: some month, PIN trouble", self._find(lambda: self._some_month(mark=(Mark.PIN,)))
        yield (
            "both: some month, resolved, repeat",
            self._find(lambda: self._some_month(mark=(Mark.REPEAT,), disposition=(Disposition.RESOLVED,))),
        )
        yield (
            "both: some month, flow callback, sales",
            self._find(lambda: self._some_month(flow="callback", department="sales")),
        )
        yield "both: some hour, flow verify", self._find(lambda: self._some_hour(flow="verify"))
        yield (
            "both: account, transferred",
            self._find(lambda: CallFilter(account=self._account(), disposition=transferred)),
        )

    def _searches(self) -> Iterator[tuple[str, Ask]]:
        for name, words in {
            "number": self._caller,
            "number, as written": lambda: international(self._caller()),
            "account": self._account,
            "code": self._code,
            "SID": self.some_sid,
            "SID, first ten": lambda: self.some_sid()[:10],
            "SID, first six": lambda: self.some_sid()[:6],
            "words of many notes": lambda: "refund ten days",
            "words of few notes": lambda: f"ticket {self._rng.randrange(10**5)}",
            "words of no note": lambda: "xylophone",
            "odd characters": lambda: "%_'\"\\<é>\N{REPLACEMENT CHARACTER}",
        }.items():
            yield f"search: {name}", self._find(lambda words=words: CallFilter(q=words()))
        yield (
            "search: words of many notes, resolved",
            self._find(lambda: CallFilter(q="refund ten days", disposition=(Disposition.RESOLVED,))),
        )

    def _with(self, **fields: Any) -> Ask:
        return self._find(lambda: CallFilter(**fields))

    def _some_hour(self, **fields: Any) -> CallFilter:
        at = self._rng.choice(self._calls).started_at
        return CallFilter(since=at.isoformat(), until=(at + timedelta(hours=1)).isoformat(), **fields)

    def _some_month(self, **fields: Any) -> CallFilter:
        at = self._rng.choice(self._calls).started_at
        return CallFilter(since=at.isoformat(), until=(at + timedelta(days=30)).isoformat(), **fields)

    def _caller(self) -> str:
        return number_of(self._rng.randrange(500_000))

    def _account(self) -> str:
        return account_number(account_of(self._rng.randrange(500_000)))

    def _code(self) -> str:
        with reading(self.engine) as session:
            found = select(ChangeRow.code).where(ChangeRow.id == self._rng.randrange(1, self._changes + 1))
            return session.scalar(found) or "000000"


def _at_random(session: Session, rng: Random) -> Any:
    """Pick a call by its CallSid, which tells nothing of it."""
    of = select(C.started_at, C.sid).order_by(C.sid).limit(1)
    return session.execute(of.where(C.sid >= f"CA{rng.getrandbits(32):08x}")).first() or session.execute(of).one()


def _most_left() -> Any:
    many = func.count().desc()
    return select(C.left_at).where(C.left_at.is_not(None)).group_by(C.left_at).order_by(many)

"""Many calls in the shapes of few: when, from whom, and their rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from console_shapes import ACCOUNT, ACCOUNT_ID, CALLER, TABLES, Shape

from ivr.db.console.facts import path_key
from ivr.db.console.samples.rhythm import moments

NOW = datetime(2027, 3, 1, 18, tzinfo=UTC)
DAYS, ACCOUNTS, GOING = 395, 50_000, 12
ZONE = ZoneInfo("America/New_York")
VERSIONS = ("1f0c2a9e", "5b77d013", "8e21f4c6", "c90ab3d5")
_OFTEN = 0.3  # share of the calls from somebody who has just called
_AREAS = (201, 206, 212, 303, 312, 404, 415, 512, 617, 718, 808, 917)
_NOTES = (
    "Called back, wants a refund for {month}. Told to expect it within ten days.",
    "Spoke to {name}: the trial had been cancelled twice.",
    "Could not hear the caller; line very bad. Try again in {month}.",
    "Asked for an invoice with the purchase order number {number}.",
    "Escalated to {name}, see ticket {number}.",
)
_MONTHS = "January March May July October".split()
_NAMES = "Priya Tom Aiko Lena Marcus Yusuf".split()


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that is to be written. began: naive UTC. between: seconds since this number's last, and to its next."""

    sid: str
    began: datetime
    caller: int
    shape: int
    between: tuple[int | None, int | None]


def place(count: int, shapes: Sequence[Shape], rng: Random) -> list[Placed]:
    """Spread calls over thirteen months, with callers who come again."""
    times = [
        at.astimezone(UTC).replace(tzinfo=None)
        for at in moments(rng, count, NOW - timedelta(days=DAYS), NOW - timedelta(seconds=60), ZONE)
    ]
    of = rng.choices(range(len(shapes)), [shape.weight for shape in shapes], k=count)
    callers: list[int] = []
    for number in range(count):
        if number > 100 and rng.random() < _OFTEN:
            callers.append(callers[number - 1 - min(number - 1, int(rng.expovariate(1 / 3000)))])
        else:
            callers.append(rng.randrange(1 + count // 2))
    before: dict[int, int] = {}
    since: list[int | None] = [None] * count
    after: list[int | None] = [None] * count
    for number, caller in enumerate(callers):
        if shapes[of[number]].rows["calls"][0]["caller"] != CALLER:
            continue
        last = before.get(caller)
        if last is not None:
            since[number] = after[last] = round((times[number] - times[last]).total_seconds())
        before[caller] = number
    return [
        Placed(
            f"CA{rng.getrandbits(128):032x}", times[number], callers[number], of[number], (since[number], after[number])
        )
        for number in range(count)
    ]


def number_of(caller: int) -> str:
    """Return a caller's telephone number."""
    return f"+1{_AREAS[caller % len(_AREAS)]}{2000000 + caller * 7919 % 7999999}"


def account_of(caller: int) -> int:
    """Return a caller's account."""
    return 1 + caller % ACCOUNTS


def account_number(account: int) -> str:
    """Return an account's number."""
    return f"{10_000_000 + account * 1373}"


Rows = dict[str, list[list[Any]]]


class Writer:
    """Makes the rows of calls. columns: of each table, in the order of the values."""

    def __init__(self, shapes: Sequence[Shape], total: int, seed: int = 7) -> None:
        self.shapes, self._total, self._rng = shapes, total, Random(seed)
        self.columns = {table: next(list(s.rows[table][0]) for s in shapes if s.rows[table]) for table in TABLES}
        self._places = {table: {name: spot for spot, name in enumerate(self.columns[table])} for table in TABLES}
        self._ids = dict.fromkeys(TABLES, 0)
        self._changes = [0] * (ACCOUNTS + 1)
        self._offsets = [_offsets(shape) for shape in shapes]

    def rows(self, calls: Sequence[Placed], first: int) -> Rows:
        """Make the rows of some calls. first: number of the first of them."""
        made: Rows = {table: [] for table in (*TABLES, "notes", "marks")}
        for number, call in enumerate(calls, first):
            self._call(made, call, going=number >= self._total - GOING)
            self._beside(made, call)
        return made

    def _call(self, made: Rows, call: Placed, *, going: bool) -> None:
        shape = self.shapes[call.shape]
        account = account_of(call.caller)
        stand_ins = (
            (shape.sid, call.sid),
            (CALLER, number_of(call.caller)),
            (ACCOUNT, account_number(account)),
            (str(ACCOUNT_ID), str(account)),
        )
        for table in TABLES:
            for row, spots, times in self._offsets[call.shape][table]:
                values = row.copy()
                for spot in spots:
                    text = values[spot]
                    for old, new in stand_ins:
                        text = text.replace(old, new)
                    values[spot] = text
                for spot, offset in times:
                    values[spot] = (call.began + offset).isoformat(" ", "microseconds")
                columns = self.columns[table]
                if columns[0] == "id":
                    self._ids[table] += 1
                    values[0] = self._ids[table]
                made[table].append(values)
        self._of_its_own(made, call, account, len(shape.rows["account_changes"]), len(shape.rows["voicemails"]))
        if self._rng.random() < 0.01:
            self._set(made, simulated=1)
        if going:
            facts = {"ended": 0, "disposition": None, "path_id": None, "left_at": None}
            self._set(made, ended_at=None, duration_s=None, status="in-progress", **facts)

    def _of_its_own(self, made: Rows, call: Placed, account: int, changes: int, messages: int) -> None:
        since, after = call.between
        version = VERSIONS[(call.began.year * 12 + call.began.month) // 4 % len(VERSIONS)]
        self._set(made, since_last_s=since, next_after_s=after, version=version)
        for row in made["account_changes"][len(made["account_changes"]) - changes :]:
            self._changes[account] += 1
            row[1], row[2] = account, f"{(account * 7919 + self._changes[account] * 104_729) % 10**6:06d}"
        for row in made["voicemails"][len(made["voicemails"]) - messages :]:
            row[self.columns["voicemails"].index("recording_sid")] = f"RE{row[0]:032x}"

    def _set(self, made: Rows, **values: Any) -> None:
        """Set columns of the newest call, and of its facts, where they have them."""
        for table in ("calls", "call_facts"):
            for name, value in values.items():
                spot = self._places[table].get(name)
                if spot is not None:
                    made[table][-1][spot] = value

    def _beside(self, made: Rows, call: Placed) -> None:
        """Write what staff do with some calls."""
        chance, rng, at = self._rng.random(), self._rng, call.began.isoformat(" ", "microseconds")
        if chance < 0.03:
            words = rng.choice(_NOTES).format(
                month=rng.choice(_MONTHS), name=rng.choice(_NAMES), number=rng.randrange(10**5)
            )
            made["notes"].append([call.sid, None, 1, at, "lea", words])
        if chance < 0.01:
            made["marks"].append([call.sid, None, "", None, int(chance < 0.002), 0, at, "lea"])


NOTES = ("call_sid", "first_id", "current", "at", "who", "body")
MARKS = ("call_sid", "corrected", "reason", "assigned_to", "follow_up", "seen", "at", "who")
_TIMES = frozenset("at started_at ended_at kept_until created_at deleted_at_carrier fetched_at".split())
Template = tuple[list[Any], tuple[int, ...], tuple[tuple[int, timedelta], ...]]


def _offsets(shape: Shape) -> dict[str, list[Template]]:
    """Find what of a shape's rows is the call's own: texts with stand-ins, and times."""
    stand_ins = (shape.sid, CALLER, ACCOUNT, str(ACCOUNT_ID))
    found: dict[str, list[Template]] = {}
    for table, rows in shape.rows.items():
        found[table] = []
        for row in rows:
            values = list(row.values())
            spots = tuple(
                spot for spot, v in enumerate(values) if isinstance(v, str) and any(mark in v for mark in stand_ins)
            )
            times = tuple(
                (spot, datetime.fromisoformat(values[spot]) - shape.began)
                for spot, name in enumerate(row)
                if name in _TIMES and values[spot]
            )
            found[table].append((values, spots, times))
    return found


def paths_rows(paths: Sequence[str]) -> list[list[Any]]:
    """Make the rows of `paths`."""
    return [[number, path_key(steps), steps] for number, steps in enumerate(paths, 1)]


def account_rows() -> Iterator[list[Any]]:
    """Make the rows of `accounts`."""
    for account in range(1, ACCOUNTS + 1):
        yield [account, account_number(account), f"Customer {account}", "monthly", 1, 1, 0]


ACCOUNT_COLUMNS = ("id", "account_number", "name", "plan", "seats", "auto_renew", "cancels_at_trial_end")

"""Many calls in the shapes of few: when, from whom, and what staff have made of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from console_shapes import CALLER, Shape

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


Row = Sequence[Any]
# shift: seconds from its shape's beginning to its own. going: it has not ended.
PLACED = "number sid shift shape phone account account_number since_last_s next_after_s version simulated going".split()


def placed_rows(calls: Sequence[Placed], shapes: Sequence[Shape], rng: Random) -> Iterator[Row]:
    """Make the rows of a table of calls to be written."""
    for number, call in enumerate(calls):
        account = account_of(call.caller)
        yield [
            number,
            call.sid,
            (call.began - shapes[call.shape].began).total_seconds(),
            call.shape,
            number_of(call.caller),
            account,
            account_number(account),
            *call.between,
            VERSIONS[(call.began.year * 12 + call.began.month) // 4 % len(VERSIONS)],
            int(rng.random() < 0.01),
            int(number >= len(calls) - GOING),
        ]


NOTES = ("call_sid", "first_id", "current", "at", "who", "body")
MARKS = ("call_sid", "corrected", "reason", "assigned_to", "follow_up", "seen", "at", "who")


def notes_and_marks(calls: Sequence[Placed], rng: Random) -> tuple[list[Row], list[Row]]:
    """Make what staff do with some calls."""
    notes: list[Row] = []
    marks: list[Row] = []
    for call in calls:
        chance = rng.random()
        if chance < 0.03:
            words = rng.choice(_NOTES).format(
                month=rng.choice(_MONTHS), name=rng.choice(_NAMES), number=rng.randrange(10**5)
            )
            notes.append([call.sid, None, 1, _text(call.began), "lea", words])
        if chance < 0.01:
            marks.append([call.sid, None, "", None, int(chance < 0.002), 0, _text(call.began), "lea"])
    return notes, marks


def paths_rows(paths: Sequence[str]) -> list[Row]:
    """Make the rows of `paths`."""
    return [[number, path_key(steps), steps] for number, steps in enumerate(paths, 1)]


def account_rows() -> Iterator[Row]:
    """Make the rows of `accounts`."""
    for account in range(1, ACCOUNTS + 1):
        yield [account, account_number(account), f"Customer {account}", "monthly", 1, 1, 0]


ACCOUNT_COLUMNS = ("id", "account_number", "name", "plan", "seats", "auto_renew", "cancels_at_trial_end")


def _text(at: datetime) -> str:
    return at.isoformat(" ", "microseconds")

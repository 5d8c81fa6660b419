"""Shapes of calls: some thousand invented ones, walked through the line's own flows, with their rows as stored."""

import math
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ivr.accounts import Account, Plan
from ivr.bootstrap import Answerline, build
from ivr.call import Call
from ivr.config import Settings
from ivr.db.console.samples.callers import Caller
from ivr.db.console.samples.walk import Sample, walk
from ivr.db.console.samples.world import Moment, World
from ivr.db.console.samples.write import write
from ivr.db.database import writing
from ivr.db.migrate import upgrade
from ivr.db.models.accounts import AccountRow

# Stand-ins, which every call that is written puts its own in the place of.
CALLER, ACCOUNT_ID, ACCOUNT = "+12025550143", 123454321, "98765432"
WITHHELD = "+266696687"
BY_CALL = {"turns": "number", "pin_tries": "id", "voicemails": "id", "texts": "id", "account_changes": "id"}
TABLES = ("calls", "call_facts", *BY_CALL)
_TURNS_AIM = 10.0


@dataclass(frozen=True)
class Shape:
    """A call as stored: rows by table, as SQLite has them. began: naive UTC."""

    sid: str
    began: datetime
    rows: dict[str, list[dict[str, Any]]]
    weight: float

    @property
    def turns(self) -> int:
        """How many waits it had."""
        return len(self.rows["turns"])


def build_line(url: str, folder: Path) -> Answerline:
    """Put a line together that nobody calls."""
    return build(
        Settings(
            database_url=url,
            public_base_url="https://line.example.com",
            twilio_account_sid="AC" + "0" * 32,
            twilio_auth_token="0" * 32,
            secret_key="x",  # noqa: S106 invented
            pin_pepper="x",
            instance_dir=folder,
            prompt_mode="say",
        )
    )


def shapes(count: int, seed: int = 1) -> tuple[list[Shape], list[str]]:
    """Walk so many calls, and weigh them so that they have ten turns on average; return them, and the paths' steps."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/shapes.db"
        upgrade(url)
        line = build_line(url, Path(folder))
        rng = Random(seed)
        at = datetime(2027, 1, 11, 15, tzinfo=UTC)
        samples = [_sample(line, rng, at + timedelta(hours=number)) for number in range(count)]
        for number, made in enumerate(made for sample in samples for made in sample.left.changes):
            made.change = replace(made.change, code=f"{number:06d}")  # all are of one account
        with writing(line.database) as session:
            session.add(AccountRow(id=ACCOUNT_ID, account_number=ACCOUNT, name="Stand-in", plan=Plan.TRIAL))
            session.flush()
            write(session.connection(), samples, "")
        line.database.dispose()
        return _read(Path(folder) / "shapes.db")


def _sample(line: Answerline, rng: Random, at: datetime) -> Sample:
    account = _account(rng, at.date())
    known = rng.random() < 0.8
    world = World([account] if known else [], Moment(at, ZoneInfo("UTC")), rng)
    caller = Caller(rng, ACCOUNT, account.plan if known else None)
    number = WITHHELD if rng.random() < 0.03 else CALLER
    return walk(line.conversation, world, caller, Call(f"CA{rng.getrandbits(128):032x}", number, "+18005550100"))


def _account(rng: Random, today: date) -> Account:
    plan = rng.choice((Plan.TRIAL, Plan.TRIAL, Plan.MONTHLY, Plan.ANNUAL))
    last_day, over = today + timedelta(days=rng.randrange(-5, 40)), rng.random() < 0.1
    trial = plan is Plan.TRIAL
    return Account(
        id=str(ACCOUNT_ID),
        number=ACCOUNT,
        name="Stand-in",
        plan=plan,
        trial_ends_on=last_day if trial else None,
        paid_through=None if trial else last_day,
        auto_renew=not trial and not over,
        cancels_at_trial_end=trial and over,
        phone=CALLER if rng.random() < 0.6 else "",
    )


def _read(path: Path) -> tuple[list[Shape], list[str]]:
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        rows: dict[str, dict[str, list[dict[str, Any]]]] = {"calls": {}, "call_facts": {}}
        for table in ("calls", "call_facts"):
            rows[table] = {row["sid"]: [dict(row)] for row in database.execute(f"SELECT * FROM {table}")}  # noqa: S608
        for table, order in BY_CALL.items():
            found = database.execute(f"SELECT * FROM {table} ORDER BY call_sid, {order}")  # noqa: S608 our own names
            by_call = groupby(map(dict, found), key=lambda row: row["call_sid"])
            rows[table] = {sid: list(of_call) for sid, of_call in by_call}
        paths = [steps for (steps,) in database.execute("SELECT steps FROM paths ORDER BY id")]
    sids = list(rows["calls"])
    weights = _weights([len(rows["turns"][sid]) for sid in sids])
    found = [
        Shape(
            sid,
            datetime.fromisoformat(rows["calls"][sid][0]["started_at"]),
            {table: rows[table].get(sid, []) for table in TABLES},
            weight,
        )
        for sid, weight in zip(sids, weights, strict=True)
    ]
    return found, paths


def _weights(turns: Sequence[int]) -> list[float]:
    """Favour long calls, or short ones, until they have as many turns as we aim at, on average."""
    low, high = -1.0, 1.0
    weights: list[float] = []
    for _ in range(40):
        tilt = (low + high) / 2
        weights = [math.exp(tilt * count) for count in turns]
        mean = sum(w * count for w, count in zip(weights, turns, strict=True)) / sum(weights)
        low, high = (tilt, high) if mean < _TURNS_AIM else (low, tilt)
    return weights

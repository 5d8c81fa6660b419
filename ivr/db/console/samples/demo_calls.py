"""Invented calls of the last two weeks, so that the console of a demonstration has something to show."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ivr.accounts import Account, Plan
from ivr.call import Call
from ivr.conversation import Conversation
from ivr.db.console.samples.callers import Caller
from ivr.db.console.samples.rhythm import moments
from ivr.db.console.samples.walk import Sample, walk
from ivr.db.console.samples.world import Moment, World
from ivr.db.console.samples.write import write
from ivr.db.database import lock, reading, writing
from ivr.db.demo import demo_table
from ivr.db.models.accounts import AccountRow
from ivr.db.models.calls import CallRow

DAYS, CALLS = 14, 300
_SEED = 6
_CALLED = "+18005550100"
_WITHHELD = "+266696687"
# Demo accounts keep to what a day allows them, texts for one: whoever tries the line as one of them finds it unused.
_LEFT_ALONE = timedelta(hours=25)
_SETTLED = timedelta(minutes=90)  # every call is over by then
_FIRST, _LAST = "Ada Bo Cam Dee Eve Finn Gil Hal Ida Jo Kit Lee".split(), "Marsh Reeve".split()
_CUSTOMERS = tuple(f"{first} {last}" for last in _LAST for first in _FIRST)


def load_demo_calls(engine: Engine, line: Conversation, now: datetime, zone: ZoneInfo, version: str) -> int:
    """Write invented calls into a log that is empty; return how many. version: of the flows.

    Who changes something in them is a customer without a PIN, added with them: no demo account is touched.
    """
    with reading(engine) as session:
        if _any_call(session):
            return 0
    with writing(engine) as session:
        customers = _customers(session, now)
    with reading(engine) as session:
        numbers = [row.number for row in demo_table()]
        demo = [_account(row) for row in _rows(session, numbers)]
    world = World([*demo, *customers], Moment(now, zone), Random(_SEED))
    samples = _samples(line, world, demo, customers, now)
    with writing(engine) as session:
        lock(session, "demo")
        if _any_call(session):
            return 0
        write(session.connection(), samples, version)
        for row in _rows(session, [account.number for account in customers]):
            _keep(row, world.get_now(str(row.id)))
    return len(samples)


def _samples(
    line: Conversation, world: World, demo: Sequence[Account], customers: Sequence[Account], now: datetime
) -> list[Sample]:
    rng, samples = world.rng, list[Sample]()
    for at in moments(rng, CALLS, now - timedelta(days=DAYS), now - _SETTLED, world.clock.zone):
        chance = rng.random()
        careful = chance < 0.35 and at < now - _LEFT_ALONE
        account = rng.choice(demo if careful else customers)
        caller = Caller(rng, account.number, account.plan, careful)
        number = account.phone if chance < 0.75 else _stranger(rng)
        world.clock.time = at
        call = Call(f"CA{rng.getrandbits(128):032x}", number, _CALLED, simulated=True)
        samples.append(walk(line, world, caller, call))
    return samples


def _stranger(rng: Random) -> str:
    return _WITHHELD if rng.random() < 0.1 else f"+1{rng.choice((206, 303, 512, 718))}55501{rng.randrange(20, 60)}"


def _any_call(session: Session) -> bool:
    return session.scalar(select(CallRow.sid).limit(1)) is not None


def _rows(session: Session, numbers: Sequence[str]) -> list[AccountRow]:
    query = select(AccountRow).where(AccountRow.account_number.in_(numbers)).order_by(AccountRow.id)
    return list(session.scalars(query))


def _customers(session: Session, now: datetime) -> list[Account]:
    """Add the customers, unless they are there. Without a PIN, nobody can be one of them."""
    lock(session, "demo")
    numbers = [f"7100{1001 + place}" for place in range(len(_CUSTOMERS))]
    if not _rows(session, numbers):
        for place, (number, name) in enumerate(zip(numbers, _CUSTOMERS, strict=True)):
            plan = (Plan.TRIAL, Plan.TRIAL, Plan.MONTHLY, Plan.ANNUAL)[place % 4]
            last_day = (now + timedelta(days=1 + 3 * place)).date()
            on_trial = plan is Plan.TRIAL
            session.add(
                AccountRow(
                    account_number=number,
                    name=name,
                    email=f"{name.lower().replace(' ', '.')}@example.com",
                    phone=f"+1{(415, 212, 312, 617)[place % 4]}55501{60 + place}",
                    plan=plan,
                    trial_ends_on=last_day if on_trial else None,
                    paid_through=None if on_trial else last_day,
                    auto_renew=not on_trial,
                )
            )
        session.flush()
    return [_account(row) for row in _rows(session, numbers)]


def _account(row: AccountRow) -> Account:
    names = ("name", "plan", "seats", "trial_ends_on", "paid_through", "auto_renew", "cancels_at_trial_end")
    known = {name: getattr(row, name) for name in names}
    return Account(id=str(row.id), number=row.account_number, phone=row.phone or "", **known)


def _keep(row: AccountRow, account: Account) -> None:
    row.auto_renew, row.cancels_at_trial_end = account.auto_renew, account.cancels_at_trial_end

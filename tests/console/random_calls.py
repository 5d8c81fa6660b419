"""Calls at random, placed through the real line: seeded, so that each run makes the same ones."""

from random import Random

from sqlalchemy import update

from ivr.db.console.facts import FACTS
from ivr.db.demo import demo_table
from ivr.db.models.calls import CallRow
from ivr.simulator.plans import Person

CALLERS = [*(f"+1415555{number:04}" for number in range(300, 380)), "anonymous", "+266696687"]
MOST_ACTS = 14


def place_calls(phone, clock, count, seed):
    """Place calls with random keys, an hour or so apart, and some of them right after another of the same caller."""
    random = Random(seed)
    known = [row for row in demo_table() if row.pin]
    for _ in range(count):
        clock.passes(minutes=random.choice([1, 7, 45, 90, 240]))
        reaches = random.choice([Person(script="1"), "declines", "busy", "no-answer"])
        call = phone.dial(
            from_=random.choice(CALLERS),
            people={"*": reaches},
            interrupts=random.random() < 0.4,
            hang_up_during=random.choice(["", "queue", "ringing"]),
        )
        _ramble(call, clock, random, random.choice(known))


def _ramble(call, clock, random, account):
    acts = random.choice([0, 1, 2, 3, 6, 9, MOST_ACTS])
    proved = [account.number, account.pin, "2#", "2#"]
    plan = random.choice([[], [], ["3", "1", *proved], ["4", "1", *proved]])
    for number in range(acts):
        if call.ended or (any("hold" in heard for heard in call.heard) and random.random() < 0.5):
            break
        clock.passes(seconds=random.randint(1, 20), milliseconds=random.choice([0, 100, 300]))
        if number < len(plan):
            call.press(plan[number])
        elif random.random() < 0.15:
            call.wait()
        else:
            call.press(random.choice(["0", "9", "*", "1", "1", "2", "3", "4", "5", "7", "1#", account.number, "#"]))
    if not call.ended:
        clock.passes(seconds=random.randint(1, 9))
        call.hang_up()


def leave_simulated(engine, every):
    """Make real calls of them, as if somebody had dialled, but for every so-manieth."""
    with engine.begin() as connection:
        sids = connection.execute(FACTS.select().order_by(FACTS.c.started_at, FACTS.c.sid)).scalars().all()
        real = [sid for number, sid in enumerate(sids) if number % every]
        connection.execute(update(FACTS).where(FACTS.c.sid.in_(real)).values(simulated=False))
        connection.execute(update(CallRow.__table__).where(CallRow.sid.in_(real)).values(simulated=False))

"""Those who guess at PINs: each a generator that yields for how long it waits. They know the limits and use them up."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, count, cycle

from besieged import IN, WRONG

MINUTES_30, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)
LADDER = ((3, timedelta()), (2, MINUTES_30), (1, HOUR), (1, 4 * HOUR), (1, DAY))  # as fast as an account allows
FIVE_A_DAY = ((3, timedelta()), (2, DAY))
TIRED = 24  # guesses after which only now and then is it tried whether the account is still closed
NOW_AND_THEN = timedelta(days=120)
AT_ONCE = 8
COMMONEST = (
    "123456 111111 123123 654321 666666 121212 000000 159753 112233 123321 "
    "777777 101010 222222 555555 999999 789456 131313 987654 147258 696969"
).split()
strangers = (f"+1212{n:07d}" for n in count(2_000_000))


@dataclass
class Victim:
    """An account, its owner's telephone, and what is tried at it. guesses: the PIN is among them."""

    id: str
    number: str
    pin: str
    phone: str
    guesses: list
    made: int = 0
    opened: bool = False
    owner_got_in: list = field(default_factory=list)

    def guess(self):
        self.made += 1
        return self.guesses[(self.made - 1) % len(self.guesses)]


def guess(line, victim, caller, times):
    """Guess so often in one call, or until it is over."""
    if victim.opened:
        return
    call = line.call(caller)
    for _ in range(times):
        if not call.at.startswith("/voice/verify/"):
            return
        told = call.tries(victim.number, victim.guess())
        victim.opened |= told == IN
        if told != WRONG:
            return


def at_pace(line, victim, pace, callers):
    """Guess at one account at a pace, and when it must be closed for good, now and then."""
    for (times, pause), caller in zip(cycle(pace), callers, strict=False):
        if victim.opened:
            return
        tired = victim.made >= TIRED
        guess(line, victim, caller, 1 if tired else times)
        yield NOW_AND_THEN if tired else pause


def rotating_numbers(line, victim):
    return at_pace(line, victim, LADDER, strangers)


def withheld_number(line, victim):
    return at_pace(line, victim, FIVE_A_DAY, cycle(["anonymous", "+266696687", ""]))


common_pins = rotating_numbers


def one_number(line, victims):
    """Sweep the accounts, three guesses each, from one number: as many a day as it may get wrong, and one more call."""
    for n, victim in enumerate(chain.from_iterable(cycle([victims]))):
        guess(line, victim, "+12125550100", 3)
        if n % 60 == 1:
            guess(line, victim, "+12125550100", 1)  # the seventh
        if n % 2:
            yield DAY + timedelta(seconds=1)


def patiently(line, victim):
    """Stop one short of what closes the account for good, wait until such tries are forgotten, and begin anew."""
    while not victim.opened:
        for times in (3, 2, 3, 2, 3, 2, 3, 1) if victim.made < 3 * TIRED else (1,):
            guess(line, victim, next(strangers), times)
            yield DAY / 2
        yield timedelta(days=36)


def owners_number(line, victim):
    """Show the owner's number, and hope that their own calls clear what was wrong."""
    while not victim.opened:
        for times in (3, 2) if victim.made < 3 * TIRED else (1,):
            guess(line, victim, victim.phone, times)
        yield timedelta(days=10)


def owner(line, victim):
    """Call with the right PIN, again and again."""
    while True:
        yield timedelta(days=15)
        victim.owner_got_in.append(line.call(victim.phone).tries(victim.number, victim.pin) == IN)


def until_released(line, victim):
    """Close the account for good, month after month."""
    while not victim.opened:
        for times in (3, 2) * 4:
            guess(line, victim, next(strangers), times)
            yield DAY
        yield timedelta(days=26 - 4)


def staff(line, victim, releases):
    """Open the account's PIN again, so often."""
    for _ in range(releases):
        yield timedelta(days=28)
        line.nodes[0].pins.unlock(victim.id)


def all_at_once(line, victim):
    """Key the PIN in many calls in the same moment, so that some may slip past the count."""
    for _, pause in LADDER * 3:
        calls = [line.call(next(strangers)) for _ in range(AT_ONCE)]
        for call in calls:
            call.press(victim.number)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = list(pool.map(lambda call: call.tries("", victim.guess()), calls))
        victim.opened |= IN in told
        for call in calls:
            if not call.at.startswith("/voice/support/"):
                call.hangs_up()
        if victim.opened:
            return
        yield pause


def replayed(line, victim):
    """Post webhooks again with another PIN, out of their order, and for questions that were not asked."""
    while not victim.opened and victim.made < 4 * TIRED:
        call = line.call(next(strangers))
        call.press(victim.number)
        at = call.at
        for _ in range(3):
            guess_at(call, victim, at)
        later = re.search(r"turn=(\d+)", call.at)[1]
        guess_at(call, victim, f"/voice/verify/pin?turn={later}")
        guess_at(call, victim, at)
        guess_at(call, victim, f"/voice/verify/pin?turn={int(later) + 7}")
        call.hangs_up()
        yield DAY / 4


def guess_at(call, victim, path):
    if victim.opened:
        return
    call.heard = call.line.post(path, {**call.form, "Digits": victim.guess()})
    victim.opened |= call.learns() == IN

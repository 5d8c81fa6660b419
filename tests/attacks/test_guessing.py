"""Nobody gets in by guessing: a year of every sort of guesser, and 20 guesses are all that anybody has at an account.

To see doors open at all, most guessers know all digits of a PIN but two or three. How many doors open then says whether
the count of guesses is right; for six unknown digits the chance is that count by a million.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from random import Random

import guessers
import pytest
from databases import LightHasher
from guessers import Victim
from sqlalchemy import insert
from tables import show

from ivr.accounts import Plan
from ivr.db.models.accounts import AccountRow
from ivr.db.pins import IN_TOTAL, UNTIL_UNLOCKED
from ivr.pin_hash import random_pin

DAYS = (55, 365)  # of a sample, and of all
RELEASES = 12


@dataclass
class Attack:
    """A sort of guesser. accounts: how many each of them has, in a sample and in all. unknown: digits to be guessed."""

    name: str
    guesser: str
    accounts: tuple[int, int]
    unknown: int = 2
    releases: int = 0
    victims: tuple = ()

    @property
    def most(self):
        """How many guesses at one account may be compared in a year."""
        return IN_TOTAL * (1 + self.releases)

    @property
    def expected(self):
        """How many doors open at most, on average."""
        return len(self.victims) * min(1, self.most / 10**self.unknown) if self.unknown else 0


def attacks():
    return [
        Attack("sweep from one number", "one_number", (0, 600)),
        Attack("another number each call", "rotating_numbers", (1, 120)),
        Attack("withheld number", "withheld_number", (0, 115)),
        Attack("the 20 commonest PINs", "common_pins", (0, 90), unknown=0),
        Attack("webhooks replayed, reordered", "replayed", (1, 40)),
        Attack(f"{guessers.AT_ONCE} calls at once", "all_at_once", (0, 10)),
        Attack("slow sweep, 19 at a time", "patiently", (1, 10), unknown=3),
        Attack("the owner's number, owner calls", "owners_number", (1, 8), unknown=3),
        Attack(f"staff release it {RELEASES} times", "until_released", (0, 7), unknown=3, releases=RELEASES),
    ]


def settle(line, attack, number, first):
    """Open accounts that only this attack is for."""
    dice, hasher = Random(first), LightHasher("a pepper for tests")
    rows, victims = [], []
    for n in range(first, first + number):
        pin, phone = random_pin(), f"+1646{n:07d}"
        guesses = [f"{pin[: 6 - attack.unknown]}{tail:0{attack.unknown}d}" for tail in range(10**attack.unknown)]
        dice.shuffle(guesses)
        victim = Victim("", f"7{n:07d}", pin, phone, guesses if attack.unknown else guessers.COMMONEST)
        rows.append(
            {"account_number": victim.number, "pin_hash": hasher.hash(victim.number, pin), "phone": phone}
            | {"name": "", "plan": Plan.ANNUAL, "paid_through": line.clock.today() + timedelta(days=500)}
        )
        victims.append(victim)
    with line.engine.begin() as connection:
        ids = connection.execute(insert(AccountRow).returning(AccountRow.id, sort_by_parameter_order=True), rows)
        for victim, (row_id,) in zip(victims, ids, strict=True):
            victim.id = str(row_id)
    attack.victims = victims


def begin(line, attack, dice):
    """Let guessers come, each at a time of their own, and owners and staff where they have a part in it."""
    guesser = getattr(guessers, attack.guesser)
    if attack.guesser == "one_number":
        line.joined_by(guesser(line, attack.victims))
        return
    for victim in attack.victims:
        line.joined_by(guesser(line, victim), timedelta(minutes=dice.randrange(7 * 24 * 60)))
        if attack.guesser == "owners_number":
            line.joined_by(guessers.owner(line, victim))
        if attack.releases:
            line.joined_by(guessers.staff(line, victim, attack.releases))


def a_year(line, size):
    """Let attacks go on for a year. size: 0 for a sample, 1 for all."""
    known, dice, first = [attack for attack in attacks() if attack.accounts[size]], Random(8), 0
    for attack in known:
        settle(line, attack, attack.accounts[size], first)
        first += attack.accounts[size]
        begin(line, attack, dice)
    line.joined_by(line.housekeeping())
    line.lives(DAYS[size])
    return known


def chance(guesses):
    """Return the chance that so many guesses open an account, of a million PINs."""
    return f"{100 * guesses / 10**6:.4f} %"


def compared(line, victim):
    """Return how many guesses at an account were compared with its PIN; the right one is the last."""
    return line.compared[victim.id] + victim.opened


def row(line, attack):
    counts = [compared(line, victim) for victim in attack.victims]
    made = sum(victim.made for victim in attack.victims)
    opened = sum(victim.opened for victim in attack.victims)
    doors = f"{opened} of {attack.expected:.1f}" if attack.unknown else f"{opened} of 0.0"
    numbers = [len(attack.victims), made, sum(counts), max(counts), attack.unknown or 6, doors]
    return [attack.name, *numbers, chance(max(counts)), chance(attack.most)]


@pytest.mark.parametrize("size", [pytest.param(0, id="sample"), pytest.param(1, id="all", marks=pytest.mark.attack)])
def test_a_year_of_guessing_stays_within_the_bound(line, size):
    known = a_year(line, size)
    heads = ["attack", "accounts", "guesses", "compared", "most at one", "unknown digits", "opened, of at most"]
    if size:
        title = f"1. Guessing: {sum(len(attack.victims) for attack in known)} accounts, a year, {line.posted} webhooks"
        show(title, [*heads, "chance an account", "bound"], [row(line, attack) for attack in known])
    for attack in known:
        assert max(compared(line, victim) for victim in attack.victims) <= attack.most, attack.name
        opened = sum(victim.opened for victim in attack.victims)
        assert opened <= attack.expected + 4 * sqrt(attack.expected) + 1, attack.name
        for victim in attack.victims:  # what has had its 20 is closed until staff open it
            if line.compared[victim.id] == IN_TOTAL:
                assert line.nodes[0].pins.locked_until(victim.id, line.clock.now()) == UNTIL_UNLOCKED

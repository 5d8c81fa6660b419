"""An attacker who knows the account number, or shows the owner's own, closes a PIN for a time, and nothing else."""

from dataclasses import dataclass
from datetime import timedelta

import guessers
import pytest
from besieged import IN, Besieged
from databases import add_account
from guessers import DAY, HOUR, LADDER, Victim
from tables import show

from ivr.pin_hash import PinHasher

PIN, BAD = "204816", "931507"
OWN, ANOTHER, WITHHELD = "own number", "another", "withheld"
NOBODY = Victim("", "79999999", "", "", [BAD])


@dataclass
class Owner:
    """Somebody with an account, and the numbers that they can call from."""

    line: Besieged
    account: Victim

    @property
    def numbers(self):
        return {OWN: self.account.phone, ANOTHER: self.account.phone[:-1] + "9", WITHHELD: "anonymous"}

    def hears_answers(self, caller):
        call = self.line.call(caller, topic="5")
        call.hangs_up()
        return "Type your new password twice" in call.heard

    def reaches_a_person(self, caller):
        call = self.line.call(caller, topic="0")
        if call.at.startswith("/voice/callback/promised"):
            call.press("2")  # to wait on the line instead
        call.hangs_up()
        return call.at.startswith(("/voice/support/ring", "/voice/support/hold"))

    def gets_in(self, caller):
        call = self.line.call(caller)
        told = call.tries(self.account.number, PIN)
        call.hangs_up()
        return told == IN


def guesses(line, victim, times, caller=""):
    for _ in range(times):
        guessers.guess(line, victim, caller or next(guessers.strangers), 1)


def five(line, victim):
    guesses(line, victim, 5)


def eight(line, victim):
    for times, pause in LADDER:
        guesses(line, victim, times)
        line.clock.time += pause if pause < DAY else timedelta()


def twenty(line, victim):
    for _ in range(5):
        guesses(line, victim, 4)
        line.clock.time += 2 * DAY


def six_as_the_owner(line, victim):
    guesses(line, NOBODY, 6, victim.phone)


def callback_as_the_owner(line, victim):
    call = line.call(victim.phone, topic="0")
    while call.at.startswith("/voice/support/ring"):
        call.heard = line.post(call.at, {**call.form, "DialCallStatus": "failed"})
    call.press("3")
    call.press("1")
    assert call.at.startswith("/voice/callback/booked")
    call.hangs_up()


# How long the owner's own number is closed to PINs (None: until staff release the account), and which are open at once.
ATTACKS = {
    "5 wrong PINs at the account in a day": (five, HOUR / 2, set()),
    "8 of them, one at each opening": (eight, DAY, set()),
    "20 of them in a year": (twenty, None, set()),
    "6 wrong PINs anywhere, as the owner's number": (six_as_the_owner, DAY, {ANOTHER, WITHHELD}),
    "a callback, as the owner's number": (callback_as_the_owner, timedelta(), {OWN, ANOTHER, WITHHELD}),
}


@pytest.fixture
def owners(line, settings):
    hasher = PinHasher(settings.pin_pepper)
    victims = [Victim("", f"7000001{n}", PIN, f"+164655501{n}1", [BAD]) for n in range(len(ATTACKS))]
    for victim in victims:
        victim.id = add_account(line.engine, hasher, victim.number, PIN, phone=victim.phone)
    return [Owner(line, victim) for victim in victims]


def row(line, owner, attack):
    """Let an owner call after an attack, and when it is over; returns what they found."""
    deed, closed_for, open_at_once = ATTACKS[attack]
    deed(line, owner.account)
    numbers = owner.numbers
    assert all(owner.hears_answers(caller) for caller in numbers.values()), attack
    assert all(owner.reaches_a_person(caller) for caller in numbers.values()), attack
    assert {name for name, caller in numbers.items() if owner.gets_in(caller)} == open_at_once, attack
    if closed_for is None:
        line.clock.time += 1000 * DAY
        assert not owner.gets_in(numbers[ANOTHER])
        line.nodes[0].pins.unlock(owner.account.id)
        lasts = "until staff release it"
    else:
        line.clock.time += closed_for
        lasts = f"{closed_for / HOUR:g} h"
    assert owner.gets_in(numbers[OWN]), attack
    return [attack, "open", "open", *("open" if name in open_at_once else "closed" for name in numbers), lasts]


@pytest.mark.parametrize("shown", [False, pytest.param(True, marks=pytest.mark.attack)])
def test_answers_and_people_stay_open_and_the_owner_gets_in_again(line, owners, shown):
    rows = [row(line, owner, attack) for attack, owner in zip(ATTACKS, owners, strict=True)]
    if shown:
        heads = ["attack", "answers", "a person", *(f"PIN, {name}" for name in owners[0].numbers), "closed for"]
        show("1. Guessing: what an attacker can close, and for how long", heads, rows)

import time
from statistics import median

import pytest

from ivr.pin_hash import PinHasher, random_pin, weak_pin


@pytest.fixture(scope="module")
def hasher():
    return PinHasher("pepper")


@pytest.fixture(scope="module")
def stored(hasher):
    return hasher.hash("70000011", "204816")


def test_the_right_pin_matches(hasher, stored):
    assert hasher.verify(stored, "70000011", "204816")


def test_another_pin_account_or_pepper_does_not(hasher, stored):
    assert not hasher.verify(stored, "70000011", "204817")
    assert not hasher.verify(stored, "70000012", "204816")
    assert not PinHasher("salt").verify(stored, "70000011", "204816")


@pytest.mark.parametrize("pin_hash", ["", "nonsense", "$argon2id$v=19$m=19456,t=2,p=1$short", "$2b$12$x"])
def test_a_hash_that_cannot_be_read_matches_nothing(hasher, pin_hash):
    assert not hasher.verify(pin_hash, "70000011", "204816")


def test_no_hash_matches_nothing(hasher):
    assert not hasher.verify(None, "00000000", "")


def test_it_is_argon2id_and_says_nothing_of_the_pin(stored):
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "204816" not in stored


def test_two_hashes_of_one_pin_differ(hasher, stored):
    assert hasher.hash("70000011", "204816") != stored


def test_nobody_takes_as_long_as_somebody(hasher, stored):
    def took(pin_hash):
        start = time.process_time()
        hasher.verify(pin_hash, "70000011", "931507")
        return time.process_time() - start

    pairs = [(took(stored), took(None)) for _ in range(9)]
    assert median(nobody / somebody for somebody, nobody in pairs) == pytest.approx(1, abs=0.4)


@pytest.mark.parametrize(
    "pin",
    "000000 999999 123456 654321 012345 987654 890123 121212 123123 123321 112233 111222 159753 147258 102030".split(),
)
def test_the_commonest_pins_are_weak(pin):
    assert weak_pin(pin)


@pytest.mark.parametrize("pin", "204816 931507 731940 460927 708213".split())
def test_others_are_not(pin):
    assert not weak_pin(pin)


def test_random_pins_are_six_digits_and_not_weak():
    pins = {random_pin() for _ in range(200)}
    assert len(pins) > 190
    assert all(len(pin) == 6 and pin.isdecimal() and not weak_pin(pin) for pin in pins)

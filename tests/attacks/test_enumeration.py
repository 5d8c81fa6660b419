"""Nobody learns by telephone whether an account exists, is locked, or has run out: not by words, steps, work or time.

Times are taken with the least time of an answer (250 ms) and the real cost of a PIN's hash. The pause that makes up
that time is not slept but added: the carrier's and the network's noise, which would only hide something, is left out.
"""

import re
from dataclasses import replace
from hashlib import sha256
from random import Random
from statistics import median
from time import perf_counter

import pytest
from besieged import Besieged
from classes import BAD, CONTROL, EXPIRED, LOCKED, REFERENCE, UNKNOWN, furnish, stranger
from databases import LightHasher
from sqlalchemy import event
from tables import show
from timings import medians_apart, told_apart

from ivr.pin_hash import PinHasher

TRIALS, AN_ACCOUNT = 1000, 4  # the fifth wrong PIN would close it
FLOOR_MS = 250
MOST_APART_S, MOST_TOLD_APART = 0.005, 0.55
OFFER = re.compile(r"offer=[0-9a-f]{32}")  # a token for the person who is rung, new in each call
TIMES = 3  # so often it is measured, where the machine cannot even tell a class from itself
PLAIN = ("{account}", "{pin}") * 3
WITH_SLIPS = (
    "7",
    "{account}",
    "",
    "*",
    "1",
    "12345",
    "{pin}",
    "*",
    "1",
    "{account}",
    "#",
    "{pin}",
    "{account}",
    "{pin}",
)
SCRIPTS = (PLAIN, WITH_SLIPS)
TIMED = (REFERENCE, CONTROL, UNKNOWN, LOCKED, EXPIRED)
HEADS = ("median ms", "apart", "told apart")


@pytest.fixture
def line(settings, clock, monkeypatch, request):
    light = request.node.get_closest_marker("attack") is None
    with Besieged(replace(settings, secret_floor_ms=FLOOR_MS), clock, monkeypatch, light=light) as besieged:
        yield besieged


@pytest.fixture
def hasher(settings, request):
    pepper = settings.pin_pepper
    return LightHasher(pepper) if request.node.get_closest_marker("attack") is None else PinHasher(pepper)


def transcript(line, number, pin, keys):
    """Return all that is sent to a caller who presses these keys, until they are connected to a person."""
    call, said = line.call(stranger(), topic="31"), []
    for pressed in keys:
        call.press(pressed.format(account=number, pin=pin))
        said.append(OFFER.sub("offer=", call.heard))
    call.hangs_up()  # or those who come later would wait for the person
    return said


# Nothing tells classes of callers apart: not words, not steps, not where the next webhook goes.
def test_every_class_hears_the_same_byte_for_byte(line, hasher, clock):
    classes = furnish(line.engine, hasher, clock, 1)
    said = {name: transcript(line, numbers[0], pin, WITH_SLIPS) for name, (numbers, pin) in classes.items()}
    assert "/voice/support/" in said[REFERENCE][-1]
    assert not any("/voice/support/" in heard for heard in said[REFERENCE][:-1])
    assert {name for name, heard in said.items() if heard != said[REFERENCE]} == set()


def shape(statement):
    """Return a statement without the values in it."""
    return re.sub(r"'(?:[^']|'')*'|\bNULL\b|\b\d+(\.\d+)?\b", "?", statement)


# The same work: what the database is told, statement by statement, and one hash for each PIN.
def test_every_class_costs_the_same_work(line, hasher, clock, monkeypatch):
    classes = furnish(line.engine, hasher, clock, 1)
    told, hashed, verify = [], [], PinHasher.verify
    for node in line.nodes:
        node.database.dispose()
        event.listen(node.database, "connect", lambda connection, _record: connection.set_trace_callback(told.append))
    monkeypatch.setattr(PinHasher, "verify", lambda *given: hashed.append(given[0]) or verify(*given))
    transcript(line, "99999999", BAD, PLAIN)  # both nodes are connected, and nothing is done for the first time
    transcript(line, "99999999", BAD, PLAIN)
    work = {}
    for name, (numbers, pin) in classes.items():
        told.clear()
        hashed.clear()
        transcript(line, numbers[0], pin, PLAIN)
        work[name] = [shape(statement) for statement in told], len(hashed)
    assert len(work[REFERENCE][0]) > 50
    assert work[REFERENCE][1] == 3
    assert {name for name, done in work.items() if done != work[REFERENCE]} == set()


def answers(line, classes, dice):
    """Ask for an account and a PIN, a thousand times for each class in turns.

    Returns, by class, the seconds that answers took: to the number and to the PIN, and to the PIN without the pause.
    """
    took = {name: ([], [], []) for name in classes}
    for n in range(0, TRIALS, 2):
        for name in dice.sample(list(classes), len(classes)):
            numbers, pin = classes[name]
            call = line.call(stranger(), topic="31")
            for _ in range(2):
                to_number, _ = timed(line, call, numbers[n // AN_ACCOUNT])
                to_pin, worked = timed(line, call, pin)
                for kept, seconds in zip(took[name], (to_number, to_pin, worked), strict=True):
                    kept.append(seconds)
    return took


def timed(line, call, keys):
    """Press keys; returns the seconds that the answer took, with the pause and without it."""
    paused, began = line.paused_s, perf_counter()
    call.press(keys)
    worked = perf_counter() - began
    return worked + line.paused_s - paused, worked


def is_quiet(took):
    """Say whether the machine is: a class cannot be told from itself."""
    return all(
        medians_apart(*pair) < MOST_APART_S and told_apart(*pair) < MOST_TOLD_APART
        for pair in zip(took[REFERENCE][:2], took[CONTROL][:2], strict=True)
    )


def timing_row(took, name):
    cells = [name]
    for reference, own in zip(took[REFERENCE], took[name], strict=True):
        apart_ms = 1000 * (median(own) - median(reference))
        cells += [f"{1000 * median(own):.2f}", f"{apart_ms:+.2f}", f"{100 * told_apart(reference, own):.1f} %"]
    return cells


@pytest.mark.attack
def test_no_class_is_told_by_the_clock(line, hasher, clock):
    everybody = furnish(line.engine, hasher, clock, TRIALS // AN_ACCOUNT)
    classes, dice = {name: everybody[name] for name in TIMED}, Random(8)
    for _ in range(TIMES):
        took = answers(line, classes, dice)
        if is_quiet(took):
            break
        clock.passes(hours=25)  # the accounts may be tried again
    heads = ["class", *(f"{answer}{head}" for answer in ("number: ", "PIN: ", "no floor: ") for head in HEADS)]
    title = f"2. Enumeration: {TRIALS} answers of each class, beside a wrong PIN"
    show(title, heads, [timing_row(took, name) for name in classes])
    for name in classes:
        for reference, own in zip(took[REFERENCE][:2], took[name][:2], strict=True):
            assert medians_apart(reference, own) < MOST_APART_S, name
            assert told_apart(reference, own) < MOST_TOLD_APART, name


@pytest.mark.attack
def test_every_class_hears_the_same_in_a_table(line, hasher, clock):
    classes = furnish(line.engine, hasher, clock, 2)
    rows = []
    for name, (numbers, pin) in classes.items():
        said = ["".join(transcript(line, number, pin, keys)) for number, keys in zip(numbers, SCRIPTS, strict=True)]
        rows.append([name, *(f"{len(heard)} bytes, {sha256(heard.encode()).hexdigest()[:12]}" for heard in said)])
    show("2. Enumeration: all that a caller is sent", ["class", "without slips", "with slips of every sort"], rows)
    assert len({tuple(row[1:]) for row in rows}) == 1

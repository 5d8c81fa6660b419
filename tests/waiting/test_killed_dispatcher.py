"""The dispatcher as a process: killed at every step, and beside another one. Nobody is lost, or served twice."""

import os
import signal
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_carrier import ACCOUNT, TOKEN, FakeCarrier
from forked import Forked
from mortal import mortal
from server import PATIENCE_S, environment
from waiting_room_of import FIRST, books, places, room_of, states, waits

from ivr.carrier.calls import TwilioCalls
from ivr.dispatch.dispatcher import Dispatcher
from ivr.dispatch.steady import SteadyClock
from ivr.waiting import LEEWAY_S, Kind

FOREVER = ("waiting", "serve", "--forever")
# Where it is killed, and whether somebody's telephone rings then.
STEPS = [
    ("before the offer is committed", False),
    ("after the offer is committed", False),
    ("before the request is sent", False),
    ("while the carrier answers", True),
    ("after the carrier has answered", True),
]


class RealClock:
    """The machine's clock, put forward by so much."""

    ahead_s = 0.0

    def now(self):
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)


@pytest.fixture
def far():
    with FakeCarrier() as carrier:
        yield carrier


@pytest.fixture
def ahead():
    return RealClock()


@pytest.fixture
def room(engine, ahead):
    return room_of(engine, ahead)


@pytest.fixture
def start(url, far, tmp_path):
    """Start a dispatcher process; it is gone after the block."""
    env = environment(
        DATABASE_URL=url,
        TWILIO_API_BASE=far.url,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=TOKEN,
        PUBLIC_BASE_URL="https://line.example.com",
        SECRET_KEY="a key",
        PIN_PEPPER="a pepper",
        PROMPT_MODE="say",
        INSTANCE_DIR=str(tmp_path / "instance"),
    )

    @contextmanager
    def started(**more):
        out = tmp_path / f"out{time.monotonic_ns()}"
        out.touch()
        process = Forked(*FOREVER, env=env | more, stdout=out, stderr=out, does=mortal)
        try:
            yield process
        finally:
            process.kill()
            process.wait(PATIENCE_S)

    return started


def rung(far):
    """Return the offers with which somebody is rung at the carrier, in order."""
    return [parse_qs(urlsplit(form["Url"]).query)["offer"][0] for form in far.forms]


DEATHS = [*((step, rings, Kind.ON_LINE) for step, rings in STEPS), ("while the carrier answers", True, Kind.CALLBACK)]
TELLING = ("after the offer is committed", "while the carrier answers")


@pytest.mark.parametrize(
    ("backend", "step", "rings", "kind"),
    [
        pytest.param(backend, *death, marks=() if backend == "sqlite" and death[0] in TELLING else pytest.mark.slow)
        for backend in ("sqlite", "postgresql")
        for death in DEATHS
    ],
    indirect=["backend"],
)
def test_killed_at_any_step_it_leaves_a_place_that_another_one_serves_once(  # noqa: PLR0917 fixtures
    room,
    start,
    far,
    engine,
    ahead,
    step,
    rings,
    kind,
):
    call = waits(room, "1") if kind is Kind.ON_LINE else books(room, "1")
    with start(MORTAL=step) as process:
        if step == "while the carrier answers":
            far.when = lambda _: os.kill(process.pid, signal.SIGKILL)
        assert process.wait(PATIENCE_S) == -signal.SIGKILL
        far.when = None
    assert len(rung(far)) == rings, "what a killed one did not send was not sent"
    old = places(engine)[0].offer

    ahead.ahead_s = 25 + LEEWAY_S + 1
    room.hold(call.sid)
    with TwilioCalls(ACCOUNT, TOKEN, far.url) as calls:
        leg, status = "https://x/?offer={}".format, lambda _: "https://x"
        again = Dispatcher(room, calls, leg, status, "https://x", SteadyClock(ahead))
        assert again.run() == 1
        assert again.run() == 0
    new = rung(far)[-1]
    assert new != old
    assert room.offered(old) is None, "who answers the old call hears that nobody waits any more"
    assert room.take(old, FIRST) is None
    assert room.take(new, FIRST)
    assert kind is Kind.ON_LINE or room.reach(new)
    room.finish(old)
    assert states(engine) == [f"{kind} talking"]
    room.finish(new)
    assert states(engine) == [f"{kind} served"]


@pytest.mark.parametrize("backend", [pytest.param("sqlite", marks=pytest.mark.slow), "postgresql"], indirect=True)
def test_two_processes_offer_each_place_once_and_in_order(room, start, far, engine):
    """Whoever is rung takes the call at once, and is done with it; each place is asked for a single time."""
    for sid in range(6):
        waits(room, str(sid), caller=f"+1415555010{sid}")
    served, until = [], time.monotonic() + PATIENCE_S
    with (
        start() as one,
        start() as other,
    ):
        while len(served) < 6 and time.monotonic() < until:
            for offer in rung(far)[len(served) :]:
                taken = room.take(offer, FIRST)
                assert taken, "two have been rung for one place"
                served.append(taken.call_sid)
                room.finish(offer)
            assert [process.poll() for process in (one, other)] == [None, None]
            time.sleep(0.02)
    assert served == [f"CA{sid}" for sid in range(6)]
    assert len(rung(far)) == 6
    assert states(engine) == ["on-line served"] * 6

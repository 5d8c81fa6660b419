"""Fixtures are actors: a line with its database, a carrier that signs its webhooks, and a telephone."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shared
from carrier import BASE, TOKEN, Carrier
from databases import FakeClock, LightHasher, ready_made, sqlite_template
from line_acts import LINE_ACTS, LineActs
from once import application, believe_in_the_disk, hash_lightly, remember_statements, wait_for_no_disk

from ivr.config import ROOT, Settings
from ivr.db.demo import load_demo
from ivr.simulator.checks import Application
from ivr.simulator.plans import Queue

pytest_plugins = ["ivr.simulator.pytest_plugin", "flow_coverage"]

# What takes long begins first, with each of the three processes that share the tests out: the browser with one, sound
# with the next, servers and deaths with the last. Something long that begins last would leave the others idle.
LONG = (
    ("browser/",),
    ("audio/",),
    ("test_serve", "test_make_dial", "test_message_commands", "test_killed", "test_nodes", "test_pins"),
)

TODAY = datetime(2027, 3, 1, 18, 0, tzinfo=UTC)


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        shared.RUN = Path(config.option.basetemp).parent


def pytest_collection_modifyitems(items):
    longs = [[item for item in items if any(part in item.nodeid for part in parts)] for parts in LONG]
    taken = {item for long in longs for item in long}
    short, share = [item for item in items if item not in taken], len(items) // len(LONG)
    items.clear()
    for long in longs:
        fill = max(0, share - len(long))
        items += long + short[:fill]
        del short[:fill]
    items += short


remember_statements()
wait_for_no_disk()
believe_in_the_disk()
hash_lightly()


@pytest.fixture
def clock():
    return FakeClock(TODAY)


@pytest.fixture(scope="session")
def empty_database():
    return sqlite_template()


@pytest.fixture
def settings(tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path / "line.db")
    shutil.copy(ROOT / "ivr" / "departments.toml", tmp_path)
    return Settings(
        database_url=f"sqlite:///{tmp_path}/line.db",
        public_base_url=BASE,
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token=TOKEN,
        secret_key="a key for tests",
        pin_pepper="a pepper for tests",
        secret_floor_ms=0,
        prompt_mode="say",
        departments_file=tmp_path / "departments.toml",
        instance_dir=tmp_path,
        caller_id="+18005550100",
    )


@pytest.fixture
def app(settings, clock, note_edges):
    app = application(settings, clock)
    note_edges(app, "dialogues")
    engine = app.extensions["answerline"].database
    yield app
    engine.dispose()


@pytest.fixture
def carrier(app):
    return Carrier(app)


@pytest.fixture(scope="session")
def demo_database(empty_database):
    """A database with the demo accounts, as of the first instant of every test's clock."""

    def make(path):
        shutil.copy(empty_database, path)
        with ready_made(path) as engine:
            load_demo(engine, LightHasher("a pepper for tests"), FakeClock(TODAY))

    return shared.shared("demo.db", make)


@pytest.fixture
def demo(app, demo_database, tmp_path):
    """The line's parts, with the demo accounts in its database."""
    shutil.copy(demo_database, tmp_path / "line.db")
    return app.extensions["answerline"]


@pytest.fixture
def call_application(app, demo):  # noqa: ARG001 the accounts are there
    """What `phone.dial()` and the `.call` files reach: the line, without a network."""
    return Application(
        app,
        voice="/voice",
        fallback="/voice/fallback",
        status_callback="/voice/status",
        base_url=BASE,
        auth_token=TOKEN,
        account_sid="AC" + "0" * 32,
        from_="+14155550199",
        queues={"*": Queue()},  # nobody comes but whom the line itself rings
    )


@pytest.fixture
def call_acts(demo, clock):
    """What `.call` files of this line can do besides: demo accounts call, and calls and accounts are looked at."""
    acts = LineActs(demo, clock)
    return {name: getattr(acts, name) for name in LINE_ACTS}

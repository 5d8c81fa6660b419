"""Fixtures are actors: a line with its database, a carrier that signs its webhooks, and a telephone."""

import json
import shutil
from datetime import UTC, datetime

import pytest
from carrier import BASE, TOKEN, Carrier
from databases import FakeClock

from ivr.config import ROOT, Settings
from ivr.db.database import open_database
from ivr.db.demo import demo_table, load_demo
from ivr.db.history import list_texts, list_voicemails, show_call
from ivr.db.migrate import upgrade
from ivr.pin_hash import PinHasher
from ivr.simulator.checks import Application
from ivr.text import StopSource
from ivr.web import create_app

pytest_plugins = ["ivr.simulator.pytest_plugin", "flow_coverage"]

TODAY = datetime(2027, 3, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    return FakeClock(TODAY)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


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
    app = create_app(settings, clock)
    note_edges(app, "dialogues")
    engine = app.extensions["answerline"].engine
    yield app
    engine.dispose()


@pytest.fixture
def carrier(app):
    return Carrier(app)


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory, empty_database):
    """A database with the demo accounts, as of the first instant of every test's clock."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    shutil.copy(empty_database, path)
    engine = open_database(f"sqlite:///{path}")
    load_demo(engine, PinHasher("a pepper for tests"), FakeClock(TODAY))
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
    return path


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
    )


@pytest.fixture
def call_acts(demo):
    """What `.call` files of this line can do besides: demo accounts call, and calls and accounts are looked at."""

    def caller(performance, rest):
        performance.dial({account.number: account.phone for account in demo_table()}.get(rest, rest))

    def ends(performance, disposition):
        performance.call.ends()
        logged = show_call(demo.engine, performance.call.call_sid)["disposition"]
        assert disposition in {"", logged}, f"the call is logged as {logged}"

    def account(_performance, rest):
        number, _, expected = rest.partition(" ")
        name, _, value = expected.partition("=")
        actual = getattr(demo.accounts.find(number), name)
        assert json.loads(value) == actual, f"{name} of account {number} is {actual}"

    def closed(_performance, department):
        """Close a department until Sunday, in the file of a line that is running; tests begin on a Monday."""
        before, head, after = demo.settings.departments_file.read_text().partition(f"[{department}]")
        demo.settings.departments_file.write_text(before + head + after.replace('"always"', '["Sun 09:00-17:00"]', 1))

    def message(performance, rest):
        """Look at the newest message of this call: `none`, or its state, department and topic."""
        kept = list_voicemails(demo.engine, discarded=True)
        mine = [m for m in kept if m["call_sid"] == performance.call.call_sid]
        newest = " ".join([mine[0]["state"], mine[0]["department"], mine[0]["topic"]]) if mine else "none"
        assert newest == rest, f"the newest message is {newest}"

    def texts(_performance, rest):
        """Look at the newest text: `none`, or its number and words of it, `+14155550111: words ... words`."""
        written = list_texts(demo.engine)
        newest = f"{written[0]['to']}: {written[0]['body']}" if written else "none"
        number, _, said = rest.partition(": ")
        assert newest.startswith(number), f"the newest of {len(written)} texts is {newest}"
        left = newest
        for words in filter(None, said.split(" ... ")):
            assert words in left, f"the newest of {len(written)} texts is {newest}"
            left = left.partition(words)[2]

    def stops(_performance, number):
        demo.desk.outbox.stop(number, StopSource.REPLY)

    return {
        "caller": caller,
        "ends": ends,
        "account": account,
        "closed": closed,
        "message": message,
        "texts": texts,
        "stops": stops,
    }

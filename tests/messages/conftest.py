import pytest
from databases import ann, backend, clock, engine, hasher, url
from fake_carrier import ACCOUNT, TOKEN, FakeCarrier

from ivr.carrier.recordings import TwilioRecordings
from ivr.db.calls import SqlCallLog
from ivr.db.voicemails import SqlMailbox
from ivr.voicemail.storage import Storage

__all__ = ["ann", "backend", "clock", "engine", "hasher", "url"]


@pytest.fixture
def far():
    """The carrier, far away."""
    with FakeCarrier() as carrier:
        yield carrier


@pytest.fixture
def recordings(far):
    client = TwilioRecordings(ACCOUNT, TOKEN, far.url, pause=lambda _: None)
    yield client
    client.close()


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path / "mail"))


@pytest.fixture
def mailbox(engine, clock):
    return SqlMailbox(engine, SqlCallLog(engine), clock, days=90)

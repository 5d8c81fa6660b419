import pytest
from fake_carrier import ACCOUNT, TOKEN, FakeCarrier

from ivr.carrier.calls import TwilioCalls
from ivr.carrier.texts import TwilioTexts


@pytest.fixture
def far():
    """The carrier, far away."""
    with FakeCarrier() as carrier:
        yield carrier


@pytest.fixture
def pauses():
    """How long was waited before requests were made again, in seconds; nobody really waits."""
    return []


@pytest.fixture
def calls(far, pauses):
    with TwilioCalls(ACCOUNT, TOKEN, far.url, pauses.append) as calls:
        yield calls


@pytest.fixture
def texts(far, pauses):
    with TwilioTexts(ACCOUNT, TOKEN, far.url, pauses.append) as texts:
        yield texts

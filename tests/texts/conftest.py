from functools import partial

import pytest
from databases import ann, backend, clock, engine, hasher, url
from fake_carrier import ACCOUNT, TOKEN, FakeCarrier
from texted import ANN, LINE

from ivr.carrier.texts import TwilioTexts
from ivr.db.history import list_texts
from ivr.db.outbox import SqlOutbox
from ivr.db.text_queue import TextQueue
from ivr.text import Purpose, Text
from ivr.text_numbers import textable
from ivr.texts.worker import Worker

__all__ = ["ann", "backend", "clock", "engine", "hasher", "url"]


@pytest.fixture
def outbox(engine, clock):
    return SqlOutbox(engine, clock, partial(textable, countries={"US", "CA"}))


@pytest.fixture
def put(outbox):
    """Put a text into the outbox."""

    def write(key="CA1/main.password", to=ANN, body="Acme: hello. Reply STOP to end", purpose=Purpose.ANSWER):
        return outbox.put(Text(key, to, body, purpose, key.partition("/")[0]))

    return write


@pytest.fixture
def kept(engine):
    """Every text, oldest first."""
    return lambda: list_texts(engine)[::-1]


@pytest.fixture
def far():
    """The carrier, far away."""
    with FakeCarrier() as carrier:
        yield carrier


@pytest.fixture
def texts(far):
    with TwilioTexts(ACCOUNT, TOKEN, far.url, lambda _: None) as texts:
        yield texts


@pytest.fixture
def worker(engine, clock, texts):
    return Worker(TextQueue(engine, clock), texts, clock, LINE, days=90)

"""What the tests of events speak of: secrets, an address, and events that are made up."""

import json
from itertools import count

from sqlalchemy import select

from ivr.db.database import reading, transaction
from ivr.db.event_outbox import SqlEvents
from ivr.db.models.events import EventRow
from ivr.events import AccountUnlocked

SECRET = "whsec_" + "QW5zd2VybGluZSBpcyB0ZXN0ZWQgd2l0aCB0aGlz"
NEW_SECRET = "whsec_" + "QW5kIHdpdGggdGhhdCwgd2hpY2ggaXMgbmV3ZXI="
HERE, THERE = "http://127.0.0.1:9/here", "http://127.0.0.1:9/there"
_serial = count()


def happens(engine, clock, account="1", endpoints=(HERE,), key=""):
    """Write an event of an account; returns its key."""
    key = key or f"key {next(_serial)}"
    with transaction(engine, write=True) as connection:
        events = SqlEvents(engine.dialect.name, endpoints)
        events.write(connection, AccountUnlocked(key), clock.now(), key=key, account_id=account)
    return key


def rows(engine, *which):
    """Events, oldest first."""
    with reading(engine) as session:
        return list(session.scalars(select(EventRow).where(*which).order_by(EventRow.id)))


def told(engine):
    """What would be sent, oldest first: type and data."""
    found = [json.loads(row.body) for row in rows(engine)]
    return [(document["type"], document["data"]) for document in found]


class Killed(BaseException):
    """The process is gone."""

"""Puts the workers together from the settings, one for each address. Loaded when there is something to send."""

from collections.abc import Generator
from contextlib import contextmanager

import httpx
from sqlalchemy import Engine

from ivr.clock import Clock
from ivr.config import Settings
from ivr.db.event_queue import EventQueue
from ivr.delivery.receiver import TIMEOUT_S, Receiver
from ivr.delivery.worker import Worker
from ivr.setting_rules import SettingsError


@contextmanager
def events_workers_of(settings: Settings, engine: Engine, clock: Clock) -> Generator[tuple[Worker, ...]]:
    """Yield a worker for each address: one that is slow keeps no other waiting.

    Raises: SettingsError where nobody is to be told.
    """
    if not settings.event_endpoints:
        raise SettingsError("nobody is told of events: set EVENTS_URL and EVENTS_SECRET")
    secrets, private = settings.events_secret.split(), settings.events_private == "yes"
    with httpx.Client(timeout=httpx.Timeout(TIMEOUT_S, connect=5.0), follow_redirects=False) as client:
        yield tuple(
            Worker(EventQueue(engine, clock, url), Receiver(url, secrets, clock, client, private))
            for url in settings.event_endpoints
        )

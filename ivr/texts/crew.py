"""Puts a worker together from the settings. Loaded when there is something to send: webhooks start without it."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine

from ivr.carrier.texts import TwilioTexts
from ivr.clock import Clock
from ivr.config import Settings
from ivr.db.text_queue import TextQueue
from ivr.setting_rules import SettingsError
from ivr.texts.worker import Worker


@contextmanager
def texts_worker_of(settings: Settings, engine: Engine, clock: Clock) -> Generator[Worker]:
    """Yield a worker for the account of these settings.

    Raises: SettingsError where there is no such account, or no number to send from.
    """
    if not settings.rest_base:
        raise SettingsError("there is no carrier to send texts through: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    if not settings.caller_id:
        raise SettingsError("there is no number to send texts from: set CALLER_ID")
    texts = TwilioTexts(settings.twilio_account_sid, settings.twilio_auth_token, settings.rest_base)
    try:
        yield Worker(TextQueue(engine, clock), texts, clock, settings.caller_id, settings.text_days)
    finally:
        texts.close()

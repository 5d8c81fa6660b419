"""Puts a worker together from the settings. Loaded when there is something to fetch: webhooks start without it."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine

from ivr.carrier.recordings import TwilioRecordings
from ivr.clock import Clock
from ivr.config import Settings
from ivr.db.voicemail_queue import VoicemailQueue
from ivr.setting_rules import SettingsError
from ivr.voicemail.ear import find_ear
from ivr.voicemail.storage import Storage
from ivr.voicemail.worker import Worker, steps_for


@contextmanager
def worker_of(settings: Settings, engine: Engine, clock: Clock) -> Generator[Worker]:
    """Yield a worker for the account of these settings.

    Raises: SettingsError where there is no such account, or no place to keep messages.
    """
    if not settings.has_carrier:
        raise SettingsError("there is no carrier to fetch messages from: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    ear, storage = find_ear(), Storage(settings.voicemail_address)
    recordings = TwilioRecordings(settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_api_base)
    try:
        yield Worker(VoicemailQueue(engine, clock, steps_for(ear)), recordings, storage, clock, ear)
    finally:
        recordings.close()

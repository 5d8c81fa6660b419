"""Puts a dispatcher together from the settings. Loaded where people are rung: webhooks start without it."""

from collections.abc import Generator
from contextlib import contextmanager

from ivr.carrier.calls import TwilioCalls
from ivr.config import Settings
from ivr.db.waiting_room import SqlWaitingRoom
from ivr.dispatch.dispatcher import Dispatcher
from ivr.dispatch.steady import SteadyClock
from ivr.flow import AGENT
from ivr.setting_rules import SettingsError
from ivr.twiml import Voice


@contextmanager
def dispatcher_of(settings: Settings, room: SqlWaitingRoom, voice: Voice) -> Generator[Dispatcher]:
    """Yield a dispatcher for the account of these settings. Raises: SettingsError where there is no such account."""
    if not settings.rest_base:
        raise SettingsError("there is no carrier to place calls with: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    with TwilioCalls(settings.twilio_account_sid, settings.twilio_auth_token, settings.rest_base) as calls:
        yield Dispatcher(
            room=room,
            calls=calls,
            leg=lambda offer: voice.addresses.leg(AGENT, offer),
            status=voice.addresses.status_of,
            fallback=voice.addresses.fallback,
            clock=SteadyClock(room.lines.clock),
            caller_id=settings.caller_id,
        )

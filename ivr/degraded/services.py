"""What flows can reach without a database: people, at once, and the carrier's recordings. Of accounts, nothing.

Every refusal is an `unavailable` edge of the flows, so the caller hears what cannot be done and gets to a person.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from ivr.call import Call
from ivr.messages import Message
from ivr.service_errors import ServiceError
from ivr.services import Services
from ivr.text import NoOutbox
from ivr.waiting_room import Entry, NoWaitingRoom

Keep = Callable[[str, dict[str, Any]], None]  # a kind of record, and the record: `ivr.degraded.late`


def without_database(services: Services, keep: Keep) -> Services:
    """Return what is left of the services. keep: puts aside what is to be written later; raises ServiceError."""
    away: Any = _Away()
    room = _StraightThrough()
    return replace(services, accounts=away, pins=away, waiting=room, mailbox=_Noted(keep), outbox=NoOutbox())


class _Away:
    """Accounts, and PINs: also those of another account system, since tries at PINs are counted in the database."""

    def _refuse(self, *_given: object, **_named: object) -> Any:
        raise ServiceError("the database is away")

    find = get = by_phone = check_pin = change = check = spent = _refuse


class _StraightThrough(NoWaitingRoom):
    """Nobody can be given a place in line, so everybody is put through, and nobody is asked first."""

    def enter(self, call: Call) -> tuple[Entry, str]:
        """Put everybody through."""
        del call
        return Entry.AT_ONCE, ""

    def was_taken(self, call_sid: str) -> bool:
        """Not know: of somebody who was asked first, only the database would."""
        raise ServiceError(f"nobody can say whether somebody took the call of {call_sid}")


class _Noted:
    """Messages: the carrier keeps what was recorded, and what is to become of it is written later."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    def keep(self, message: Message, *, instead_of: str = "") -> None:
        """Keep a message."""
        self._keep("keep_message", {"message": asdict(message), "instead_of": instead_of})

    def send(self, recording_sid: str) -> None:
        """Send it."""
        self._keep("send_message", {"recording_sid": _known(recording_sid)})

    def discard(self, recording_sid: str) -> None:
        """Delete it."""
        self._keep("discard_message", {"recording_sid": _known(recording_sid)})


def _known(recording_sid: str) -> str:
    if not recording_sid:
        raise ServiceError("which message this is about is in the database only")
    return recording_sid

"""What a company's own systems are told of: one class for each type of event, whose fields are its JSON fields.

A field is never renamed, removed or given another meaning; new ones may be added. `docs/events.md` is made of this.
Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from ivr.waiting import OPEN, Kind, Place, PlaceState

BY_STAFF = "console:"  # begins the place of a CallSid where staff made a change


class EventState(StrEnum):
    """Where an event is on its way to one address. DEAD: given up, until staff say otherwise."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


class By(StrEnum):
    """Who did it."""

    CALLER = "caller"
    STAFF = "staff"


class GivenUp(StrEnum):
    """Why a callback was not made."""

    UNREACHED = "unreached"  # the caller was called back as often as we do, in vain
    UNWANTED = "unwanted"
    CALLED_AGAIN = "called_again"  # and waits on the line instead, in the same place


def means(text: str) -> Any:
    """Declare a field of an event with what it means to whoever receives it."""
    return field(metadata={"means": text})


@dataclass(frozen=True)
class Event:
    """Something that has happened. TYPE, WHEN: its name, and when it is sent."""

    TYPE: ClassVar[str]
    WHEN: ClassVar[str]


@dataclass(frozen=True)
class AccountChanged(Event):
    """A change was made to an account."""

    TYPE = "account.changed"
    WHEN = "a caller has changed their account: a trial cancelled, a renewal turned off"
    change: str = means("`cancel_trial` or `turn_off_renewal`")
    code: str = means("confirmation code that the caller was given, six digits")
    by: str = means("`caller`")


@dataclass(frozen=True)
class AccountChangeUndone(Event):
    """A change was taken back."""

    TYPE = "account.change_undone"
    WHEN = "such a change was taken back"
    change: str = means("`undo_cancel_trial` or `undo_turn_off_renewal`")
    code: str = means("confirmation code of the undoing, six digits")
    by: str = means("`caller` or `staff`")


@dataclass(frozen=True)
class AccountLocked(Event):
    """An account was closed to callers."""

    TYPE = "account.locked"
    WHEN = "an account is closed to callers after wrong PINs; it opens by itself at `until`, without an event"
    until: str | None = means("ISO 8601, UTC; null where only staff can open it")


@dataclass(frozen=True)
class AccountUnlocked(Event):
    """A closed account was opened."""

    TYPE = "account.unlocked"
    WHEN = "staff have opened it again"
    by: str = means("`staff`")


@dataclass(frozen=True)
class VoicemailLeft(Event):
    """A caller has left a message."""

    TYPE = "voicemail.left"
    WHEN = "a caller has left a message; its sound stays with us (docs/voicemail.md)"
    voicemail_id: int = means("as in `flask voicemail list`")
    department: str = means("whom it is for")
    topic: str = means("what the caller was about, a flow's name; may be empty")
    seconds: int | None = means("its length, where it is known")
    number: str | None = means("who called, E.164; null where withheld, or with EVENTS_NUMBERS=no")


@dataclass(frozen=True)
class CallbackRequested(Event):
    """A callback was promised."""

    TYPE = "callback.requested"
    WHEN = "a callback has been promised; again with the same `callback_id` where the number is changed"
    callback_id: int = means("the same in all events of this callback")
    department: str = means("who calls back")
    topic: str = means("what the caller was about, a flow's name; may be empty")
    number: str | None = means("where to call back, E.164; null with EVENTS_NUMBERS=no")


@dataclass(frozen=True)
class CallbackDone(Event):
    """A callback was made."""

    TYPE = "callback.done"
    WHEN = "somebody has talked to the caller, or staff say that it is settled"
    callback_id: int = means("as in `callback.requested`")
    department: str = means("who has called back")


@dataclass(frozen=True)
class CallbackGivenUp(Event):
    """A callback is not made."""

    TYPE = "callback.given_up"
    WHEN = "the callback will not be made"
    callback_id: int = means("as in `callback.requested`")
    department: str = means("who would have called back")
    reason: str = means("`unreached` after three tries, `unwanted`, or `called_again`: the caller waits on the line")


@dataclass(frozen=True)
class CallEnded(Event):
    """A caller's call is over."""

    TYPE = "call.ended"
    WHEN = "a caller's call is over; calls to people whom the line rings are not told of"
    started_at: str = means("ISO 8601, UTC")
    ended_at: str = means("ISO 8601, UTC")
    duration_s: int | None = means("seconds, as the carrier counts them; null where nobody knows")
    status: str = means("the carrier's word, mostly `completed`; `lost` where it never told")
    disposition: str = means(
        "`abandoned`, `informed`, `resolved`, `failed`, `voicemail`, `callback` or `transferred`, as known at the end"
    )


TYPES: tuple[type[Event], ...] = (
    AccountChanged,
    AccountChangeUndone,
    AccountLocked,
    AccountUnlocked,
    VoicemailLeft,
    CallbackRequested,
    CallbackDone,
    CallbackGivenUp,
    CallEnded,
)
# What every event has in `data`, besides its own fields.
COMMON: Mapping[str, tuple[str, str]] = {
    "account_id": ("string or null", "the account system's own id; null where the caller has proved none"),
    "call_sid": ("string or null", "the call it happened in; null where there is none"),
    "simulated": ("boolean", "true where nobody called: a test, or a demonstration"),
}


def body(event: Event, at: datetime, common: Mapping[str, object]) -> str:
    """Write an event as it is sent, and signed, to the last byte. at: when it happened. common: values of `COMMON`."""
    document = {"type": event.TYPE, "timestamp": iso(at), "data": {**common, **asdict(event)}}
    return json.dumps(document, separators=(",", ":"))


def iso(at: datetime) -> str:
    """Write a time as ISO 8601 in UTC, ending in Z."""
    return at.isoformat().replace("+00:00", "Z")


def of_callback(before: Place | None, after: Place, number: str | None) -> Event | None:
    """Say what has happened to a callback by a step of its place; None for nothing that anybody is told of.

    before: None for a place that is new. number: to be told, where the callback is promised.
    """
    was_promised = before is not None and before.kind is Kind.CALLBACK and before.state in OPEN
    if after.kind is Kind.CALLBACK and after.state in OPEN:
        if before is not None and was_promised and before.number == after.number:
            return None
        return CallbackRequested(after.id, after.department, after.topic, number)
    if not was_promised:
        return None
    if after.kind is Kind.ON_LINE:
        return CallbackGivenUp(after.id, after.department, GivenUp.CALLED_AGAIN)
    if after.state is PlaceState.SERVED:
        return CallbackDone(after.id, after.department)
    unreached = after.state is PlaceState.UNREACHED
    return CallbackGivenUp(after.id, after.department, GivenUp.UNREACHED if unreached else GivenUp.UNWANTED)

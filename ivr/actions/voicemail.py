"""Messages: what a caller records, hears again, sends or deletes."""

from dataclasses import replace
from enum import Enum, auto

from ivr.actions import Done
from ivr.call import Call, Disposition, withheld
from ivr.messages import Message
from ivr.services import Services


class Reply(Enum):
    """Whether the carrier told a number that the caller can be called back at."""

    POSSIBLE = auto()
    NO_NUMBER = auto()


def can_reply(call: Call, _services: Services) -> tuple[Reply, Call]:
    """Look before the message is recorded, so that a caller with a withheld number can say one in it."""
    call = call.knows(department=call.department or "support")
    return (Reply.NO_NUMBER if withheld(call.caller) else Reply.POSSIBLE), call


def keep_message(call: Call, services: Services) -> tuple[Done, Call]:
    """Keep what was recorded, in place of what the caller recorded before it: who hangs up now has left it."""
    message = Message.of(call, call.recorded)
    instead_of = call.message if call.message != message.recording_sid else ""
    services.mailbox.keep(message, instead_of=instead_of)
    return Done.DONE, replace(call, message=message.recording_sid)


def send_message(call: Call, services: Services) -> tuple[Reply, Call]:
    """Send the message, and say whether it will be answered at the number of this call."""
    services.mailbox.send(call.message)
    sent = replace(call.reached(Disposition.VOICEMAIL), message="")
    return (Reply.NO_NUMBER if withheld(call.caller) else Reply.POSSIBLE), sent


def delete_message(call: Call, services: Services) -> tuple[Done, Call]:
    """Delete what was recorded, as the caller wants nobody to hear it."""
    services.mailbox.discard(call.message)
    return Done.DONE, replace(call, message="")

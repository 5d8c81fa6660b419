"""What callers leave when nobody can take their call, and where it is kept."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from ivr.call import Call, Recorded
from ivr.service_errors import ServiceError


class MessageState(StrEnum):
    """What the caller wants done with a message; one that was neither sent nor deleted is heard all the same."""

    RECORDED = "recorded"
    SENT = "sent"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class Message:
    """What a caller recorded, and what those who call back should know.

    recording_sid: the carrier's name of it. topic: the flow of the last topic menu the caller came through.
    caller: as the carrier sent it. account_number: proved, else None. seconds: None where not yet known.
    """

    recording_sid: str
    call_sid: str
    department: str = ""
    topic: str = ""
    caller: str = ""
    account_number: str | None = None
    seconds: int | None = None

    @classmethod
    def of(cls, call: Call, recorded: Recorded) -> Self:
        """Put together what is known of a recording in a call."""
        return cls(
            recording_sid=recorded.sid,
            call_sid=call.sid,
            department=call.department or "support",
            topic=call.trail[-1].flow if call.trail else "",
            caller=call.caller,
            account_number=call.account_number if call.account_id else None,
            seconds=recorded.seconds,
        )


class Mailbox(Protocol):
    """Where callers' messages are kept. Every method may be called twice, and may raise ServiceError."""

    def keep(self, message: Message, *, instead_of: str = "") -> None:
        """Keep a message, sent or not: nothing that was recorded is lost because a caller hangs up.

        instead_of: sid of the recording that this one replaces; '' where there is none.
        """
        ...

    def send(self, recording_sid: str) -> None:
        """Note that the caller wants this message to be heard."""
        ...

    def discard(self, recording_sid: str) -> None:
        """Delete a message that was not sent, here and at the carrier."""
        ...


class NoMailbox:
    """A line that keeps no messages."""

    def keep(self, message: Message, *, instead_of: str = "") -> None:
        """Refuse. Raises: ServiceError."""
        raise ServiceError(f"no mailbox for {message.recording_sid}{instead_of and f' instead of {instead_of}'}")

    def send(self, recording_sid: str) -> None:
        """Refuse. Raises: ServiceError."""
        raise ServiceError(f"no mailbox for {recording_sid}")

    def discard(self, recording_sid: str) -> None:
        """Refuse. Raises: ServiceError."""
        raise ServiceError(f"no mailbox for {recording_sid}")

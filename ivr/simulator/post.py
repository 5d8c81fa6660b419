"""The text messages of one phone, and who wants none any more.

Source: https://www.twilio.com/docs/messaging/api/message-resource
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ivr.simulator.facts import new_sid

STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
STARTS = frozenset({"START", "YES", "UNSTOP"})


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message. sent_at: clock time."""

    to: str
    from_: str
    body: str
    sid: str = field(default_factory=lambda: new_sid("SM"))
    sent_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Post:
    """Keeps the messages that an application sends, in order."""

    def __init__(self) -> None:
        self.messages: list[TextMessage] = []
        self._stopped: set[tuple[str, str]] = set()

    def send(self, to: str, from_: str, body: str) -> TextMessage | None:
        """Keep a message; None where the one number wants none from the other."""
        if (to, from_) in self._stopped:
            return None
        message = TextMessage(to, from_, body)
        self.messages.append(message)
        return message

    def reply(self, from_: str, to: str, body: str) -> None:
        """Take what somebody texts to the application: STOP and START, and their like, are obeyed."""
        word = body.strip().upper()
        if word in STOPS:
            self._stopped.add((from_, to))
        elif word in STARTS:
            self._stopped.discard((from_, to))

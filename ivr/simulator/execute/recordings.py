"""Recordings of Record and Dial: their addresses, and the callbacks about them.

Source: https://www.twilio.com/docs/voice/twiml/record#attributes-recording-status-callback
"""

from dataclasses import dataclass

from ivr.simulator.facts import API_VERSION, new_sid
from ivr.simulator.line import Line

MEDIA_BASE = "https://api.twilio.com"


@dataclass(frozen=True, slots=True)
class Reporter:
    """Tells an application of one recording. url: None is nobody; events: which statuses are told."""

    line: Line
    sid: str
    url: str | None
    method: str
    events: tuple[str, ...]
    fixed: dict[str, str]

    @property
    def media_url(self) -> str:
        """The address of the recording; nothing is there to be fetched."""
        return f"{MEDIA_BASE}/{API_VERSION}/Accounts/{self.line.facts.account_sid}/Recordings/{self.sid}"

    def tell(self, status: str, seconds: int = 0, *, later: bool = False) -> None:
        """Tell a status. later: after the next document has been requested, as the sound is still being written."""
        if self.url is None or status not in self.events:
            return
        line = self.line
        params = {**self.fixed, "RecordingStatus": status}
        if status != "in-progress":
            params |= {"RecordingUrl": self.media_url, "RecordingDuration": str(seconds)}
        url = self.url

        def send() -> None:
            line.carrier.tell(url, self.method, params, "recording-status")

        if later:
            line.afterwards.append(send)
        else:
            send()


def reporter(
    line: Line, source: str, *, channels: int = 1, url: str | None, method: str, events: tuple[str, ...]
) -> Reporter:
    """Begin a recording. source: RecordVerb or DialVerb."""
    sid = new_sid("RE")
    fixed = {
        "AccountSid": line.facts.account_sid,
        "CallSid": line.facts.call_sid,
        "RecordingSid": sid,
        "RecordingChannels": str(channels),
        "RecordingSource": source,
        "RecordingStartTime": line.clock.stamp,
    }
    return Reporter(line, sid, line.resolve(url) if url else None, method, events, fixed)

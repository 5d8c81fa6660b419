"""Recordings at the carrier: fetch one, delete one.

Source: https://www.twilio.com/docs/voice/api/recording
"""

from ivr.carrier.rest import Rest


class TwilioRecordings(Rest):
    """Recordings of one account."""

    def fetch(self, sid: str) -> bytes:
        """Return a recording as a WAV file.

        Raises: NotThereError; ServiceError where the carrier cannot be reached, refuses us, or stops half-way.
        """
        return self._file(f"Recordings/{sid}.wav")

    def delete(self, sid: str) -> None:
        """Delete a recording. Raises: NotThereError; ServiceError as `fetch` does."""
        self._ask(lambda client: client.recordings(sid).delete())

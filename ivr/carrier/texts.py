"""Text messages that the line sends.

Source: https://www.twilio.com/docs/messaging/api/message-resource
"""

from ivr.carrier.rest import Rest


class TwilioTexts(Rest):
    """Messages of one account."""

    def send(self, *, to: str, from_: str, body: str) -> str:
        """Hand a text to the carrier and return its MessageSid; whether it arrives shows later, and not here.

        to, from_: E.164; from_ is a number of the account's own that can send texts. body: 1600 characters at most.

        A text is not sent twice: the request is made again only where there was no connection or the carrier had no
        time for it (429). Raises: UnknownOutcomeError where it may arrive all the same; RefusedError where the carrier
        says no, for good; ServiceError where it did nothing and may be asked again later.
        """
        return self._create(lambda client: client.messages.create(to=to, from_=from_, body=body))

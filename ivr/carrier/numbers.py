"""Numbers of the account, and where the carrier sends what comes in on them.

Source: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from ivr.carrier.rest import Rest
from ivr.carrier.webhooks import OwnNumber, Webhooks

MOST = 1000  # of an account that this line is only a part of


class TwilioNumbers(Rest):
    """Numbers of one account."""

    def all(self) -> list[OwnNumber]:
        """List the account's numbers. Raises: ServiceError."""
        return self._ask(lambda client: [_own(row) for row in client.incoming_phone_numbers.list(limit=MOST)])

    def find(self, number: str) -> OwnNumber | None:
        """Return the account's number, E.164; None where it is not one of the account. Raises: ServiceError."""
        found: Iterable[OwnNumber] = self._ask(
            lambda client: [_own(row) for row in client.incoming_phone_numbers.list(phone_number=number, limit=20)]
        )
        return next((one for one in found if one.number == number), None)  # a carrier matches a part of it, too

    def change(self, sid: str, to: Mapping[str, str]) -> None:
        """Send a number's calls or texts elsewhere. to: fields of `Webhooks`; '' clears one.

        Can be done twice without harm, and is asked again when the carrier stumbles. Raises: ServiceError.
        """
        self._ask(lambda client: client.incoming_phone_numbers(sid).update(**to))

    def verified(self) -> frozenset[str]:
        """Return the numbers, E.164, that are not the account's but may be shown by it. Raises: ServiceError."""
        return self._ask(
            lambda client: frozenset(str(row.phone_number) for row in client.outgoing_caller_ids.list(limit=MOST))
        )


def _own(row: Any) -> OwnNumber:
    to = Webhooks(**{field.name: str(getattr(row, field.name) or "") for field in fields(Webhooks)})
    return OwnNumber(str(row.sid), str(row.phone_number), str(row.friendly_name or ""), to)

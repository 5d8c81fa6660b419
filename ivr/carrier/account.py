"""The account itself.

Source: https://www.twilio.com/docs/iam/api/account
"""

from dataclasses import dataclass

from ivr.carrier.rest import Rest


@dataclass(frozen=True)
class Account:
    """status: `active`, `suspended` or `closed`. kind: `Trial` or `Full`. Either may be '' at other carriers."""

    status: str
    kind: str


class TwilioAccount(Rest):
    """One account."""

    def look(self) -> Account:
        """Say how the account stands. Raises: NotThereError; ServiceError."""
        return self._ask(lambda client: _account(client.api.v2010.accounts(self._account).fetch()))


def _account(row: object) -> Account:
    return Account(str(getattr(row, "status", "") or ""), str(getattr(row, "type", "") or ""))

"""Tries at a PIN, and the Protocol of whoever counts them."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class PinResult(Enum):
    """What came of a try. Unknown account, wrong PIN and locked account are one and the same answer."""

    CORRECT = "correct"
    WRONG = "wrong"
    SPENT = "spent"  # as WRONG, and this call has no try left


@dataclass(frozen=True)
class PinTry:
    """One try at a PIN: who tries what, from where. Holds no digits.

    account_id: None where the account number is unknown. caller: as the carrier sent it. key: `Call.key`.
    """

    account_id: str | None
    caller: str
    call_sid: str
    key: str


class Pins(Protocol):
    """Counts tries and stands between a caller and `Accounts.check_pin`."""

    def check(self, attempt: PinTry, pin: str) -> PinResult:
        """Count the try, then compare. The same key again gives the first result and counts nothing."""
        ...

    def spent(self, call_sid: str, caller: str) -> bool:
        """Say whether this call, or this caller's number, has used up its tries; tells nothing of any account."""
        ...

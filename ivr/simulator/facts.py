"""What a webhook says about a call.

Source: https://www.twilio.com/docs/voice/twiml#request-parameters
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

API_VERSION = "2010-04-01"


def new_sid(prefix: str) -> str:
    """Make an identifier: two letters (CA call, RE recording, AC account) and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be dialled.

    status: completed, busy, no-answer, failed or canceled. rings_s: before they react; talks_s: until they hang up.
    """

    status: str = "completed"
    rings_s: float = 4.0
    talks_s: float = 30.0


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The facts of a call that never change. people: who answers a number, '*' for anybody else."""

    from_: str
    to: str
    account_sid: str
    call_sid: str
    people: Mapping[str, Person] = field(default_factory=dict[str, Person])

    def parameters(self, status: str, *, first: bool = False) -> dict[str, str]:
        """Return the standard parameters; first: with those that only the first webhook carries."""
        fixed = {
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.call_sid,
            "CallStatus": status,
            "Direction": "inbound",
        }
        for name, number in (("From", self.from_), ("Caller", self.from_), ("To", self.to), ("Called", self.to)):
            fixed |= {name: number, f"{name}City": "", f"{name}State": "", f"{name}Zip": "", f"{name}Country": "US"}
        if first:
            fixed |= {"CallToken": f"simulated-{self.call_sid}", "StirVerstat": "TN-Validation-Passed-A"}
        return fixed

    def person(self, number: str) -> Person:
        """Return who answers this number."""
        return self.people.get(number) or self.people.get("*") or Person()

"""What a webhook says about a call.

Source: https://www.twilio.com/docs/voice/twiml#request-parameters
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ivr.simulator.plans import Conference, Person, Queue, person_of

__all__ = ["API_VERSION", "CallFacts", "Person", "new_sid"]

API_VERSION = "2010-04-01"
ANYBODY = person_of("completed")


def new_sid(prefix: str) -> str:
    """Make an identifier: two letters (CA call, RE recording, AC account) and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The facts of a call that never change.

    people: who answers a number, '*' for anybody else; queues, conferences: by name, likewise.
    own_numbers: what callerId may be beside the call's own numbers; None is anything.
    direction: inbound; outbound-api, placed over REST; outbound-dial, a dialled leg. parent_sid: who has dialled that.
    """

    from_: str
    to: str
    account_sid: str
    call_sid: str
    people: Mapping[str, Person] = field(default_factory=dict[str, Person])
    queues: Mapping[str, Queue] = field(default_factory=dict[str, Queue])
    conferences: Mapping[str, Conference] = field(default_factory=dict[str, Conference])
    own_numbers: frozenset[str] | None = None
    stir_verstat: str = ""
    parent_sid: str = ""
    direction: str = "inbound"

    @property
    def other_number(self) -> str:
        """The number of the telephone that is not the application's."""
        return self.from_ if self.direction == "inbound" else self.to

    def parameters(self, status: str, *, first: bool = False) -> dict[str, str]:
        """Return the standard parameters; first: with those that only the first webhook carries."""
        fixed = {
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.call_sid,
            "CallStatus": status,
            "Direction": self.direction,
        }
        for name, number in (("From", self.from_), ("Caller", self.from_), ("To", self.to), ("Called", self.to)):
            fixed |= {name: number, f"{name}City": "", f"{name}State": "", f"{name}Zip": "", f"{name}Country": "US"}
        if self.parent_sid:
            fixed["ParentCallSid"] = self.parent_sid
        if first:
            fixed["CallToken"] = f"simulated-{self.call_sid}"
            if self.stir_verstat:
                fixed["StirVerstat"] = self.stir_verstat
        return fixed

    def child(self, sid: str, from_: str, to: str) -> "CallFacts":
        """Return the facts of a leg this call has dialled."""
        return replace(self, call_sid=sid, from_=from_, to=to, parent_sid=self.call_sid, direction="outbound-dial")

    def person(self, number: str) -> Person:
        """Return who answers this number."""
        return self.people.get(number) or self.people.get("*") or ANYBODY

    def queue(self, name: str) -> Queue | None:
        """Return what is planned for a queue, if anything is."""
        return self.queues.get(name) or self.queues.get("*")

    def conference(self, name: str) -> Conference:
        """Return what is planned for a conference."""
        return self.conferences.get(name) or self.conferences.get("*") or Conference()

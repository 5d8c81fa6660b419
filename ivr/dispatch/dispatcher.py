"""Rings somebody for who is next: decided in the database, placed at the carrier, and all else comes by webhook.

Killed at any moment, nobody is lost: an offer that nothing is heard of ends by itself, and the place is offered again.
Nobody is connected twice: only the call that carries the place's newest offer can take it. Decision 43.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ivr.call import masked
from ivr.db.offers import Offer, Offers
from ivr.db.waiting_room import SqlWaitingRoom
from ivr.dispatch.steady import SteadyClock
from ivr.service_errors import RefusedError, ServiceError, UnknownOutcomeError

log = logging.getLogger("answerline")


class Calls(Protocol):
    """Calls at the carrier. Raises: RefusedError, UnknownOutcomeError or ServiceError."""

    def place(self, *, to: str, from_: str, url: str, fallback: str, status_callback: str, ring_s: int) -> str:
        """Ring a number and return the call's CallSid."""
        ...


@dataclass(frozen=True)
class Dispatcher:
    """Offers calls to people.

    leg: address of what somebody hears who answers, by the offer. status: where the call's end is told, by the offer.
    fallback: address that the carrier asks where the others fail.
    caller_id: number that is shown; '' for the one that the caller dialled.
    """

    room: SqlWaitingRoom
    calls: Calls
    leg: Callable[[str], str]
    status: Callable[[str], str]
    fallback: str
    clock: SteadyClock
    caller_id: str = ""

    def run(self) -> int:
        """Do all that is due now, and return how many calls were placed."""
        offers, placed = Offers(self.room.lines), 0
        if not self.clock.is_steady():
            return 0
        offers.forget()
        while (offer := offers.next()) is not None:
            self._place(offer)
            placed += 1
        return placed

    def _place(self, offer: Offer) -> None:
        try:
            self.calls.place(
                to=offer.number,
                from_=self.caller_id or offer.shown,
                url=self.leg(offer.id),
                fallback=self.fallback,
                status_callback=self.status(offer.id),
                ring_s=offer.ring_s,
            )
        except UnknownOutcomeError as error:
            # It may ring. If it does, its webhooks tell; if not, the offer ends by itself.
            log.warning("%s: %s may be ringing, or not: %s", offer.department, masked(offer.number), error)
        except RefusedError as error:
            log.error("%s: %s cannot be rung: %s", offer.department, masked(offer.number), error)  # noqa: TRY400
            self.room.finish(offer.id)
        except ServiceError as error:
            log.warning("%s: %s was not rung: %s", offer.department, masked(offer.number), error)
            self.room.finish(offer.id)

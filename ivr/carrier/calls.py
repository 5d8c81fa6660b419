"""Calls that the line places by itself.

Source: https://www.twilio.com/docs/voice/api/call-resource
"""

from ivr.carrier.errors import NotThereError
from ivr.carrier.rest import Rest
from ivr.service_errors import RefusedError

LIMIT_S = 4 * 3600  # the longest call of an account that never asked Twilio for more
NOT_IN_PROGRESS = 21220


class TwilioCalls(Rest):
    """Calls of one account."""

    def place(
        self,
        *,
        to: str,
        from_: str,
        url: str,
        fallback: str,
        status_callback: str,
        ring_s: int,
        limit_s: int = LIMIT_S,
    ) -> str:
        """Ring a number and return the new call's CallSid, before anybody has answered.

        to, from_: E.164; from_ is a number of the account's own, or one verified there. url: gives the TwiML when it
        is answered. fallback: gives it where that fails, then or later in the call. status_callback: is told once,
        when the call is over, answered or not. All are whole addresses and are POSTed to. ring_s: how long it rings,
        1 to 600 seconds. limit_s: when the call is cut.

        A call is not placed twice: the request is made again only where there was no connection or the carrier had no
        time for it (429). Raises: UnknownOutcomeError where the call may ring all the same; RefusedError where the
        carrier says no, for good; ServiceError where it did nothing and may be asked again later.
        """
        return self._create(
            lambda client: client.calls.create(
                to=to,
                from_=from_,
                url=url,
                method="POST",
                fallback_url=fallback,
                fallback_method="POST",
                status_callback=status_callback,
                status_callback_event=["completed"],
                status_callback_method="POST",
                timeout=ring_s,
                time_limit=limit_s,
            )
        )

    def end(self, sid: str) -> None:
        """Hang up a call, or stop its ringing; one that is over, or no longer known, stays so.

        Can be done twice without harm, and is asked again when the carrier stumbles. Raises: ServiceError.
        """
        try:
            self._ask(lambda client: client.calls(sid).update(status="completed"))
        except NotThereError:
            pass
        except RefusedError as error:
            if error.code != NOT_IN_PROGRESS:
                raise

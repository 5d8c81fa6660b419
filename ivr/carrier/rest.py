"""Twilio's client, with our errors in place of its own, whose texts repeat the numbers that were called."""

# twilio ships no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Self, TypeVar

from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.rest import Client

from ivr.carrier.errors import NotThereError, explained
from ivr.carrier.transport import Transport
from ivr.config import TWILIO
from ivr.service_errors import ServiceError, UnknownOutcomeError

T = TypeVar("T")


class Rest:
    """What all of one account has in common. Use it in a `with` statement, or `close` it.

    base: another address than Twilio's own, a mock or a TwiML-compatible carrier. pause: sleeps so many seconds.
    hasty: for who only looks: asked once, and given up after `HASTY_S`.
    """

    def __init__(
        self,
        account: str,
        token: str,
        base: str = TWILIO,
        pause: Callable[[float], None] = time.sleep,
        *,
        hasty: bool = False,
    ) -> None:
        self._account = account
        self._transport = Transport(base, (account, token), pause, hasty=hasty)
        self._client = Client(account, token, http_client=self._transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _ask(self, request: Callable[[Client], T]) -> T:
        """Have Twilio's client ask. Raises: NotThereError; RefusedError; ServiceError."""
        try:
            return request(self._client)
        except (TwilioRestException, TwilioServiceException) as error:
            raise explained(_whole(error.status), _whole(error.code) or _whole(error.status)) from None
        except TwilioException as error:  # of a list, whose refusal it does not read
            raise _of_a_list(error) from None
        except (ValueError, TypeError, AttributeError, KeyError) as error:  # no JSON, or no object
            raise _UnreadableError("the carrier's answer cannot be read: is TWILIO_API_BASE right?") from error

    def _create(self, request: Callable[[Client], Any]) -> str:
        """Have Twilio's client create something, and return its SID. Raises: as `_ask`; UnknownOutcomeError."""
        try:
            sid = self._ask(request).sid
        except NotThereError:
            raise ServiceError("the carrier knows no such account: set TWILIO_ACCOUNT_SID, TWILIO_API_BASE") from None
        except _UnreadableError as error:
            raise UnknownOutcomeError(str(error)) from error
        if not (sid and isinstance(sid, str)):
            raise UnknownOutcomeError("the carrier's answer names no SID: is TWILIO_API_BASE right?")
        return sid

    def _file(self, path: str) -> bytes:
        """Return a file of the account. path: within it. Raises: NotThereError; ServiceError."""
        answer = self._transport.download(f"{TWILIO}/2010-04-01/Accounts/{self._account}/{path}")
        if answer.status_code != HTTPStatus.OK:
            raise explained(answer.status_code, answer.status_code)
        return answer.content


class _UnreadableError(ServiceError):
    """The carrier has done what was asked, and says so in a way that nobody understands."""


def _of_a_list(error: TwilioException) -> ServiceError:
    answer: Any = error.args[1] if len(error.args) > 1 else None
    if answer is None:
        return _UnreadableError("the carrier's answer cannot be read: is TWILIO_API_BASE right?")
    try:
        code = _whole(json.loads(answer.text)["code"])
    except (ValueError, TypeError, KeyError):
        code = 0
    return explained(answer.status_code, code or answer.status_code)


def _whole(value: object) -> int:
    """Read a status or a code; 0 where there is none."""
    return int(str(value)) if str(value).isdecimal() else 0

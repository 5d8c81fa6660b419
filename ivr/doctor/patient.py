"""What is looked at. Several checks ask the carrier, or the proxy, the same question: it is asked once."""

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from ivr.bootstrap import Answerline
from ivr.carrier.account import Account, TwilioAccount
from ivr.carrier.numbers import TwilioNumbers
from ivr.carrier.webhooks import OwnNumber
from ivr.config import ROOT, Settings
from ivr.doctor.findings import SkipError
from ivr.doctor.knock import Knocked, knock
from ivr.service_errors import ServiceError

T = TypeVar("T")


@dataclass(frozen=True)
class Surroundings:
    """What a line starts from. dotenv: the settings file. mounts: what Linux says of its disks."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    dotenv: Path = ROOT / ".env"
    mounts: Path = Path("/proc/self/mountinfo")


class Once(Generic[T]):
    """A question that is asked once, whoever asks it, and whatever comes of it."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._turn = threading.Lock()
        self._answer: list[T] = []
        self._error: ServiceError | SkipError | None = None

    def get(self) -> T:
        """Return the answer. Raises: ServiceError, SkipError, as the first time."""
        with self._turn:
            if self._error is not None:
                raise self._error
            if not self._answer:
                try:
                    self._answer.append(self._ask())
                except (ServiceError, SkipError) as error:
                    self._error = error
                    raise
            return self._answer[0]


class Patient:
    """A line that has started, as far as it has."""

    def __init__(self, line: Answerline, surroundings: Surroundings) -> None:
        self.line, self.surroundings = line, surroundings
        self.account: Once[Account] = Once(partial(_account, line.settings))
        self.numbers: Once[list[OwnNumber]] = Once(partial(_numbers, line.settings))
        self.verified: Once[frozenset[str]] = Once(partial(_verified, line.settings))
        self.knocked: Once[Knocked] = Once(partial(knock, line.settings))

    @property
    def settings(self) -> Settings:
        """The line's."""
        return self.line.settings

    def now(self) -> datetime:
        """Now, aware UTC."""
        return self.line.clock.now()

    def own_numbers(self) -> list[OwnNumber]:
        """Return the account's numbers. Raises: SkipError where there is no telling."""
        try:
            return self.numbers.get()
        except ServiceError as error:
            raise SkipError(f"the account's numbers are not known: {error}") from None


def need_carrier(settings: Settings) -> None:
    """Go on where there is a carrier. Raises: SkipError."""
    if not settings.has_carrier:
        raise SkipError("no account of a carrier is set (TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN)")


def _access(settings: Settings) -> tuple[str, str, str]:
    need_carrier(settings)
    return settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_api_base


def _account(settings: Settings) -> Account:
    with closing(TwilioAccount(*_access(settings), hasty=True)) as carrier:
        return carrier.look()


def _numbers(settings: Settings) -> list[OwnNumber]:
    with closing(TwilioNumbers(*_access(settings), hasty=True)) as carrier:
        return carrier.all()


def _verified(settings: Settings) -> frozenset[str]:
    with closing(TwilioNumbers(*_access(settings), hasty=True)) as carrier:
        return carrier.verified()

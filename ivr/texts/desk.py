"""Where texts are written, put together from the settings: the outbox, and the words for answers and changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ivr.accounts import Account, Change
from ivr.clock import Clock
from ivr.config import Settings
from ivr.db.outbox import SqlOutbox
from ivr.text import Texting
from ivr.text_numbers import in_writing, textable
from ivr.written import ChangeText


@dataclass(frozen=True)
class TextDesk:
    """Writes texts. words: fields of what is written."""

    outbox: SqlOutbox
    words: Mapping[str, str]

    @classmethod
    def of(cls, settings: Settings, engine: Engine, clock: Clock) -> Self:
        """Build it. A line that could send nothing writes nothing; the demo does, to show what would be sent."""
        can_send = bool(settings.caller_id) if settings.has_carrier else settings.is_demo
        textable_here = partial(textable, countries=settings.countries)
        words = {
            "company": settings.company_name,
            "website": settings.company_website,
            "sales_number": in_writing(settings.sales_number),
            "support_number": in_writing(settings.support_number),
            "support_direct_number": in_writing(settings.support_direct_number),
        }
        return cls(SqlOutbox(engine, clock, textable_here if can_send else _nobody), words)

    def write_change(self, session: Session, account: Account, change: Change) -> None:
        """Write of a change in the transaction that makes it."""
        text = ChangeText(self.words).of(account, change)
        if text is not None:
            self.outbox.write(session, text)

    def put_change(self, account: Account, change: Change) -> None:
        """Write of a change that an account system of others has made. Raises: ServiceError."""
        text = ChangeText(self.words).of(account, change)
        if text is not None:
            self.outbox.put(text)


def _nobody(_number: str) -> Texting:
    return Texting.OFF

"""Tries at PINs, and the locks that they close."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.db.base import ID, Base, partial, words
from ivr.pins import PinResult


class PinTryRow(Base):
    """A try at a PIN, written before it is compared, and without its digits.

    account_id: the account system's own id; null where the account is unknown. caller_key: keyed hash of the
    caller's number; null where it is withheld. checked: the PIN was compared with that of a real account.
    outcome: the answer; wrong until proved right. settled: the comparison is over. forgiven: the same call got it
    right later, so it does not count towards closing the account for good. counts_for_caller: false where the call or
    the caller had no try left. closes_caller: the try that used up what this caller number may get wrong in a day.
    """

    __tablename__ = "pin_tries"
    __table_args__ = (
        Index("ix_pin_tries_account_id_at", "account_id", "at"),
        Index("ix_pin_tries_caller_key_at", "caller_key", "at"),
        {"sqlite_autoincrement": True},  # ids only rise: locks remember up to which one they count
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    call_sid: Mapped[str] = mapped_column(Text, index=True)
    account_id: Mapped[str | None] = mapped_column(Text)
    caller_key: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]
    checked: Mapped[bool]
    counts_for_caller: Mapped[bool]
    outcome: Mapped[PinResult] = mapped_column(words(PinResult))
    settled: Mapped[bool] = mapped_column(default=False)
    forgiven: Mapped[bool] = mapped_column(default=False)
    closes_caller: Mapped[bool] = mapped_column(default=False)


class PinLockRow(Base):
    """What tries have done to an account's PIN.

    locked_until: year 9999 until staff unlock it. level: how many times it has closed in a row. caused_by: the try
    that closed it last. reset_after, unlocked_after: tries up to this id no longer count, for the day and in total.
    """

    __tablename__ = "pin_locks"
    __table_args__ = (partial("ix_pin_locks_locked_until", "locked_until", where="locked_until IS NOT NULL"),)

    account_id: Mapped[str] = mapped_column(Text, primary_key=True)
    locked_until: Mapped[datetime | None]
    level: Mapped[int] = mapped_column(default=0)
    caused_by: Mapped[int | None] = mapped_column(BigInteger)
    reset_after: Mapped[int] = mapped_column(BigInteger, default=0)
    unlocked_after: Mapped[int] = mapped_column(BigInteger, default=0)

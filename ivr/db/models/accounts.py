"""Accounts, what was changed in them by telephone, and the ledger of those changes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ivr.accounts import ChangeKind, Plan
from ivr.db.base import ID, Base, words
from ivr.db.ledger_chain import EntryKind


class AccountRow(Base):
    """A customer's account. pin_hash is null where no PIN has been set: nothing matches then."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("seats >= 1", name="seats"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    account_number: Mapped[str] = mapped_column(String(8), unique=True)
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(String(16), index=True)
    plan: Mapped[Plan]
    seats: Mapped[int] = mapped_column(default=1)
    trial_ends_on: Mapped[date | None]
    paid_through: Mapped[date | None]
    auto_renew: Mapped[bool] = mapped_column(default=False)
    cancels_at_trial_end: Mapped[bool] = mapped_column(default=False)


class ChangeRow(Base):
    """A change made by telephone. Never altered; an undo is a row of its own that names the code it takes back."""

    __tablename__ = "account_changes"
    __table_args__ = (UniqueConstraint("account_id", "code"), UniqueConstraint("account_id", "key"))

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(6), index=True)
    kind: Mapped[ChangeKind]
    at: Mapped[datetime]
    call_sid: Mapped[str] = mapped_column(Text, index=True)
    key: Mapped[str] = mapped_column(Text)
    undoes: Mapped[str | None] = mapped_column(String(6))
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class LedgerRow(Base):
    """An entry of the ledger: `ivr.db.ledger_chain` says how entries are chained. Never altered, but for the salt.

    seq: without gaps, from 1. change_id: null where it is of no change; that change may be gone. commitment: to the
    change as it was then; '' where there is none. salt: null once the change is gone. hash: chains it to the entry
    before. key_id, seal: by which key; null for what was there before the first seal.
    """

    __tablename__ = "ledger"

    seq: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False)
    kind: Mapped[EntryKind] = mapped_column(words(EntryKind))
    at: Mapped[datetime]
    change_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    commitment: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str | None] = mapped_column(String(32))
    hash: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str | None] = mapped_column(String(8))
    seal: Mapped[str | None] = mapped_column(String(64))

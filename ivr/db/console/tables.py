"""The tables of the console. What webhooks write is in `ivr.db.models`; only `call_facts` is written on their way."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.call import Disposition
from ivr.db.base import ID, Base, only
from ivr.staff import Role

# What calls are filtered by, other than by whom.
SEARCHED = (
    "ended", "simulated", "disposition", "department", "path_id", "left_at", "duration_s", "version", "voicemail",
    "pin_wrong", "faults", "since_last_s", "silences", "wrong_keys", "asked_person",
)  # fmt: skip


def _some(name: str, of: str, sqlite: str = "") -> Index:
    """Index calls newest first, but only some of them. of, sqlite: which, as each database writes it."""
    where, there = text(of), text(sqlite or of)
    return Index(f"ix_call_facts_{name}", "started_at", "sid", postgresql_where=where, sqlite_where=there)


class CallFactsRow(Base):
    """What a call is searched by and counted in: narrow, so that a million of them are read in a moment.

    Begun with the call, and filled when it has ended: `ivr.digest.CallFacts` says what each column means. Left out:
    calls to people whom the line rings. since_last_s, next_after_s: seconds from the start of the same number's call
    before to the start of this one, and from this one's to that of the next; null where there is none, or the number
    is withheld.
    """

    __tablename__ = "call_facts"
    __table_args__ = (
        Index("ix_call_facts_caller_started_at", "caller", "started_at"),
        Index("ix_call_facts_account_number_started_at", "account_number", "started_at"),
        Index("ix_call_facts_path_id_started_at", "path_id", "started_at"),
        Index("ix_call_facts_version_started_at", "version", "started_at"),
        # Few calls are in these: who looks for them need not walk past all others.
        _some("voicemail", "voicemail", "voicemail = 1"),
        _some("pin_wrong", "pin_wrong > 0"),
        _some("faults", "faults > 0"),
        _some("simulated", "simulated", "simulated = 1"),
        _some("going", "NOT ended", "ended = 0"),
        # SQLite uses one index at a time: in this one it walks over calls without a look at the table.
        only("sqlite", Index("ix_call_facts_search", "started_at", "sid", *SEARCHED)),
        # PostgreSQL cuts as many as it likes: whatever somebody filters by has one.
        only("postgresql", Index("ix_call_facts_started_at_sid", "started_at", "sid")),
        only("postgresql", Index("ix_call_facts_disposition", "disposition")),
        only("postgresql", Index("ix_call_facts_department", "department")),
        only("postgresql", Index("ix_call_facts_left_at", "left_at")),
        only("postgresql", Index("ix_call_facts_duration_s", "duration_s")),
        only("postgresql", _some("repeat", "since_last_s <= 86400")),
        only("postgresql", _some("silences", "silences > 0")),
        only("postgresql", _some("wrong_keys", "wrong_keys > 0")),
        only("postgresql", _some("asked_person", "asked_person")),
    )

    sid: Mapped[str] = mapped_column(ForeignKey("calls.sid", ondelete="CASCADE"), primary_key=True)
    started_at: Mapped[datetime]
    ended: Mapped[bool] = mapped_column(default=False)
    duration_s: Mapped[int | None]
    caller: Mapped[str] = mapped_column(Text)
    account_number: Mapped[str | None] = mapped_column(String(8))
    disposition: Mapped[Disposition | None]
    department: Mapped[str] = mapped_column(Text, default="")
    path_id: Mapped[int | None] = mapped_column(ForeignKey("paths.id"))
    left_at: Mapped[str | None] = mapped_column(Text)
    turns: Mapped[int] = mapped_column(default=0)
    keyed: Mapped[int] = mapped_column(default=0, server_default="0")
    silences: Mapped[int] = mapped_column(default=0)
    wrong_keys: Mapped[int] = mapped_column(default=0)
    asked_person: Mapped[bool] = mapped_column(default=False)
    pin_tries: Mapped[int] = mapped_column(default=0)
    pin_wrong: Mapped[int] = mapped_column(default=0)
    faults: Mapped[int] = mapped_column(default=0)
    voicemail: Mapped[bool] = mapped_column(default=False)
    slowest_ms: Mapped[int] = mapped_column(default=0)
    since_last_s: Mapped[int | None]
    next_after_s: Mapped[int | None]
    version: Mapped[str] = mapped_column(String(8))
    simulated: Mapped[bool] = mapped_column(default=False)


class PathRow(Base):
    """A way that calls have taken through the flows, written once. key: hash of steps.

    steps: flow names in order, parted by blanks, none twice in a row.
    """

    __tablename__ = "paths"

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    steps: Mapped[str] = mapped_column(Text)


class StaffRow(Base):
    """Somebody who works at the console: `ivr.staff.Staff`. totp_secret: sealed; null without a second factor.

    totp_step: the last time step a code was taken for, since each is good once. must_change: the password is known to
    whoever gave it, and is good for one thing only: to be changed.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    full_name: Mapped[str] = mapped_column(Text)
    role: Mapped[Role]
    password_hash: Mapped[str] = mapped_column(Text)
    epoch: Mapped[int] = mapped_column(default=0)
    zone: Mapped[str] = mapped_column(Text, default="")
    totp_secret: Mapped[str | None] = mapped_column(Text)
    totp_step: Mapped[int] = mapped_column(default=0)
    must_change: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class SignInRow(Base):
    """A try to sign in that has not been right yet.

    name_key, address_key: keyed hashes of what was typed and where it came from. A device that somebody has signed in
    from is counted by itself: then name_key is the device's, and address_key is ''.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (
        Index("ix_sign_ins_name_key_at", "name_key", "at"),
        Index("ix_sign_ins_address_key_at", "address_key", "at"),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    at: Mapped[datetime]
    name_key: Mapped[str] = mapped_column(String(32))
    address_key: Mapped[str] = mapped_column(String(32))


class RecoveryCodeRow(Base):
    """A code that is good once instead of one from the app. code_key: keyed hash of it; its row goes with its use."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_staff_id", "staff_id"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    code_key: Mapped[str] = mapped_column(String(32))


class EndedSessionRow(Base):
    """A session that somebody has signed out of, so that a copy of its cookie is worth nothing. key: hash of its id."""

    __tablename__ = "ended_sessions"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]


class AuditRow(Base):
    """Something sensitive that was done or shown, never altered. who: staff name, as it was; `flask` for commands.

    act: a word of `ivr.db.console.audit.Act`. subject: what it was done to. detail: what more there is to know.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_at", "at"), Index("ix_audit_subject", "subject"))

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(64))
    act: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]]


class NoteRow(Base):
    """A note on a call, in one of its versions. first_id: id of its first version; null for that itself.

    body: '' where the note was taken away. Only the newest version of a note is current.
    """

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_call_sid", "call_sid"), Index("ix_notes_first_id", "first_id"))

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    call_sid: Mapped[str] = mapped_column(ForeignKey("calls.sid", ondelete="CASCADE"))
    first_id: Mapped[int | None]
    current: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)


class MarkRow(Base):
    """What staff have made of a call. corrected, reason: the disposition as staff see it, and why.

    assigned_to: staff name. follow_up: somebody has to come back to it. seen: nobody need look at it as missed.
    """

    __tablename__ = "marks"
    __table_args__ = (Index("ix_marks_follow_up", "follow_up"), Index("ix_marks_assigned_to", "assigned_to"))

    call_sid: Mapped[str] = mapped_column(ForeignKey("calls.sid", ondelete="CASCADE"), primary_key=True)
    corrected: Mapped[Disposition | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    assigned_to: Mapped[str | None] = mapped_column(String(64))
    follow_up: Mapped[bool] = mapped_column(default=False)
    seen: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(64))


class FilterRow(Base):
    """A filter of calls saved by name: the query of its address."""

    __tablename__ = "filters"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    query: Mapped[str] = mapped_column(Text)


class HoldRow(Base):
    """A legal hold: nothing of a caller's number or an account goes by rule or request until it is released.

    kind: `caller` or `account`. value: the number.
    """

    __tablename__ = "holds"
    __table_args__ = (Index("ix_holds_kind_value", "kind", "value"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(64))
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None] = mapped_column(String(64))


class ErasureRow(Base):
    """The receipt of a caller erased, or of a purge by rule. caller_key: keyed hash of the number; null for a purge."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    receipt: Mapped[str] = mapped_column(String(32), unique=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(64))
    caller_key: Mapped[str | None] = mapped_column(String(32))
    counts: Mapped[dict[str, Any]]

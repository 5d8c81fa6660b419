"""The console: calls to be searched, staff, and what staff have done."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ivr.db import online

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Of tables that may be large. Of many rows, some are of the few that somebody still has to look at.
_INDEXES = (
    ("ix_account_changes_code", "account_changes", "code", ""),
    ("ix_calls_in_progress", "calls", "started_at", "ended_at IS NULL"),
    ("ix_pin_locks_locked_until", "pin_locks", "locked_until", "locked_until IS NOT NULL"),
    ("ix_texts_call_sid", "texts", "call_sid", ""),
    ("ix_texts_dead", "texts", "created_at", "state = 'dead'"),
)
_SEARCHED = (
    "ended", "simulated", "disposition", "department", "path_id", "left_at", "duration_s", "version", "voicemail",
    "pin_wrong", "faults", "since_last_s", "silences", "wrong_keys", "asked_person",
)  # fmt: skip
_TO_HEAR = ("ix_voicemails_to_hear", "voicemails", "done_at IS NULL")


def upgrade() -> None:
    for name, table_name, column, where in _INDEXES:
        online.create_index(name, table_name, [column], where)
    op.create_table(
        "audit",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_subject", "audit", ["subject"])

    op.create_table(
        "erasures",
        sa.Column("id", _ID, nullable=False),
        sa.Column("receipt", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("caller_key", sa.String(length=32), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("receipt", name=op.f("uq_erasures_receipt")),
    )
    op.create_table(
        "holds",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_kind_value", "holds", ["kind", "value"])

    op.create_table(
        "paths",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paths")),
        sa.UniqueConstraint("key", name=op.f("uq_paths_key")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name_key", sa.String(length=32), nullable=False),
        sa.Column("address_key", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
    )
    op.create_index("ix_sign_ins_address_key_at", "sign_ins", ["address_key", "at"])
    op.create_index("ix_sign_ins_name_key_at", "sign_ins", ["name_key", "at"])

    op.create_table(
        "staff",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Enum("staff", "lead", "admin", name="role", native_enum=False, length=32), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_name")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("staff_id", _ID, nullable=False),
        sa.Column("code_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index("ix_recovery_codes_staff_id", "recovery_codes", ["staff_id"])
    op.create_table(
        "ended_sessions",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ended_sessions")),
    )
    op.create_table(
        "call_facts",
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("account_number", sa.String(length=8), nullable=True),
        sa.Column(
            "disposition",
            sa.Enum(
                "abandoned",
                "informed",
                "resolved",
                "failed",
                "voicemail",
                "callback",
                "transferred",
                name="disposition",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("path_id", _ID, nullable=True),
        sa.Column("left_at", sa.Text(), nullable=True),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("keyed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("silences", sa.Integer(), nullable=False),
        sa.Column("wrong_keys", sa.Integer(), nullable=False),
        sa.Column("asked_person", sa.Boolean(), nullable=False),
        sa.Column("pin_tries", sa.Integer(), nullable=False),
        sa.Column("pin_wrong", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("voicemail", sa.Boolean(), nullable=False),
        sa.Column("slowest_ms", sa.Integer(), nullable=False),
        sa.Column("since_last_s", sa.Integer(), nullable=True),
        sa.Column("next_after_s", sa.Integer(), nullable=True),
        sa.Column("version", sa.String(length=8), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["path_id"], ["paths.id"], name=op.f("fk_call_facts_path_id_paths")),
        sa.ForeignKeyConstraint(["sid"], ["calls.sid"], name=op.f("fk_call_facts_sid_calls"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_call_facts")),
    )
    for columns in (
        ["caller", "started_at"],
        ["account_number", "started_at"],
        ["path_id", "started_at"],
        ["version", "started_at"],
    ):
        op.create_index(f"ix_call_facts_{'_'.join(columns)}", "call_facts", columns)
    for name, of, on_sqlite in (
        ("voicemail", "voicemail", "voicemail = 1"),
        ("pin_wrong", "pin_wrong > 0", "pin_wrong > 0"),
        ("faults", "faults > 0", "faults > 0"),
        ("simulated", "simulated", "simulated = 1"),
        ("going", "NOT ended", "ended = 0"),
    ):
        some: Any = {"postgresql_where": sa.text(of), "sqlite_where": sa.text(on_sqlite)}
        op.create_index(f"ix_call_facts_{name}", "call_facts", ["started_at", "sid"], **some)
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_call_facts_search", "call_facts", ["started_at", "sid", *_SEARCHED])
    else:
        op.create_index("ix_call_facts_started_at_sid", "call_facts", ["started_at", "sid"])
        for column in ("disposition", "department", "left_at", "duration_s"):
            op.create_index(f"ix_call_facts_{column}", "call_facts", [column])
        for name, of in (
            ("repeat", "since_last_s <= 86400"),
            ("silences", "silences > 0"),
            ("wrong_keys", "wrong_keys > 0"),
            ("asked_person", "asked_person"),
        ):
            some = {"postgresql_where": sa.text(of)}
            op.create_index(f"ix_call_facts_{name}", "call_facts", ["started_at", "sid"], **some)

    op.create_table(
        "filters",
        sa.Column("id", _ID, nullable=False),
        sa.Column("staff_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_filters_staff_id_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filters")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_filters_staff_id_name")),
    )
    op.create_table(
        "marks",
        sa.Column("call_sid", sa.Text(), nullable=False),
        sa.Column(
            "corrected",
            sa.Enum(
                "abandoned",
                "informed",
                "resolved",
                "failed",
                "voicemail",
                "callback",
                "transferred",
                name="disposition",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("assigned_to", sa.String(length=64), nullable=True),
        sa.Column("follow_up", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["call_sid"], ["calls.sid"], name=op.f("fk_marks_call_sid_calls"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_sid", name=op.f("pk_marks")),
    )
    op.create_index("ix_marks_assigned_to", "marks", ["assigned_to"])
    op.create_index("ix_marks_follow_up", "marks", ["follow_up"])

    op.create_table(
        "notes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_sid", sa.Text(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=True),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_sid"], ["calls.sid"], name=op.f("fk_notes_call_sid_calls"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index("ix_notes_call_sid", "notes", ["call_sid"])
    op.create_index("ix_notes_first_id", "notes", ["first_id"])

    with op.batch_alter_table("calls") as calls:
        calls.add_column(sa.Column("simulated", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in ("voicemails", "texts"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))
            table.add_column(sa.Column("done_by", sa.String(length=64), nullable=True))
    # Messages are few: some hundreds wait at most, and go after their days.
    name, table_name, where = _TO_HEAR
    op.create_index(name, table_name, ["at"], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for name, table_name, *_ in reversed(_INDEXES):
        online.drop_index(name, table_name)
    op.drop_index(_TO_HEAR[0], _TO_HEAR[1])
    for name in ("texts", "voicemails"):
        with op.batch_alter_table(name) as table:
            table.drop_column("done_by")
            table.drop_column("done_at")
    with op.batch_alter_table("calls") as calls:
        calls.drop_column("simulated")
    op.drop_table("notes")
    op.drop_table("marks")
    op.drop_table("filters")
    op.drop_table("call_facts")
    op.drop_table("ended_sessions")
    op.drop_table("recovery_codes")
    op.drop_table("staff")
    op.drop_table("sign_ins")
    op.drop_table("paths")
    op.drop_table("holds")
    op.drop_table("erasures")
    op.drop_table("audit")

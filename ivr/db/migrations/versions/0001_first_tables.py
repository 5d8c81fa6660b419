"""The first tables: accounts, PIN tries and the call log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("account_number", sa.String(length=8), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column(
            "plan", sa.Enum("trial", "monthly", "annual", name="plan", native_enum=False, length=32), nullable=False
        ),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("trial_ends_on", sa.Date(), nullable=True),
        sa.Column("paid_through", sa.Date(), nullable=True),
        sa.Column("auto_renew", sa.Boolean(), nullable=False),
        sa.Column("cancels_at_trial_end", sa.Boolean(), nullable=False),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_accounts_seats")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("account_number", name=op.f("uq_accounts_account_number")),
    )
    op.create_index("ix_accounts_phone", "accounts", ["phone"])
    op.create_table(
        "calls",
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("account_number", sa.String(length=8), nullable=True),
        sa.Column(
            "disposition",
            sa.Enum(
                "failed",
                "abandoned",
                "informed",
                "resolved",
                "voicemail",
                "transferred",
                name="disposition",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("transferred_to", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("pending", sa.JSON(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_calls")),
    )
    op.create_index("ix_calls_started_at_sid", "calls", ["started_at", "sid"])
    op.create_table(
        "pin_locks",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("caused_by", sa.BigInteger(), nullable=True),
        sa.Column("reset_after", sa.BigInteger(), nullable=False),
        sa.Column("unlocked_after", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_pin_locks")),
    )
    op.create_table(
        "pin_tries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("call_sid", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("caller_key", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked", sa.Boolean(), nullable=False),
        sa.Column("counts_for_caller", sa.Boolean(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("correct", "wrong", "spent", name="pinresult", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("forgiven", sa.Boolean(), nullable=False),
        sa.Column("closes_caller", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin_tries")),
        sa.UniqueConstraint("key", name=op.f("uq_pin_tries_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pin_tries_account_id_at", "pin_tries", ["account_id", "at"])
    op.create_index("ix_pin_tries_call_sid", "pin_tries", ["call_sid"])
    op.create_index("ix_pin_tries_caller_key_at", "pin_tries", ["caller_key", "at"])
    op.create_table(
        "account_changes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cancel_trial",
                "turn_off_renewal",
                "undo_cancel_trial",
                "undo_turn_off_renewal",
                name="changekind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_sid", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("undoes", sa.String(length=6), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_changes_account_id_accounts"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_changes")),
        sa.UniqueConstraint("account_id", "code", name=op.f("uq_account_changes_account_id_code")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_account_changes_account_id_key")),
    )
    op.create_index("ix_account_changes_call_sid", "account_changes", ["call_sid"])
    op.create_table(
        "turns",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_sid", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("prompts", sa.JSON(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_sid"], ["calls.sid"], name=op.f("fk_turns_call_sid_calls"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turns")),
        sa.UniqueConstraint("call_sid", "number", name=op.f("uq_turns_call_sid_number")),
    )


def downgrade() -> None:
    op.drop_table("turns")
    op.drop_table("account_changes")
    op.drop_table("pin_tries")
    op.drop_table("pin_locks")
    op.drop_table("calls")
    op.drop_table("accounts")

"""Text messages to callers, and the numbers that want none."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "texts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("to_number", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Enum("answer", "change", name="purpose", native_enum=False, length=32), nullable=False),
        sa.Column("call_sid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "sent", "dead", "suppressed", name="textstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("message_sid", sa.Text(), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
        sa.UniqueConstraint("key", name=op.f("uq_texts_key")),
    )
    op.create_index("ix_texts_next_try_at", "texts", ["next_try_at"])
    op.create_index("ix_texts_to_number_created_at", "texts", ["to_number", "created_at"])
    op.create_table(
        "text_stops",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "source", sa.Enum("reply", "carrier", name="stopsource", native_enum=False, length=32), nullable=False
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_text_stops")),
    )


def downgrade() -> None:
    op.drop_table("text_stops")
    op.drop_table("texts")

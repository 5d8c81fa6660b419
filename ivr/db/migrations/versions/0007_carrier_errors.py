"""Errors that the carrier tells of."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "carrier_errors",
        sa.Column("id", _ID, nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("call_sid", sa.Text(), nullable=True),
        sa.Column("resource_sid", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_errors")),
        sa.UniqueConstraint("sid", name=op.f("uq_carrier_errors_sid")),
    )
    op.create_index("ix_carrier_errors_at", "carrier_errors", ["at"])
    op.create_index("ix_carrier_errors_call_sid", "carrier_errors", ["call_sid"])


def downgrade() -> None:
    op.drop_table("carrier_errors")

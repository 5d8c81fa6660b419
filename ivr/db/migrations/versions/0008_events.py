"""Events: what a company's own systems are told."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Of many rows, the few that are still to be sent, or that somebody has to look at.
_PARTIAL = (
    ("ix_events_waiting", ["endpoint", "subject", "id"], "state = 'waiting'"),
    ("ix_events_dead", ["created_at"], "state = 'dead'"),
)


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("call_sid", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "sent", "dead", name="eventstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=64), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("key", "endpoint", name=op.f("uq_events_key_endpoint")),
    )
    for column in ("account_id", "call_sid", "created_at", "event_id", "next_try_at"):
        op.create_index(f"ix_events_{column}", "events", [column])
    for name, columns, where in _PARTIAL:
        op.create_index(name, "events", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "event_endpoints",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rest_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_event_endpoints")),
    )


def downgrade() -> None:
    op.drop_table("event_endpoints")
    op.drop_table("events")

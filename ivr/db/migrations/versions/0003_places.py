"""Places in line, and calls to people whom we ring."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KINDS = ("on-line", "callback")
_STATES = (
    *("connecting", "away", "waiting", "offered", "ringing", "talking"),
    *("served", "left", "cancelled", "unreached"),
)


def upgrade() -> None:
    op.create_table(
        "places",
        sa.Column("id", _ID, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("call_sid", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Enum(*_KINDS, name="kind", native_enum=False, length=32), nullable=False),
        sa.Column("state", sa.Enum(*_STATES, name="placestate", native_enum=False, length=32), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("proved", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer", sa.String(length=32), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("rest_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_place", sa.Integer(), nullable=True),
        sa.Column("told_minutes", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=1), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
    )
    op.create_index("ix_places_call_sid", "places", ["call_sid"])
    op.create_index("ix_places_department_state", "places", ["department", "state"])
    op.create_index("ix_places_number_arrived_at", "places", ["number", "arrived_at"])
    op.create_index("ix_places_offer", "places", ["offer"])
    op.create_index("ix_places_until", "places", ["until"])
    with op.batch_alter_table("calls") as calls:
        calls.add_column(sa.Column("leg", sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("calls") as calls:
        calls.drop_column("leg")
    op.drop_table("places")

"""The ledger: changes are chained. Those that are there already become its beginning, which the first seal covers."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from ivr.db.ledger_chain import EntryKind

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CHANGES = sa.table(
    "account_changes",
    *(sa.column(name, sa.BigInteger()) for name in ("id", "account_id")),
    *(sa.column(name, sa.Text()) for name in ("code", "kind", "call_sid", "key", "undoes")),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name, sa.JSON()) for name in ("before", "after")),
)


def upgrade() -> None:
    ledger = op.create_table(
        "ledger",
        sa.Column("seq", _ID, autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*(kind.value for kind in EntryKind), name="entrykind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=True),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=8), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger")),
    )
    op.create_index("ix_ledger_change_id", "ledger", ["change_id"])
    if not op.get_context().as_sql:
        _begin(op.get_bind(), ledger)


def _begin(connection: sa.Connection, ledger: sa.Table) -> None:
    from ivr.db.ledger import BATCH, Head, columns_of, entry  # noqa: PLC0415 where there is a database, everything is loaded

    now, head, last = datetime.now(UTC), Head(), 0
    older = sa.select(_CHANGES).order_by(_CHANGES.c.id).limit(BATCH)
    while rows := connection.execute(older.where(_CHANGES.c.id > last)).all():
        entries: list[dict[str, Any]] = []
        for row in rows:
            entries.append(entry(head, EntryKind.ADOPTED, now, columns_of(row)))
            head, last = Head(entries[-1]["seq"], entries[-1]["hash"]), row.id
        connection.execute(sa.insert(ledger), entries)


def downgrade() -> None:
    op.drop_table("ledger")

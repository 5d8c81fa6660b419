"""Steps of migrations that may take long on a large table, made such that nobody else waits for them on PostgreSQL.

A table that is new in its revision needs none of this. Each step may be made again, since a revision that uses one is
not a single transaction: such steps come first in it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op


def create_index(name: str, table: str, columns: list[str], where: str = "") -> None:
    """Build an index beside those who write. where: of a few rows of many."""
    some: dict[str, Any] = {"postgresql_where": sa.text(where), "sqlite_where": sa.text(where)} if where else {}
    if op.get_context().dialect.name != "postgresql":
        op.create_index(name, table, columns, **some)
        return
    with op.get_context().autocommit_block():
        _wait_for_writers()
        if _is_invalid(name):  # somebody stopped us half-way
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, if_not_exists=True, postgresql_concurrently=True, **some)
        op.execute("RESET lock_timeout")


def drop_index(name: str, table: str) -> None:
    """Drop an index beside those who write."""
    if op.get_context().dialect.name != "postgresql":
        op.drop_index(name, table)
        return
    with op.get_context().autocommit_block():
        _wait_for_writers()
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.execute("RESET lock_timeout")


def _wait_for_writers() -> None:
    """Wait for as long as it takes: nobody waits behind this step."""
    op.execute("SET lock_timeout = 0")


def _is_invalid(name: str) -> bool:
    if op.get_context().as_sql:
        return False
    found = sa.text("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
    return bool(op.get_bind().scalar(found, {"name": name}))

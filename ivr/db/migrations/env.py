"""Alembic's entry: runs on the connection that `ivr.db.migrate` has opened and locked."""

from alembic import context

from ivr.db.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
context.run_migrations()

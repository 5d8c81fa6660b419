"""Alembic's entry: runs on the connection that `ivr.db.migrate` has opened."""

from alembic import context

from ivr.db.base import Base, belongs

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    include_object=belongs(connection.dialect.name),
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
    transaction_per_migration=connection.dialect.name == "postgresql",
)
with context.begin_transaction():
    context.run_migrations()

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from databases import add_account, empty_url
from sqlalchemy import inspect

from ivr.db import migrate
from ivr.db.base import Base, belongs
from ivr.db.database import open_database, reading


@pytest.fixture
def empty(backend, tmp_path):
    return empty_url(backend, tmp_path)


def test_migrations_lead_to_the_models(engine):
    with reading(engine) as session:
        options = {"compare_type": True, "include_object": belongs(engine.dialect.name)}
        context = MigrationContext.configure(session.connection(), opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_every_constraint_has_a_name(engine):
    known = inspect(engine)
    for table in known.get_table_names():
        constraints = known.get_unique_constraints(table) + known.get_foreign_keys(table)
        assert all(constraint["name"] for constraint in constraints), table


def test_upgrade_and_downgrade(empty):
    engine = open_database(empty)
    assert migrate.current(engine) is None
    for _ in range(2):
        migrate.upgrade(empty)
        migrate.upgrade(empty)
        assert migrate.current(engine) == migrate.head()
        migrate.downgrade(empty, "base")
        assert migrate.current(engine) is None
        assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_upgrading_keeps_what_is_there(url, engine, hasher):
    add_account(engine, hasher)
    migrate.upgrade(url)
    with reading(engine) as session:
        assert session.execute(Base.metadata.tables["accounts"].select()).one().account_number == "70000011"

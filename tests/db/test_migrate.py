import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from databases import add_account, empty_url
from sqlalchemy import MetaData, inspect

from ivr.db import migrate, online
from ivr.db.base import Base, belongs
from ivr.db.database import open_database, reading

REVISIONS = list(ScriptDirectory.from_config(migrate.config()).walk_revisions())[::-1]
# Rules of squawk that do not fit: what a column is declared as costs no lock, and timeouts come with the connection.
OF_TASTE = "prefer-text-field,prefer-bigint-over-int,prefer-identity,require-lock-timeout,require-statement-timeout"
SMALL = {"ix_voicemails_to_hear"}  # messages wait to be heard by the hundred, and go after their days


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


ALEMBIC = "alembic_version"
AT = datetime(2027, 3, 5, 17, tzinfo=UTC)
BY_TYPE = {int: 1, bool: True, datetime: AT, date: AT.date(), str: "1"}


def tables_of(engine):
    known = MetaData()
    known.reflect(engine)
    return [table for table in known.sorted_tables if table.name != ALEMBIC]


def a_row(table, number):
    """Make a row with something in every column; `number` tells it from others, and refers to others of that number."""
    row = {}
    for column in table.columns:
        kind = column.type.python_type
        value = BY_TYPE.get(kind, {"a": ["b"]})
        keyed = column.foreign_keys or column.primary_key or kind is str
        row[column.name] = (kind(number) if kind in {int, str} else value) if keyed else value
    return row


def fill(engine, tables):
    with engine.begin() as connection:
        for table in tables:
            connection.execute(table.insert(), [a_row(table, number) for number in (1, 2, 3)])


def unfilled(engine, tables, older):
    """List the tables of a revision, but those that it fills by itself from what is there."""
    return [table for table in tables if table.name not in older and not contents(engine, [table])[table.name]]


def contents(engine, tables):
    with engine.connect() as connection:
        return {table.name: connection.execute(table.select().order_by(*table.primary_key)).all() for table in tables}


@pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True)
def test_filled_databases_go_up_and_down_and_lose_only_what_an_older_line_has_no_place_for(empty):
    engine, before = open_database(empty), []
    for revision in REVISIONS:
        migrate.upgrade(empty, revision.revision)
        tables = tables_of(engine)
        older = {table.name for table in before}
        fill(engine, unfilled(engine, tables, older))
        assert all(len(rows) == 3 for rows in contents(engine, tables).values())
        if revision.down_revision:
            here = contents(engine, before)
            migrate.downgrade(empty, revision.down_revision)
            assert {table.name for table in tables_of(engine)} == older
            assert contents(engine, before) == here, f"{revision.revision} goes down with all that was there before"
            migrate.upgrade(empty, revision.revision)
            assert contents(engine, before) == here, f"{revision.revision} goes up again with it"
            fill(engine, unfilled(engine, tables, older))
        before = tables
    assert migrate.current(engine) == migrate.head()
    migrate.upgrade(empty)
    migrate.downgrade(empty, "base")
    assert migrate.current(engine) is None
    assert inspect(engine).get_table_names() == [ALEMBIC]
    engine.dispose()


def test_upgrading_keeps_what_is_there(url, engine, hasher):
    add_account(engine, hasher)
    migrate.upgrade(url)
    with reading(engine) as session:
        assert session.execute(Base.metadata.tables["accounts"].select()).one().account_number == "70000011"


def statements_of(upgrade):
    """Write down what a revision tells PostgreSQL."""
    out = io.StringIO()
    how = {"as_sql": True, "output_buffer": out, "transactional_ddl": True, "transaction_per_migration": True}
    context = MigrationContext.configure(dialect_name="postgresql", opts=how)
    with Operations.context(context), context.begin_transaction(_per_migration=True):
        upgrade()
    return out.getvalue()


def faults(folder: Path, revisions):
    """Have squawk look for what would keep others waiting for a table, or break an older line that still runs."""
    for revision in revisions:
        (folder / f"{revision.revision}.sql").write_text(statements_of(revision.module.upgrade))
    squawk = [Path(sys.executable).with_name("squawk"), "--pg-version", "14", "--reporter", "json", "-e", OF_TASTE]
    done = subprocess.run([*squawk, *sorted(folder.glob("*.sql"))], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout or "[]")
    lines = {fault["file"]: Path(fault["file"]).read_text().splitlines() for fault in found}
    return [(fault["rule_name"], lines[fault["file"]][fault["line"]]) for fault in found]


def test_no_migration_keeps_webhooks_from_a_table(tmp_path):
    assert [fault for fault in faults(tmp_path, REVISIONS) if not any(name in fault[1] for name in SMALL)] == []


def careless():
    op.create_index("ix_turns_flow", "turns", ["flow"])
    op.add_column("turns", sa.Column("language", sa.Text(), nullable=False))
    op.create_foreign_key("fk_turns_path", "turns", "paths", ["path_id"], ["id"])
    op.drop_column("calls", "answer")


def careful():
    online.create_index("ix_turns_flow", "turns", ["flow"])
    op.add_column("turns", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("turns", sa.Column("noisy", sa.Boolean(), nullable=False, server_default=sa.false()))


def test_a_careless_migration_would_be_found_and_a_careful_one_let_through(tmp_path):
    planted = [SimpleNamespace(revision="careless", module=SimpleNamespace(upgrade=careless))]
    assert {rule for rule, _ in faults(tmp_path, planted)} >= {
        "require-concurrent-index-creation",
        "adding-required-field",
        "constraint-missing-not-valid",
        "ban-drop-column",
    }
    (tmp_path / "careless.sql").unlink()
    assert faults(tmp_path, [SimpleNamespace(revision="careful", module=SimpleNamespace(upgrade=careful))]) == []


def test_a_database_of_a_newer_line_is_not_behind(engine):
    assert not migrate.is_behind(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    newer = migrate.is_behind(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0004'"))
    older = migrate.is_behind(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :head"), {"head": migrate.head()})
    assert (newer, older) == (False, True)

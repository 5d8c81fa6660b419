"""`flask db`: the shape of the database."""

import click
from flask.cli import AppGroup

from ivr.bootstrap import answerline
from ivr.cli.needs import in_one_line
from ivr.db import migrate
from ivr.db.postgresql import Waits

db = AppGroup("db", help="The database's shape: current, upgrade.")


@db.command("upgrade")
@in_one_line
def upgrade() -> None:
    """Bring the database to the shape this version needs; safe at any time."""
    settings = answerline().settings
    migrate.upgrade(settings.database_url, waits=Waits.of(settings))
    click.echo(f"The database is at {migrate.head()}, the newest.")


@db.command("current")
@in_one_line
def current() -> None:
    """Say which shape the database has."""
    revision = migrate.current(answerline().engine)
    if revision == migrate.head():
        click.echo(f"{revision}, the newest")
    else:
        click.echo(f"{revision or 'empty'}; run `flask db upgrade` for {migrate.head()}")

"""`flask db`: the shape of the database."""

from pathlib import Path

import click
from flask.cli import AppGroup

from ivr.bootstrap import Answerline, answerline
from ivr.cli.common import in_one_line
from ivr.db import migrate
from ivr.db.backup import backup as copy
from ivr.db.database import writing
from ivr.db.postgresql import Waits

LEDGER_SINCE = "0009"

db = AppGroup("db", help="The database's shape: current, upgrade; and copies of it: backup.")


@db.command("upgrade")
@in_one_line
def upgrade() -> None:
    """Bring the database to the shape this version needs; safe at any time."""
    bring_up_to_date(answerline())
    click.echo(f"The database is at {migrate.head()}, the newest.")


def bring_up_to_date(line: Answerline) -> None:
    """Migrate, and seal the ledger where it has just begun: changes that were there bear no seal yet."""
    before = migrate.current(line.database) or LEDGER_SINCE
    migrate.upgrade(line.settings.database_url, waits=Waits.of(line.settings))
    if before < LEDGER_SINCE:
        with writing(line.database, patient=True) as session:
            line.ledger.seal(session)


@db.command("current")
@in_one_line
def current() -> None:
    """Say which shape the database has."""
    revision = migrate.current(answerline().database)
    if revision == migrate.head():
        click.echo(f"{revision}, the newest")
    else:
        click.echo(f"{revision or 'empty'}; run `flask db upgrade` for {migrate.head()}")


@db.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@in_one_line
def backup(file: Path) -> None:
    """Copy the database into FILE, while the line runs."""
    settings = answerline().settings
    size = copy(settings.database_url, file)
    click.echo(f"{file}: {size / 2**20:.1f} MiB, checked.")
    if settings.is_demo:
        click.echo(
            f"Without {settings.instance_dir}/pin_pepper and secret_key no PIN in it is good: keep them elsewhere."
        )

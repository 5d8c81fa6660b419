"""What the commands take from the running application, and how they fail: in one line."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click

from ivr.bootstrap import answerline
from ivr.config import SettingsError
from ivr.db.accounts import SqlAccounts
from ivr.services import ServiceError

P = ParamSpec("P")
R = TypeVar("R")


def accounts_in_database() -> SqlAccounts:
    """Return the accounts of the database. Raises: ClickException where they are kept elsewhere."""
    accounts = answerline().accounts
    if not isinstance(accounts, SqlAccounts):
        raise click.ClickException("accounts are kept elsewhere (ACCOUNTS_BACKEND); use that system's own tools")
    return accounts


def in_one_line(command: Callable[P, R]) -> Callable[P, R]:
    """Make a command report trouble in one line on standard error, with exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (ServiceError, SettingsError) as error:
            raise click.ClickException(str(error)) from error

    return run


def print_json(document: Any) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def plain(value: object) -> str:
    """Make text from outside fit for a terminal: no control characters, '-' where there is nothing."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value)) if value else "-"

"""What commands have in common: options and output in the same form, and trouble told in one line."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click

from ivr.bootstrap import answerline
from ivr.db.accounts import SqlAccounts
from ivr.service_errors import ServiceError
from ivr.setting_rules import SettingsError

P = ParamSpec("P")
R = TypeVar("R")
_MOST = 1_000_000_000


class WrongUseError(click.ClickException):
    """An option that makes no sense."""

    exit_code = 2


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


def since_time(text: str | None) -> datetime | None:
    """Read `--since`: UTC unless it names a zone. Raises: WrongUseError."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise WrongUseError("--since is not a time like 2027-03-05T17:00:00Z") from None


def at_most(limit: int | None) -> int | None:
    """Read `--limit`. Raises: WrongUseError."""
    if limit is not None and not 1 <= limit <= _MOST:
        raise WrongUseError(f"--limit is not between 1 and {_MOST}")
    return limit


def print_json(document: Any) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def plain(value: object) -> str:
    """Make text from outside fit for a terminal: no control characters, '-' where there is nothing."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value)) if value else "-"

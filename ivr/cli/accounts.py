"""`flask accounts`: what staff do to accounts in the line's own database."""

import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import Progress

from ivr.bootstrap import answerline
from ivr.cli.common import accounts_in_database, in_one_line, plain, print_json
from ivr.db.demo import holds_demo
from ivr.db.history import iso
from ivr.db.import_rows import BadFileError, BadRow
from ivr.db.importer import BadRowsError, Imported, import_accounts
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.db.pins import UNTIL_UNLOCKED
from ivr.pin_hash import PIN_DIGITS, PinHasher, random_pin, weak_pin

_ROWS_A_STEP = 20  # drawing costs more than a row without a PIN
_DEMO_WARNING = (
    "Warning: this database holds the demo accounts, whose PINs are published; "
    "a line for customers needs a database of its own (DATABASE_URL)."
)

accounts = AppGroup("accounts", help="Customers' accounts: import, show, set a PIN, unlock.")


@accounts.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@in_one_line
def import_file(file: Path) -> None:
    """Import accounts from a CSV FILE, all rows or none; known accounts are updated."""
    accounts_in_database()
    here = answerline()
    hasher = PinHasher(here.settings.pin_pepper, here.settings.pin_pepper_previous)
    if holds_demo(here.database):
        click.echo(_DEMO_WARNING, err=True)
    console = Console(stderr=True)

    def tell(row: BadRow) -> None:
        console.print(f"{plain(file)}: {row}", markup=False, highlight=False, emoji=False, soft_wrap=True)

    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            done = import_accounts(
                here.database, hasher, file, here.settings.instance_dir, bad=tell, stage=_stages(bar)
            )
    except BadFileError as error:
        raise click.ClickException(str(error)) from None
    except BadRowsError as bad:
        raise click.ClickException(f"nothing was imported: {_many(bad.total, 'bad row')}") from None
    click.echo(_told(done))


@accounts.command("show")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@in_one_line
def show(number: str, *, as_json: bool) -> None:
    """Show the account with this NUMBER, and what callers have changed."""
    found = accounts_in_database().record(number)
    if found is None:
        raise _unknown(number)
    document = _document(*found)
    if as_json:
        print_json(document)
        return
    if document["locked_until"] == iso(UNTIL_UNLOCKED):
        document["locked_until"] = "until staff unlock it"
    for name, value in document.items():
        if name != "changes":
            click.echo(f"{name.replace('_', ' '):22}{plain(value) if not isinstance(value, bool) else _yes_no(value)}")
    for change in document["changes"]:
        click.echo(f"{change['at']}  {change['kind']:22}code {change['code']}  call {plain(change['call_sid'])}")


@accounts.command("set-pin")
@click.argument("number")
@click.option("--random", "draw", is_flag=True, help="Draw a new PIN and print it, once.")
@in_one_line
def set_pin(number: str, *, draw: bool) -> None:
    """Give the account with this NUMBER a new PIN, asked for twice and not shown."""
    system = accounts_in_database()
    if system.find(number) is None:
        raise _unknown(number)
    pin = random_pin() if draw else _ask_for_pin()
    if not system.set_pin(number, pin):
        raise _unknown(number)
    click.echo(f"The new PIN is {pin}. It is not shown again." if draw else "The PIN is set.")


@accounts.command("unlock")
@click.argument("number")
@in_one_line
def unlock(number: str) -> None:
    """Open the PIN of the account with this NUMBER after too many wrong tries, and count from nothing."""
    account = answerline().accounts.find(number)
    if account is None:
        raise _unknown(number)
    was_locked = answerline().pins.locked_until(account.id, answerline().clock.now())
    answerline().pins.unlock(account.id)
    click.echo("Unlocked." if was_locked else "It was not locked; wrong tries so far no longer count.")


def _stages(bar: Progress) -> Callable[[str, int], Callable[[], None]]:
    def begin(name: str, total: int) -> Callable[[], None]:
        task, done = bar.add_task(name, total=total or None), count(1)

        def advance() -> None:
            if next(done) % _ROWS_A_STEP == 0:
                bar.advance(task, _ROWS_A_STEP)

        return advance

    return begin


def _told(done: Imported) -> str:
    parts = [f"Imported {_many(done.total, 'account')}: {done.new} new, {done.total - done.new} updated."]
    if done.kept_off:
        parts.append(f"Renewal stays off for {done.kept_off}: callers turned it off for the period in the file.")
    if done.without_pin:
        parts.append(
            f"In the whole database {_many(done.without_pin, 'account')} cannot be reached by phone for want of a PIN; "
            "import one or use `flask accounts set-pin NUMBER --random`."
        )
    return " ".join(parts)


def _document(row: AccountRow, changes: list[ChangeRow]) -> dict[str, Any]:
    locked_until = answerline().pins.locked_until(str(row.id), answerline().clock.now())
    return {
        "account_number": row.account_number,
        "name": row.name,
        "email": row.email,
        "phone": row.phone,
        "plan": row.plan,
        "seats": row.seats,
        "trial_ends_on": row.trial_ends_on.isoformat() if row.trial_ends_on else None,
        "paid_through": row.paid_through.isoformat() if row.paid_through else None,
        "auto_renew": row.auto_renew,
        "cancels_at_trial_end": row.cancels_at_trial_end,
        "locked_until": iso(locked_until),
        "changes": [{"code": c.code, "kind": c.kind, "at": iso(c.at), "call_sid": c.call_sid} for c in changes],
    }


def _ask_for_pin() -> str:
    try:
        pin: str = _typed() if sys.stdin.isatty() else _piped()
    except click.Abort:
        raise click.ClickException("no PIN was given; nothing was changed") from None
    if not (len(pin) == PIN_DIGITS and pin.isascii() and pin.isdecimal()):
        raise click.ClickException(f"a PIN has {PIN_DIGITS} digits; nothing was changed")
    if weak_pin(pin):
        raise click.ClickException("that PIN is too easy to guess; nothing was changed")
    return pin


def _typed() -> str:
    pin: str = click.prompt("New PIN", hide_input=True, confirmation_prompt="Again", err=True)
    return pin


def _piped() -> str:
    """Read the PIN twice from where no terminal could hide it, without prompts."""
    pin, again = (sys.stdin.readline().strip() for _ in range(2))
    if not pin:
        raise click.Abort
    if pin != again:
        raise click.ClickException("the PIN must come twice, the same each time; nothing was changed")
    return pin


def _unknown(number: str) -> click.ClickException:
    return click.ClickException(f"there is no account {plain(number)}")


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _yes_no(value: bool) -> str:  # noqa: FBT001 it is what is shown
    return "yes" if value else "no"

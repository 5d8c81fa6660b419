"""`flask numbers`: the account's numbers, and where the carrier sends those who call them."""

import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.table import Column, Table

from ivr.address import TUNNEL, same, shown, unreachable
from ivr.bootstrap import answerline
from ivr.carrier.webhooks import OwnNumber, Webhooks
from ivr.cli.common import in_one_line, plain, print_json
from ivr.config import Settings
from ivr.number_book import NumberBook, differing, wanted
from ivr.numbers import from_text

if TYPE_CHECKING:
    from ivr.carrier.numbers import TwilioNumbers

numbers = AppGroup("numbers", help="Numbers of the account: list, connect, restore.")
YES = click.option("--yes", is_flag=True, help="Do not ask.")


@numbers.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list on standard output.")
@in_one_line
def list_(*, as_json: bool) -> None:
    """List the account's numbers, and where calls to them go."""
    settings = answerline().settings
    with closing(_at_carrier(settings)) as carrier:
        found = carrier.all()
    if as_json:
        print_json([_row(one, settings) for one in found])
        return
    addresses = (Column(name, overflow="fold") for name in ("Voice", "Fallback", "Status"))
    table = Table("Number", "Name", *addresses, "Here")
    for one in found:
        to = one.webhooks
        voice = to.voice_application_sid or to.trunk_sid or _asked(to.voice_method, to.voice_url)
        where = (voice, shown(to.voice_fallback_url), shown(to.status_callback))
        table.add_row(one.number, plain(one.name), *(plain(text) for text in where), _here(to, settings))
    if found:
        Console().print(table)
    else:
        click.echo("The account has no numbers.", err=True)


@numbers.command("connect")
@click.argument("number")
@click.option("--messages", is_flag=True, help="Its text messages, too: replies of STOP (docs/texts.md).")
@YES
@in_one_line
def connect(number: str, *, messages: bool, yes: bool) -> None:
    """Have calls to NUMBER (like "+1 415 555 0123") answered here; show the change first."""
    settings = answerline().settings
    if why := unreachable(settings.public_base_url):
        raise click.ClickException(f"PUBLIC_BASE_URL {shown(settings.public_base_url)} {why}: {TUNNEL}")
    to = wanted(settings.public_base_url, messages=messages)
    with closing(_at_carrier(settings)) as carrier:
        found = _found(carrier, number)
        change = differing(found.webhooks, to)
        if not change:
            click.echo(f"{found.number} points here already.")
            return
        _confirm(found, change, yes=yes)
        NumberBook(settings.instance_dir).connecting(found.number, found.webhooks, change)
        carrier.change(found.sid, change)
    click.echo(f"{found.number} points here; `flask numbers restore {found.number}` takes it back.")


@numbers.command("restore")
@click.argument("number")
@YES
@in_one_line
def restore(number: str, *, yes: bool) -> None:
    """Have NUMBER point where it did before `flask numbers connect`; show the change first."""
    settings = answerline().settings
    book = NumberBook(settings.instance_dir)
    with closing(_at_carrier(settings)) as carrier:
        found = _found(carrier, number)
        if not (before := book.before(found.number)):
            raise click.ClickException(f"{found.number} was not connected from here: nothing to restore")
        if change := differing(found.webhooks, before):
            _confirm(found, change, yes=yes)
            carrier.change(found.sid, change)
        book.forget(found.number)
    click.echo(f"{found.number} points where it did before.")


def _at_carrier(settings: Settings) -> "TwilioNumbers":
    from ivr.carrier.numbers import TwilioNumbers  # noqa: PLC0415 webhooks start without it

    if not settings.has_carrier:
        raise click.ClickException(
            "there is no carrier: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN in .env to those of your account"
        )
    return TwilioNumbers(settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_api_base)


def _found(carrier: "TwilioNumbers", text: str) -> OwnNumber:
    number = from_text(text)
    if number is None:
        raise click.ClickException(f"{plain(text)} is no telephone number; write it like +1 415 555 0123")
    found = carrier.find(number)
    if found is None:
        raise click.ClickException(f"{number} is no number of this account; `flask numbers list` shows them")
    return found


def _confirm(found: OwnNumber, change: Mapping[str, str], *, yes: bool) -> None:
    there: dict[str, str] = asdict(found.webhooks)
    click.echo(f"{found.number} {plain(found.name)}")
    for name, value in change.items():
        click.echo(f"  {name}: {_value(name, there[name])} -> {_value(name, value)}")
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.ClickException("nothing was changed: this is no terminal to ask at; --yes applies the change")
    click.confirm("Change this at the carrier?", abort=True)


def _value(name: str, value: str) -> str:
    is_address = name.endswith(("_url", "_callback"))
    return (shown(value) if is_address else plain(value)) if value else "(none)"


def _asked(method: str, url: str) -> str:
    return f"{'' if method == 'POST' else f'{method} '}{shown(url)}" if url else ""


def _here(to: Webhooks, settings: Settings) -> str:
    here = wanted(settings.public_base_url)
    if not differing(to, here):
        return "yes"
    return "in part" if same(to.voice_url, here["voice_url"]) else "no"


def _row(one: OwnNumber, settings: Settings) -> dict[str, object]:
    to = {name: _value(name, value) if value else "" for name, value in asdict(one.webhooks).items()}
    return {"number": one.number, "name": one.name, **to, "here": _here(one.webhooks, settings)}

"""`flask secrets`: another token, pepper or key takes the place of one that is in use, and no call fails meanwhile."""

import os
import secrets
from pathlib import Path

import click
from flask.cli import AppGroup

from ivr.bootstrap import Answerline, answerline
from ivr.cli.common import in_one_line
from ivr.cli.ledger import seal_whole_ledger
from ivr.db.accounts import SqlAccounts
from ivr.local_secrets import PREVIOUS, ROTATED

secrets_group = AppGroup(
    "secrets", help="Changing the auth token, the secret key and the pepper: status, begin, finish."
)
NAME = click.Choice([name.lower() for name in ROTATED])
_WHERE = "docs/secrets.md"
_RESTART = (
    "Stop every process of this line now, then start them: beside a new one, an old one takes right PINs for wrong."
)


@secrets_group.command("status")
@in_one_line
def status() -> None:
    """Say of each secret whether it is being changed, and what still needs the old one."""
    line = answerline()
    for name in ROTATED:
        if not getattr(line.settings, name.lower() + PREVIOUS):
            click.echo(f"{name}: one value.")
            continue
        click.echo(f"{name}: two values. {_needs(line, name) or 'Nothing needs the old one'}.")


@secrets_group.command("begin")
@click.argument("name", type=NAME)
@in_one_line
def begin(name: str) -> None:
    """Begin to change a secret that was generated here: make a new one, and keep the old one beside it."""
    line = answerline()
    folder, old = line.settings.instance_dir, getattr(line.settings, name)
    kept, previous = folder / name, folder / f"{name}{PREVIOUS}"
    if getattr(line.settings, name + PREVIOUS):
        raise click.ClickException(f"{name.upper()} is being changed already: `flask secrets finish {name}` first")
    if not kept.exists() or kept.read_text().strip() != old:
        new = "what Twilio shows as the secondary token" if name == "twilio_auth_token" else secrets.token_hex(32)
        at_once = ", all at once" if name == "pin_pepper" else ""
        raise click.ClickException(
            f"{name.upper()} is not generated here: where it is set, put its value into {name.upper()}_PREVIOUS and "
            f"set {name.upper()} to {new}; then restart every process{at_once} ({_WHERE})"
        )
    _write(previous, old)
    _write(kept, secrets.token_hex(32))
    click.echo(f"{name.upper()} has a new value, and the old one is good until `flask secrets finish {name}`.")
    click.echo(_RESTART if name == "pin_pepper" else "Restart every process of this line now.")


@secrets_group.command("finish")
@click.argument("name", type=NAME)
@click.option("--yes", is_flag=True, help="Even if something still needs the old one: it stops working.")
@in_one_line
def finish(name: str, *, yes: bool) -> None:
    """Finish changing a secret: move what can be moved to the new one, and give the old one up."""
    line = answerline()
    if not getattr(line.settings, name + PREVIOUS):
        raise click.ClickException(f"{name.upper()} is not being changed; `flask secrets begin {name}` begins")
    if name == "secret_key":
        sealed = line.staff.factors.seal_anew()
        seal_whole_ledger(line)
        click.echo(f"Sealed anew: the ledger, and {sealed} second factor{'' if sealed == 1 else 's'}.")
    elif (left := _needs(line, name.upper())) and not yes:
        raise click.ClickException(f"{left}; --yes gives it up all the same")
    previous = line.settings.instance_dir / f"{name}{PREVIOUS}"
    if previous.exists():
        previous.unlink()
        click.echo("The old value is gone. Restart every process of this line.")
    else:
        click.echo(f"Unset {name.upper()}_PREVIOUS where it is set, and restart every process of this line.")


def _needs(line: Answerline, name: str) -> str:
    """Say what still needs the old value; '' for nothing."""
    if name == "PIN_PEPPER" and isinstance(line.accounts, SqlAccounts):
        left = line.accounts.pins_on_old_pepper()
        pins = "1 PIN needs" if left == 1 else f"{left} PINs need"
        return f"{pins} the old one, until their callers give them or staff set new ones" if left else ""
    if name == "SECRET_KEY":
        return "`flask secrets finish secret_key` seals second factors and the ledger by the new one; sessions end then"
    return "Give it up once Twilio signs by the new one" if name == "TWILIO_AUTH_TOKEN" else ""


def _write(path: Path, value: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)

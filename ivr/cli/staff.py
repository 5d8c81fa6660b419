"""`flask staff`: who works at the console. The first admin comes from here; the console adds the others."""

import secrets

import click
from flask.cli import AppGroup

from ivr.bootstrap import answerline
from ivr.cli.common import in_one_line, plain, print_json
from ivr.db.console.staff_rows import StaffError, cleaned
from ivr.db.history import iso
from ivr.staff import Role, Staff

staff = AppGroup("staff", help="Those who work at the console.")
BY = "flask"
ROLE = click.Choice([role.value for role in Role])


@staff.command("add", help="Add a colleague; the password is asked for, or made and shown once.")
@click.argument("name")
@click.option("--role", type=ROLE, default=Role.ADMIN.value, show_default=True, help="what they may do")
@click.option("--full-name", default="", help="how others see them")
@click.option("--generate", is_flag=True, help="make a password and print it, instead of asking for one")
@in_one_line
def add(name: str, role: str, full_name: str, *, generate: bool) -> None:
    """Add a colleague."""
    password = secrets.token_urlsafe(12) if generate else _asked()
    try:
        added = answerline().staff.add(name, full_name, Role(role), password, BY)
    except StaffError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{added.name} may sign in as {added.role}.")
    if generate:
        click.echo(f"Password: {password}")


@staff.command("password", help="Give a colleague a new password; every open session of theirs ends.")
@click.argument("name")
@in_one_line
def password(name: str) -> None:
    """Give a new password."""
    found = _found(name)
    try:
        answerline().staff.set_password(found.id, _asked(), BY)
    except StaffError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{found.name} has a new password.")


@staff.command("reset-factor", help="Take a colleague's second factor away, should telephone and codes be lost.")
@click.argument("name")
@in_one_line
def reset_factor(name: str) -> None:
    """Take a second factor away."""
    found = _found(name)
    if not answerline().staff.factors.remove(found.id, BY):
        raise click.ClickException(f"{found.name} has no second factor")
    click.echo(f"{found.name} signs in with the password alone, and can set up a new second factor.")


@staff.command("list", help="List colleagues as JSON.")
@in_one_line
def list_() -> None:
    """List colleagues."""
    print_json(
        [
            {
                "name": one.name,
                "full_name": one.full_name,
                "role": one.role,
                "second_factor": one.totp,
                "disabled_at": iso(one.disabled_at),
            }
            for one in answerline().staff.everybody()
        ]
    )


def _found(name: str) -> Staff:
    found = next((one for one in answerline().staff.everybody() if one.name == cleaned(name)), None)
    if found is None:
        raise click.ClickException(f"there is nobody called {plain(name)}; see `flask staff list`")
    return found


def _asked() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))

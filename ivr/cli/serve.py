"""`flask serve`: what `make run` does on one machine, from an empty folder to a line that answers."""

import os
import socket
import sys
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from ivr.bootstrap import Answerline, answerline
from ivr.cli.common import in_one_line
from ivr.cli.database import bring_up_to_date
from ivr.cli.ledger import adopt_all
from ivr.cli.prompts import render_what_is_missing
from ivr.config import Settings
from ivr.db.accounts import SqlAccounts
from ivr.db.console.samples.demo_calls import load_demo_calls
from ivr.db.demo import demo_table, holds_demo, load_demo
from ivr.demo_staff import DEMO_PASSWORD, DEMO_STAFF
from ivr.diagram import version
from ivr.local_secrets import local_secret
from ivr.pin_hash import PinHasher
from ivr.staff import Role
from ivr.telemetry.metrics import shared_folder

WORKERS, THREADS = 2, 16
GIVE_WAY = 10  # of a server without webhooks to those with them, on the same processors: staff can wait for a search
STAFF_WORKERS = 1  # of a server without webhooks: what staff ask takes one processor, and leaves callers the others
DEMO_WORKERS = 1  # it is its own carrier, whose calls, queues and telephones are one process's (ivr/web/exchange.py)


@click.command(
    "serve", help="Migrate the database, load demo accounts into an empty demo database, render prompts, and serve."
)
@with_appcontext
@in_one_line
def serve() -> None:
    """Prepare and become the server process, so that Ctrl-C reaches it and nothing else."""
    line = answerline()
    _try_to_listen(line.settings.host.strip("[]"), line.settings.port)
    _refuse_bad_flows(line)
    bring_up_to_date(line)
    if line.settings.is_demo and isinstance(line.accounts, SqlAccounts):
        load_demo(line.database, PinHasher(line.settings.pin_pepper, line.settings.pin_pepper_previous), line.clock)
        if holds_demo(line.database):
            zone = ZoneInfo(line.settings.time_zone)
            load_demo_calls(line.database, line.conversation, line.clock.now(), zone, version(line.line))
            adopt_all(line)  # invented changes, too
            _show_demo_accounts()
    signs_in = _demo_staff(line) if line.settings.is_demo else ""
    line.database.dispose()
    if line.settings.prompt_mode == "play":
        render_what_is_missing()
    _show_addresses(line.settings.public_base_url, signs_in)
    shared_folder(line.settings.instance_dir, line.settings.port)
    if "voice" not in line.settings.parts:
        os.nice(GIVE_WAY)
    command = [sys.executable, "-m", "gunicorn", "app:app", *_server_options(line.settings)]
    os.execv(sys.executable, command)  # noqa: S606 no shell: the arguments are ours


def _try_to_listen(host: str, port: int) -> None:
    """Find out now, not after a page of output, that the server could not have its address."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise click.ClickException(f"cannot serve on {host}:{port}: {reason}; set PORT or HOST") from None


def _refuse_bad_flows(line: Answerline) -> None:
    """Say so while somebody looks on. A server that is started otherwise serves whom it can: it may be the only one."""
    from ivr.doctor.flows import flow_issues  # noqa: PLC0415 webhooks start without it

    if issues := flow_issues(line):
        more = f" (and {len(issues) - 1} more)" if len(issues) > 1 else ""
        raise click.ClickException(f"{issues[0]}{more}; mend the flows, `flask line lint` lists all there is")


def _server_options(settings: Settings) -> list[str]:
    """Quiet at start, and no access log: addresses are our own, but digits must never come near a log file."""
    host, port = settings.host, settings.port
    return [
        *("--config", "python:ivr.web.server"),
        *("--bind", f"[{host.strip('[]')}]:{port}" if ":" in host else f"{host}:{port}"),
        *("--workers", str(workers(settings)), "--threads", str(settings.threads or THREADS)),
        *("--worker-class", "gthread", "--preload", "--log-level", "warning", "--no-control-socket"),
    ]


def workers(settings: Settings) -> int:
    """Return how many processes answer requests."""
    usual = WORKERS if "voice" in settings.parts else STAFF_WORKERS
    return settings.workers or (DEMO_WORKERS if settings.is_demo else usual)


def _show_demo_accounts() -> None:
    table = Table("Account", "PIN", "Name", "Good for", title="Demo accounts (invented)", title_justify="left")
    for row in demo_table():
        table.add_row(row.number, row.pin, row.name, row.good_for)
    Console().print(table)


def _demo_staff(line: Answerline) -> str:
    """Let somebody into the console of a demo; return how, '' once the demo's password is no longer good."""
    password = local_secret(DEMO_PASSWORD, line.settings.instance_dir)
    if line.staff.is_empty():
        line.staff.add(DEMO_STAFF, "Demo admin", Role.ADMIN, password, DEMO_STAFF)
    return f"name {DEMO_STAFF}, password {password}" if line.staff.knows(DEMO_STAFF, password) else ""


def _show_addresses(base: str, signs_in: str) -> None:
    there = {rule.rule for rule in current_app.url_map.iter_rules()}
    click.echo(f"\nDial here:        {base}/simulator" if "/simulator" in there else "")
    click.echo(f"Call from here:   .venv/bin/python -m ivr.simulator {base}/voice --status-callback /voice/status")
    click.echo(f"Staff look here:  {base}/console" + (f" ({signs_in})" if signs_in else ""))
    click.echo(f"What this is:     {base}/\nStop with Ctrl-C.\n")

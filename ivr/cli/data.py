"""`flask data nightly`, `flask calls purge`, `flask calls erase`: what is kept no longer, by rule and by request."""

import logging
from datetime import date, datetime
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup, with_appcontext

from ivr.bootstrap import Answerline, answerline
from ivr.cli.common import in_one_line, plain, print_json
from ivr.cli.go_on import Loop, go_on
from ivr.cli.ledger import read_through
from ivr.db.accounts import SqlAccounts
from ivr.db.console.counted import in_words
from ivr.db.console.erase import EraseError, Eraser
from ivr.db.console.purge import Purge, Receipt
from ivr.db.event_queue import give_up_old
from ivr.db.heartbeats import Heart
from ivr.helpers import FORGET
from ivr.numbers import from_text

log = logging.getLogger("answerline")
BY = "flask"
NIGHT_HOUR = 3  # of the company's: hardly anybody calls
LOOK_S = 60.0

data = AppGroup("data", help="What is kept, and for how long: nightly.")


@data.command("nightly")
@click.option("--forever", is_flag=True, help="Go on, every night at three o'clock of the company's, until stopped.")
@click.option("--parent", type=int, hidden=True, help="Stop when this process is gone.")
@in_one_line
def nightly(*, forever: bool, parent: int | None) -> None:
    """Remove what is kept no longer, and finish erasing callers whose call went on."""
    if forever:
        go_on(night_loop(answerline()), parent=parent)
    else:
        Night(answerline()).work(whenever=True)


def night_loop(line: Answerline) -> Loop:
    """Return what goes on at night."""
    beat = Heart(line.database, line.clock, FORGET.command).beat
    return Loop(FORGET.called, Night(line).work, poll_s=LOOK_S, beat=beat)


class Night:
    """The nightly job: it remembers the night it has done."""

    def __init__(self, line: Answerline) -> None:
        self._line = line
        self._eraser = Eraser.of(line.settings, line.database, line.clock)
        self._purge = Purge.of(line.settings, line.database, line.clock)
        self._done: date | None = None

    def work(self, *, whenever: bool = False) -> None:
        """Do what is due. whenever: the purge, too, whatever the hour."""
        self._eraser.finish()
        local: datetime = self._line.clock.now().astimezone(ZoneInfo(self._line.settings.time_zone))
        if not whenever and (local.hour < NIGHT_HOUR or self._done == local.date()):
            return
        give_up_old(self._line.database, self._line.clock.now(), self._line.settings.event_endpoints)
        receipt = self._purge.run("nightly")
        self._done = local.date()
        self._read_ledger()
        if receipt:
            log.info("purged: %s", in_words(receipt.counts))

    def _read_ledger(self) -> None:
        """Tell the log where the ledger ends: logs are kept elsewhere, so nobody can cut off its end unseen."""
        if not isinstance(self._line.accounts, SqlAccounts):
            return
        checked = read_through(self._line)
        if checked.faults:
            log.error("the ledger of changes: %s; `flask accounts verify-ledger`", checked.faults[0])
        else:
            log.info("the ledger of changes is whole, anchor %s", checked.anchor)


@click.command("purge")
@click.option("--yes", is_flag=True, help="Do it; without this, say what would go.")
@with_appcontext
@in_one_line
def purge(*, yes: bool) -> None:
    """Remove calls and what else is older than the settings keep it; what is on legal hold stays."""
    line = answerline()
    rules = Purge.of(line.settings, line.database, line.clock)
    if not yes:
        due = rules.due()
        click.echo(f"{in_words(due)} would go; --yes removes them." if due else "Nothing is due.")
        return
    receipt = rules.run(BY)
    click.echo(_told(receipt) if receipt else "Nothing was due.")


@click.command("erase")
@click.argument("number")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="The receipt as one JSON object.")
@with_appcontext
@in_one_line
def erase(number: str, *, yes: bool, as_json: bool) -> None:
    """Erase the caller with this NUMBER (like "+1 415 555 0123"): calls, messages, texts, notes; print a receipt."""
    line = answerline()
    caller = from_text(number)
    if caller is None:
        raise click.ClickException(f"{plain(number)} is no telephone number; write it like +1 415 555 0123")
    if not yes:
        click.confirm(f"Erase everything of {caller}? It cannot be taken back", abort=True)
    try:
        receipt = Eraser.of(line.settings, line.database, line.clock).erase(caller, BY)
    except EraseError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        print_json({"receipt": receipt.code, "counts": dict(receipt.counts), "pending": receipt.pending})
        return
    click.echo(_told(receipt))


def _told(receipt: Receipt) -> str:
    said = f"Receipt {receipt.code}: {in_words(receipt.counts) or 'nothing was there'}."
    if receipt.pending:
        said += f" {receipt.pending} in progress or just ended: gone ten minutes after the end."
    return said

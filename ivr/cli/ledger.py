"""`flask accounts verify-ledger` and `seal-ledger`: whether anybody has tampered with the changes of accounts."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from flask.cli import with_appcontext

from ivr.bootstrap import Answerline, answerline
from ivr.cli.common import WrongUseError, accounts_in_database, in_one_line
from ivr.db.database import writing
from ivr.db.ledger_check import ANCHOR, Checked, check, seal_after

_ANCHOR = re.compile(r"([0-9]{1,18})-([0-9a-f]{64})")


@click.command("verify-ledger")
@click.option("--anchor", multiple=True, help="NUMBER-HASH, as an earlier run has printed; may be given several times.")
@click.option("--anchor-file", type=click.Path(dir_okay=False, path_type=Path), help="The same, one a line.")
@with_appcontext
@in_one_line
def verify_ledger(anchor: tuple[str, ...], anchor_file: Path | None) -> None:
    """Read the ledger of changes through; exit code 1, and one line, where anybody has tampered with it."""
    accounts_in_database()
    line = answerline()
    given = [*anchor, *(_lines(anchor_file) if anchor_file else [])]
    checked = read_through(line, given)
    _refuse(checked)
    entries = ", ".join(f"{count} {kind}" for kind, count in sorted(checked.by_kind.items()))
    click.echo(f"The ledger is whole: {checked.head.seq} entries{f' ({entries})' if entries else ''}.")
    click.echo(f"Anchor: {checked.anchor}")


@click.command("seal-ledger")
@click.option("--adopt", is_flag=True, help="Enter changes that have no entry: you know who wrote them.")
@with_appcontext
@in_one_line
def seal_ledger(*, adopt: bool) -> None:
    """Seal the ledger by the SECRET_KEY of now, after reading it through."""
    accounts_in_database()
    checked, adopted = seal_whole_ledger(answerline(), adopt=adopt)
    click.echo(f"Sealed up to entry {checked.head.seq}{f'; {adopted} adopted' if adopt else ''}.")


def seal_whole_ledger(line: Answerline, *, adopt: bool = False) -> tuple[Checked, int]:
    """Seal the ledger, unless it is not whole; return how it was, and how many changes were adopted.

    Raises: ClickException naming what is wrong; nothing is sealed then.
    """
    checked, adopted = check(line.database, line.ledger, _anchors(line, [])), 0
    if adopt and not checked.others:
        adopted = adopt_all(line)
        checked = check(line.database, line.ledger, _anchors(line, []))
    if checked.others or checked.unknown:
        _refuse(checked)
    with writing(line.database, patient=True) as session:
        faults = seal_after(session, line.ledger, checked)
    _refuse(replace(checked, faults=tuple(faults)))
    return checked, adopted


def adopt_all(line: Answerline) -> int:
    """Enter every change that has no entry; return how many. Callers' changes come in between."""
    total = 0
    while True:
        with writing(line.database, patient=True) as session:
            adopted = line.ledger.adopt(session)
        if not adopted:
            return total
        total += adopted


def read_through(line: Answerline, anchors: Sequence[str] = ()) -> Checked:
    """Read the ledger through, hold it against the anchors given and the one remembered, and remember a new one."""
    checked = check(line.database, line.ledger, _anchors(line, anchors))
    if not checked.faults:
        _keep(line.settings.instance_dir / ANCHOR, checked.anchor)
    return checked


def _anchors(line: Answerline, given: Sequence[str]) -> dict[int, str]:
    kept, known = line.settings.instance_dir / ANCHOR, dict[int, str]()
    for number, told in map(_read, [*given, *(_lines(kept) if kept.exists() else [])]):
        if known.setdefault(number, told) != told:
            why = f"one was altered, or is of another ledger ({kept} is looked at, too)"
            raise click.ClickException(f"two anchors of entry {number} differ: {why}")
    return known


def _refuse(checked: Checked) -> None:
    faults = list(checked.faults)
    if not faults:
        return
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    hint = "; `flask accounts seal-ledger --adopt` enters it" if checked.unknown == len(faults) else ""
    hint = "; `flask accounts seal-ledger` seals it" if checked.unsealed and len(faults) == 1 else hint
    raise click.ClickException(f"{faults[0]}{hint}{more}")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except (OSError, UnicodeError) as error:
        raise click.ClickException(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'not text'}") from None


def _read(anchor: str) -> tuple[int, str]:
    found = _ANCHOR.fullmatch(anchor)
    if found is None:
        raise WrongUseError("an anchor is NUMBER-HASH, as `flask accounts verify-ledger` prints it")
    return int(found[1]), found[2]


def _keep(path: Path, anchor: str) -> None:
    """Remember what was found whole, beside the secrets: whoever has the database alone cannot alter it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_text(f"{anchor}\n")
        draft.replace(path)
    except OSError as error:
        click.echo(f"{path} cannot be written ({error.strerror}): keep the anchor by hand.", err=True)

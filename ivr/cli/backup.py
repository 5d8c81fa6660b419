"""`flask backup` and `flask restore`: all that a line needs to begin again on an empty machine."""

import hashlib
import json
import os
import shutil
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import Engine, func, select

from ivr.bootstrap import Answerline, answerline
from ivr.cli.common import in_one_line
from ivr.config import Settings
from ivr.db import migrate
from ivr.db.base import Base
from ivr.db.database import reading
from ivr.db.dump import dump, restore
from ivr.db.ledger import Ledger
from ivr.db.ledger_check import ANCHOR, check
from ivr.local_secrets import PREVIOUS, ROTATED
from ivr.service_errors import ServiceError

MANIFEST, MESSAGES, RECORDINGS, SECRETS, KEPT = "backup.json", "voicemail", "recordings", "secrets", "instance"
_NAMES = [name.lower() + end for name in ROTATED for end in ("", PREVIOUS)] + ["twilio_account_sid"]
_INSTANCE = ("numbers.json", ANCHOR)


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--secrets", is_flag=True, help="The secrets generated here, too: whoever has both has every PIN.")
@with_appcontext
@in_one_line
def make(folder: Path, *, secrets: bool) -> None:
    """Copy the line into a new FOLDER while it runs: database, messages, recorded prompts, what instance/ holds."""
    line = answerline()
    if folder.exists():
        raise click.ClickException(f"{folder} is there already: name a new folder")
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        draft.mkdir(mode=0o700, parents=True)
        parts = _parts(line, secrets=secrets)
        for name, source in parts:
            _copy(source, draft / name)
        whole = check(line.database, line.ledger)  # before the copy, which has at least as much
        dump(line.settings.database_url, draft)
        for name, source in parts:  # what has come meanwhile, and the copy of the database may name
            # Not the anchor: a night's work may have gone on from it meanwhile, and the copy would look cut off.
            if source.name != ANCHOR:
                _copy(source, draft / name)
        files = {str(path.relative_to(draft)): _sum(path) for path in _files(draft)}
        told = {
            "at": line.clock.now().isoformat(),
            "revision": migrate.current(line.database),
            "anchor": whole.anchor,
            "files": files,
        }
        (draft / MANIFEST).write_text(json.dumps(told, indent=1))
        draft.replace(folder)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    click.echo(f"{folder}: {len(files)} files. Ledger at {whole.anchor}.")
    for said in _left_out(line, secrets=secrets):
        click.echo(said)
    if whole.faults:
        raise click.ClickException(f"copied as it is, but {whole.faults[0]}: `flask accounts verify-ledger`")


@click.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@with_appcontext
@in_one_line
def bring_back(folder: Path) -> None:
    """Make an empty line what the copy in FOLDER was. Never over a line that has calls."""
    line = answerline()
    told = _checked(folder)
    if migrate.current(line.database) is not None and _rows(line.database):
        raise click.ClickException("the database is not empty: restore into a new one (DATABASE_URL)")
    if line.database.dialect.name != "sqlite" and migrate.current(line.database) is not None:
        raise click.ClickException("the database has tables already: restore into one that has nothing at all in it")
    line.database.dispose()
    try:
        for name, target in _parts(line, secrets=True):
            if (folder / name).exists():
                _copy(folder / name, target)
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
    restore(line.settings.database_url, folder)
    ledger = Ledger.of(_with_secrets(line, folder), line.clock)
    number, _, of = str(told["anchor"]).partition("-")
    found = check(line.database, ledger, {int(number): of} if int(number) else {})
    if found.faults:
        raise click.ClickException(f"everything is back, but {found.faults[0]}; is SECRET_KEY the one of then?")
    click.echo(f"As of {told['at']}: {_rows(line.database)} rows, and the ledger is whole at {found.anchor}.")
    if told["revision"] != migrate.head():
        click.echo("Older than this version: flask db upgrade")


def _parts(line: Answerline, *, secrets: bool) -> list[tuple[str, Path]]:
    """Return folders and files of a copy, and where they belong."""
    settings = line.settings
    parts = [(RECORDINGS, settings.prompts_dir / "recordings")]
    if "://" not in settings.voicemail_address:
        parts.append((MESSAGES, Path(settings.voicemail_address)))
    parts += [(f"{KEPT}/{name}", settings.instance_dir / name) for name in _INSTANCE]
    if secrets:
        parts += [(f"{SECRETS}/{name}", settings.instance_dir / name) for name in _NAMES]
    return parts


def _left_out(line: Answerline, *, secrets: bool) -> Generator[str]:
    if "://" in line.settings.voicemail_address:
        yield "Not in it: messages, which VOICEMAIL_STORAGE keeps elsewhere; and .env or what else holds settings."
    else:
        yield "Not in it: .env, or what else holds settings."
    if not secrets:
        yield "Not in it: PIN_PEPPER and SECRET_KEY. Without them no PIN is good: keep them elsewhere."


def _with_secrets(line: Answerline, folder: Path) -> Settings:
    """Return the settings as they are once the secrets are back; what was generated a moment ago is not theirs."""
    key, previous = (folder / SECRETS / name for name in ("secret_key", f"secret_key{PREVIOUS}"))
    if not key.exists():
        return line.settings
    before = previous.read_text().strip() if previous.exists() else ""
    return replace(line.settings, secret_key=key.read_text().strip(), secret_key_previous=before)


def _checked(folder: Path) -> dict[str, Any]:
    """Read what a copy says of itself, and hold every file against it."""
    try:
        told: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        wrong = [name for name, expected in told["files"].items() if _sum(folder / name) != expected]
    except (OSError, ValueError, KeyError) as error:
        raise click.ClickException(f"{folder} is no whole copy of a line: {error}") from None
    if wrong:
        raise click.ClickException(f"{folder / wrong[0]} is damaged; nothing was restored")
    return told


def _rows(engine: Engine) -> int:
    with reading(engine, patient=True) as session:
        return sum(
            session.scalar(select(func.count()).select_from(table)) or 0 for table in Base.metadata.sorted_tables
        )


def _copy(source: Path, to: Path) -> None:
    """Copy a file, or a folder of files; what is there already and as long stays. Nothing where there is nothing."""
    for path in [source] if source.is_file() else _files(source):
        target = to / path.relative_to(source) if path != source else to
        try:
            if not target.exists() or source.is_file() or target.stat().st_size != path.stat().st_size:
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copyfile(path, target)
                target.chmod(0o600)
        except FileNotFoundError:
            if path.exists():
                raise  # else its days were over just now


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _sum(path: Path) -> str:
    if not path.is_file():
        raise ServiceError(f"{path} is missing")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

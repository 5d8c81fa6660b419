"""A database as a file, and a file as a database: SQLite by itself, PostgreSQL by its own programs."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from ivr.db.backup import backup
from ivr.service_errors import ServiceError

_LONGEST_S = 6 * 3600


def file_of(url: str) -> str:
    """Name the file of a copy."""
    return "database.db" if make_url(url).get_backend_name() == "sqlite" else "database.dump"


def dump(url: str, folder: Path) -> Path:
    """Copy a database into a folder, as of one moment, while the line runs.

    Raises: ServiceError where it cannot be made.
    """
    to = folder / file_of(url)
    if to.suffix == ".db":
        backup(url, to)
    else:
        _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}")
        to.chmod(0o600)
    return to


def restore(url: str, folder: Path) -> None:
    """Make an empty database of a copy: whole, or not at all. Raises: ServiceError."""
    copy, parsed = folder / file_of(url), make_url(url)
    if not copy.exists():
        raise ServiceError(f"{folder} holds a copy of another kind of database, not of {parsed.get_backend_name()}")
    if copy.suffix != ".db":
        words = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(copy))
        _run(url, "pg_restore", *words, target="--dbname")
        return
    to = Path(str(parsed.database))
    draft = to.with_name(f"{to.name}.{os.getpid()}")
    try:
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(copy, draft)
        draft.chmod(0o600)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        for left in ("-wal", "-shm"):  # they belong to what was there
            to.with_name(f"{to.name}{left}").unlink(missing_ok=True)
        draft.replace(to)
    except OSError as error:
        raise ServiceError(f"{to} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _run(url: str, program: str, *words: str, target: str = "--dbname") -> None:
    """Run a program of PostgreSQL's; the password goes by the environment, where no list of processes shows it."""
    parsed = make_url(url)
    where = URL.create(
        "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, parsed.query
    ).render_as_string()
    found = shutil.which(program)
    if found is None:
        raise ServiceError(f"there is no {program} on this machine: install PostgreSQL's client programs")
    env = {**os.environ, **({"PGPASSWORD": parsed.password} if parsed.password else {})}
    command = [found, *words[:-1], f"{target}={where}", words[-1]]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=_LONGEST_S, check=False)  # noqa: S603 ours
    if done.returncode:
        raise ServiceError(f"{program}: {' '.join(done.stderr.split())[:300]}")

"""A copy of an SQLite database, made while the line runs."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from ivr.service_errors import ServiceError


def backup(url: str, to: Path) -> int:
    """Copy a database into a file that only its owner may read; return its bytes.

    The copy is of one moment, checked, and takes the place of an older one when it is whole. Nobody waits for it: the
    line goes on writing beside it.
    Raises: ServiceError where it cannot be made, and for another database, with the command that copies it.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        at = URL.create("postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database)
        where = at.render_as_string()
        raise ServiceError(
            f"that is PostgreSQL's own work: pg_dump --format=custom --file={to} --dbname={where} "
            "(docs/database.md, also for going back to any moment)"
        )
    source = Path(str(parsed.database)).resolve()
    if to.resolve() == source or to.resolve().name in {f"{source.name}-wal", f"{source.name}-shm"}:
        raise ServiceError(f"{to} is the database itself: name another file")
    try:
        with tempfile.NamedTemporaryFile(dir=to.parent, prefix=f".{to.name}.", delete=False) as draft:
            path = Path(draft.name)  # readable by its owner only
        try:
            _copy(source, path)
            path.replace(to)
        finally:
            path.unlink(missing_ok=True)
        _flush(to.parent)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServiceError(f"{to} cannot be written: {reason}; the database is as it was") from error
    return to.stat().st_size


def _copy(source: Path, to: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(to)) as copy,
    ):
        live.backup(copy)  # in one step, so from one moment, as in every transaction that reads
        copy.execute("PRAGMA journal_mode = DELETE")  # one file
        (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged, and so may be the database: {found}")
    with to.open("rb") as file:
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Let the new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

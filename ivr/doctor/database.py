"""The database: there, of the right shape, and fit to be written."""

from sqlalchemy import text
from sqlalchemy.engine import make_url

from ivr.db.database import transaction
from ivr.db.migrate import current, head, is_known
from ivr.doctor.files import sqlite_file
from ivr.doctor.findings import Finding, Findings, SkipError, broken, warning
from ivr.doctor.patient import Patient
from ivr.service_errors import ServiceError

BUSY_MS = 2000


def reachable(patient: Patient) -> Findings:
    """A database that does not answer."""
    try:
        with transaction(patient.line.database) as connection:
            connection.execute(text("SELECT 1"))
    except ServiceError as error:
        where = make_url(patient.settings.database_url).render_as_string(hide_password=True)
        yield broken("database.away", f"{error} ({where})", "start the database, or correct DATABASE_URL in .env")


def migrated(patient: Patient) -> Findings:
    """A database of another version's shape."""
    there = current(patient.line.database)
    if there is None:
        yield broken("database.empty", "the database has no tables yet", "flask db upgrade")
    elif not is_known(there):
        yield broken(
            "database.ahead",
            f"the database is at {there}, which a newer version has made; this one knows up to {head()}",
            "run the version that made it, or put back a backup that is older",
        )
    elif there != head():
        yield broken("database.behind", f"the database is at {there}, this version needs {head()}", "flask db upgrade")


def writable(patient: Patient) -> Findings:
    """A database that can be read only, or that somebody keeps locked."""
    engine = patient.line.database
    if current(engine) is None:
        raise SkipError("the database has no tables yet")
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        if engine.dialect.name == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("UPDATE alembic_version SET version_num = version_num")
    except Exception as error:
        if not isinstance(error, engine.dialect.loaded_dbapi.Error):
            raise
        yield _not_written(patient, str(error))
    finally:
        raw.rollback()
        raw.close()


def _not_written(patient: Patient, error: str) -> Finding:
    if "locked" in error:
        path = sqlite_file(patient.settings)
        return broken("database.locked", "a process keeps the database locked", f"end it: `fuser -v {path}` names it")
    where = sqlite_file(patient.settings) or "the database server"
    return broken(
        "database.readonly",
        f"the database cannot be written: {' '.join(error.split())[:120]}",
        f"let the line's user write {where} and its folder, or set DATABASE_URL in .env to a server that takes writes",
    )


def write_ahead(patient: Patient) -> Findings:
    """An SQLite file whose readers and writers wait for each other."""
    engine = patient.line.database
    if engine.dialect.name != "sqlite":
        return
    with transaction(engine) as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    if mode != "wal":
        yield warning(
            "database.journal",
            f"SQLite keeps a journal of kind {mode}, not WAL, so webhooks wait for each other",
            "set DATABASE_URL in .env to a file on a disk of this machine",
        )

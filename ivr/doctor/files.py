"""Files: room on the disks, who can read what is secret, and where messages are kept."""

import os
import shutil
import time
from pathlib import Path
from uuid import uuid4

from sqlalchemy.engine import make_url

from ivr.config import Settings
from ivr.doctor.findings import Findings, broken, warning
from ivr.doctor.patient import Patient
from ivr.service_errors import ServiceError
from ivr.voicemail.storage import Storage

LATE_S = 600
FULL_BYTES, SCARCE_BYTES = 100_000_000, 1_000_000_000
OTHERS = 0o077
SECRET_FILES = (
    *("twilio_auth_token", "secret_key", "pin_pepper"),
    *("twilio_auth_token_previous", "secret_key_previous", "pin_pepper_previous"),
    *("demo_staff_password", "numbers.json"),
)
# Where machines see one file and not each other's memory, which WAL needs: https://sqlite.org/wal.html
NETWORK = frozenset(
    "nfs nfs4 cifs smb3 smbfs 9p afs ceph glusterfs lustre ocfs2 gfs2 fuse.sshfs fuse.glusterfs".split()
)


def room(patient: Patient) -> Findings:
    """Disks that are full, or soon will be."""
    settings, seen = patient.settings, set[int]()
    for path in filter(
        None, (settings.instance_dir, settings.spool_folder, sqlite_file(settings), _voicemail_folder(settings))
    ):
        there = _existing(path)
        if (disk := there.stat().st_dev) in seen:
            continue
        seen.add(disk)
        free = shutil.disk_usage(there).free
        if free < SCARCE_BYTES:
            find = broken if free < FULL_BYTES else warning
            yield find(
                "disk.full", f"{free / 1e6:.0f} MB are free on the disk of {there}", f"make room: `du -xh {there}`"
            )


def secrets_kept(patient: Patient) -> Findings:
    """Secrets of this line that other users of the machine can read."""
    for name in SECRET_FILES:
        path = patient.settings.instance_dir / name
        if path.exists() and path.stat().st_mode & OTHERS:
            yield warning("files.secret", f"{path} can be read by other users of this machine", f"chmod 600 {path}")


def database_kept(patient: Patient) -> Findings:
    """A database file that other users of the machine can read."""
    path = sqlite_file(patient.settings)
    if path is None or not path.exists():
        return
    if path.stat().st_mode & OTHERS and path.parent.stat().st_mode & OTHERS:
        yield warning(
            "database.permissions",
            f"{path}, with what callers said and keyed, can be read by other users of this machine",
            f"chmod 600 {path}*",
        )


def database_disk(patient: Patient) -> Findings:
    """A database file that several processes write over a network."""
    path = sqlite_file(patient.settings)
    kind = mount_of(path, patient.surroundings.mounts) if path else ""
    if kind in NETWORK:
        yield broken(
            "database.network",
            f"{path} is on a network disk ({kind}), where several processes corrupt an SQLite file",
            "set DATABASE_URL in .env to a file on a disk of this machine, or to a PostgreSQL server",
        )


def spool(patient: Patient) -> Findings:
    """Turns that wait on disk for the database for long, that nobody could write, or that could not be kept."""
    spool = patient.line.steady.spool
    there = _existing(spool.folder)
    if not os.access(there, os.W_OK) or not there.is_dir():
        yield warning(
            "spool.folder",
            f"turns cannot wait in {spool.folder} while the database is away",
            f"let the line write there: `mkdir -p {spool.folder} && chown $USER {spool.folder}`",
        )
    late = [path for path in spool.files() if path.stat().st_mtime < time.time() - LATE_S]
    if late:
        yield warning(
            "spool.late",
            f"{spool.count()} turns and other records wait in {spool.folder}, some for over {LATE_S // 60} minutes",
            "start the database, and the line on this machine: it writes them by itself",
        )
    if aside := spool.aside():
        yield warning(
            "spool.aside", f"{aside[0]} holds what the database would not take", "read it, keep what matters, remove it"
        )


def voicemail(patient: Patient) -> Findings:
    """Messages that could not be kept."""
    name, address = f".doctor-{uuid4().hex}", patient.settings.voicemail_address
    try:
        storage = Storage(address)
        storage.write(name, b"written by flask doctor")
        storage.remove(name)
    except ServiceError as error:
        where = f"{address}" if "://" in address else f"`mkdir -p {address} && chown $USER {address}`"
        yield broken("voicemail.storage", f"messages cannot be kept: {error}", f"let the line write there: {where}")


def sqlite_file(settings: Settings) -> Path | None:
    """Return the database's file; None where it is a server."""
    url = make_url(settings.database_url)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def mount_of(path: Path, mounts: Path) -> str:
    """Return the kind of file system that a path is on, as Linux tells; '' where that is not known.

    mounts: `/proc/self/mountinfo`. Source: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
    """
    try:
        rows = [row.split() for row in mounts.read_text().splitlines()]
    except OSError:
        return ""
    kinds = {row[4]: row[row.index("-") + 1] for row in rows if "-" in row}
    whole = Path(os.path.realpath(path))
    return next((kinds[str(folder)] for folder in (whole, *whole.parents) if str(folder) in kinds), "")


def _voicemail_folder(settings: Settings) -> Path | None:
    return None if "://" in settings.voicemail_address else Path(settings.voicemail_address)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())

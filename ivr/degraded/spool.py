"""Store and forward: what cannot be written to the database now is on disk before anybody is answered.

A file for each process, one JSON object a line, each synced to the disk. Whoever writes to a file holds its lock; a
file that nobody holds is complete, its writer having let go of it or died, and any process here may forward it.
A file goes only when all that is in it has been forwarded, so a process that is killed on the way doubles the work, and
nothing else: what is forwarded must be such that it may be done twice.
"""

import fcntl
import json
import logging
import os
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from ivr.service_errors import ServiceError

log = logging.getLogger("answerline")
MOST_BYTES = 512 * 1024 * 1024  # of one process; about 150,000 turns
_ENDING, _ASIDE = ".jsonl", ".unreadable"
_PART_BYTES = 1024 * 1024
Record = Mapping[str, Any]


class SpoolError(Exception):
    """What was to be kept could not be: the disk is full, or the folder cannot be written."""


class Spool:
    """Keeps records in a folder. most_bytes: how much a process keeps."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self._most_bytes = folder, most_bytes
        self._lock = Lock()
        self._file: int | None = None
        self._pid = 0
        self._bytes = 0
        self._counted: dict[Path, tuple[int, int]] = {}

    def append(self, record: Record) -> None:
        """Keep a record; it is on the disk when this returns. Raises: SpoolError."""
        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            try:
                self._write(line)
            except OSError as error:
                self._let_go()  # a line may be half there: nothing is to follow it
                raise SpoolError(f"{self.folder} cannot be written: {error.strerror}") from error

    def forward(self, each: Callable[[Record], None]) -> int:
        """Hand every record that waits on this machine to `each`, those of a file in the order they were kept.

        Returns how many went through. What `each` cannot do anything with is put aside, for a person to look at.
        Raises: ServiceError where `each` does; what has not gone through is kept.
        """
        with self._lock:
            self._let_go()
        count = 0
        for path in self.files():
            with _held(path) as lines:
                if lines is not None:
                    count += sum(_forwarded(path, line, each) for line in lines)
                    path.unlink()
        return count

    def files(self) -> list[Path]:
        """Return the files that wait, the oldest first."""
        return sorted(self.folder.glob(f"*{_ENDING}"))

    def size(self) -> int:
        """Return how many bytes wait on this machine."""
        size = 0
        for path in self.files():
            with suppress(FileNotFoundError):
                size += path.stat().st_size
        return size

    def count(self) -> int:
        """Return how many records wait on this machine. Of a file that only grows, what is new is read."""
        counted: dict[Path, tuple[int, int]] = {}
        for path in self.files():
            at, records = self._counted.get(path, (0, 0))
            with suppress(FileNotFoundError), path.open("rb") as file:
                file.seek(at)
                while part := file.read(_PART_BYTES):
                    at, records = at + len(part), records + part.count(b"\n")
                counted[path] = at, records
        self._counted = counted
        return sum(records for _, records in counted.values())

    def aside(self) -> list[Path]:
        """Return the files of what could not be forwarded."""
        return sorted(self.folder.glob(f"*{_ASIDE}"))

    def _write(self, line: bytes) -> None:
        if self._file is None or self._pid != os.getpid():
            self._file, self._pid, self._bytes = self._new(), os.getpid(), 0
        if self._bytes + len(line) > self._most_bytes:
            raise SpoolError(f"{self.folder} holds {self._bytes} bytes of this process, which is as much as it may")
        while line:
            written = os.write(self._file, line)
            line, self._bytes = line[written:], self._bytes + written
        os.fsync(self._file)

    def _new(self) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            path = self.folder / f"{time.time_ns():020}-{os.getpid()}{_ENDING}"
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file).st_nlink:  # else somebody found it without an owner, empty, and has removed it
                _sync_folder(self.folder)
                return file
            os.close(file)

    def _let_go(self) -> None:
        if self._file is not None and self._pid == os.getpid():
            os.close(self._file)
        self._file = None


@contextmanager
def _held(path: Path) -> Generator[BinaryIO | None]:
    """Open a file for forwarding, and hold it; None where somebody writes to it, or forwards it, or has done so."""
    try:
        lines = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    with lines:  # and no copy of it: a lock is held until the last is closed
        yield lines if _is_free(lines.fileno()) else None


def _is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(file).st_nlink > 0


def _forwarded(path: Path, line: bytes, each: Callable[[Record], None]) -> bool:
    try:
        each(json.loads(line))  # half a line is its writer's death: nobody was told that it is kept
    except ServiceError:
        raise
    except Exception as error:  # noqa: BLE001 whatever it is, those behind it are not to wait for it
        _put_aside(path, line, error)
        return False
    return True


def _put_aside(path: Path, line: bytes, why: Exception) -> None:
    aside = path.with_suffix(_ASIDE)
    log.error("%s holds what cannot be forwarded (%s: %s); it is kept in %s", path, type(why).__name__, why, aside)
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, line.rstrip(b"\n") + b"\n")
        os.fsync(file)
    finally:
        os.close(file)


def _sync_folder(folder: Path) -> None:
    """Have the name of a new file survive a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Where messages are kept: a folder of this machine, or whatever else fsspec knows. Only this module knows fsspec."""

# fsspec ships no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec

from ivr.service_errors import ServiceError
from ivr.setting_rules import SettingsError


class Storage:
    """Files by name. A name that can be read is a whole file.

    address: a folder, or an fsspec address such as s3://bucket/voicemail.
    Raises: SettingsError for an address that cannot be used.
    """

    def __init__(self, address: str) -> None:
        try:
            files, root = fsspec.core.url_to_fs(address)
        except (ImportError, ValueError) as error:
            raise SettingsError(f"VOICEMAIL_STORAGE={address}: {' '.join(str(error).split())}") from None
        self._files: Any = files
        self._root = f"{root}".rstrip("/")
        self._local = "file" in _protocols(files)

    def write(self, name: str, content: bytes) -> None:
        """Store a file: whole and durable, or not at all. Raises: ServiceError."""
        with _reachable():
            if self._local:
                _write_durably(Path(self._path(name)), content)
            else:
                self._files.pipe_file(self._path(name), content)
            if self._files.size(self._path(name)) != len(content):
                raise ServiceError(f"{name} is not as long in VOICEMAIL_STORAGE as it should be")

    def read(self, name: str) -> bytes:
        """Return a file. Raises: ServiceError where it is not there."""
        with _reachable():
            return bytes(self._files.cat_file(self._path(name)))

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is no mistake. Raises: ServiceError."""
        with _reachable():
            if self._files.exists(self._path(name)):
                self._files.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


def _write_durably(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or a power cut forgets the name, after the carrier has been told to delete its copy
    finally:
        os.close(folder)


@contextmanager
def _reachable() -> Generator[None]:
    """Every kind of store fails in its own way; all of them mean: later."""
    try:
        yield
    except ServiceError:
        raise
    except Exception as error:
        raise ServiceError(
            f"VOICEMAIL_STORAGE: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        ) from error


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)

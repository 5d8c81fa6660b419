"""Where clips are kept: `<folder>/<hash of the sound>/<id>.wav`, and a manifest that tells what each one says.

A name never changes its sound, so the carrier may keep it for ever.
"""

import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ivr.clip import Clip

MANIFEST = "manifest.json"
UNNAMED_FOR_S = 24 * 3600
_HASH = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True)
class Built:
    """A clip that is there.

    text: what it says. seconds: how long it is. source: `rendered`, `recorded` or `composed`. recipe: names all that it
    was made from; another recipe makes it stale. path: in the folder, `<hash>/<id>.wav`. note: what its maker should
    know, such as why a recording was not used.
    """

    text: str
    seconds: float
    source: str
    recipe: str
    path: str
    note: str = ""


class ClipStore:
    """The clips of one language. Reads its manifest again when another process has written it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: tuple[int, int] | None = None
        self._built: dict[str, Built] = {}

    def built(self) -> Mapping[str, Built]:
        """Every clip by its id. An unreadable manifest counts as none."""
        path = self.folder / MANIFEST
        try:
            status = path.stat()
        except OSError:
            self._read, self._built = None, {}
            return self._built
        if (stamp := (status.st_mtime_ns, status.st_ino)) != self._read:
            try:
                rows = json.loads(path.read_bytes())["clips"]
                self._built = {clip_id: Built(**row) for clip_id, row in rows.items()}
            except (OSError, ValueError, TypeError, KeyError, AttributeError):
                self._built = {}
            self._read = stamp
        return self._built

    def find(self, clip: Clip) -> Built | None:
        """Return the audio of a clip; None where it is missing, says something else or its file is gone."""
        built = self.built().get(clip.id)
        if built is None or built.text != clip.text or not os.path.exists(self.folder / built.path):  # noqa: PTH110
            return None
        return built

    def put(self, clip: Clip, wav: bytes, *, seconds: float, source: str, recipe: str, note: str = "") -> Built:
        """Write one clip's file, whole or not at all. The manifest is told by `keep`."""
        path = f"{hashlib.sha256(wav).hexdigest()[:16]}/{clip.id}.wav"
        write_whole(self.folder / path, wav)
        return Built(clip.text, seconds, source, recipe, path, note)

    def keep(self, built: Mapping[str, Built]) -> None:
        """Write the manifest. Files that it no longer names stay for a day: a carrier may still hold their address."""
        named = {row.path for row in built.values()}
        for row in self.built().values():
            if row.path not in named:
                with suppress(OSError):
                    os.utime(self.folder / row.path)  # the day begins now
        rows = {clip_id: asdict(row) for clip_id, row in sorted(built.items())}
        write_whole(self.folder / MANIFEST, json.dumps({"clips": rows}, indent=1).encode())

    def sweep(self, older_s: float = UNNAMED_FOR_S) -> None:
        """Remove files that the manifest has not named for a day, and drafts of processes that were killed."""
        kept = {row.path for row in self.built().values()}
        for folder in self.folder.glob("*/"):
            if _HASH.fullmatch(folder.name):
                for file in folder.iterdir():
                    if f"{folder.name}/{file.name}" not in kept and time.time() - file.stat().st_mtime >= older_s:
                        file.unlink(missing_ok=True)
                with suppress(OSError):  # not empty
                    folder.rmdir()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise

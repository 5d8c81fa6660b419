"""Where clips are kept: `<folder>/<hash of the sound>/<id>.wav`, and a manifest that tells what each one says.

A name never changes its sound, so the carrier may keep it for ever.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ivr.clip import Clip

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Built:
    """A clip that is there.

    text: what it says. seconds: how long it is. source: `rendered` or `recorded`. recipe: names all that it was made
    from; another recipe makes it stale. path: in the folder, `<hash>/<id>.wav`.
    """

    text: str
    seconds: float
    source: str
    recipe: str
    path: str


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

    def put(self, clip: Clip, wav: bytes, *, seconds: float, source: str, recipe: str) -> Built:
        """Write one clip's file, whole or not at all. The manifest is told by `keep`."""
        path = f"{hashlib.sha256(wav).hexdigest()[:16]}/{clip.id}.wav"
        _write(self.folder / path, wav)
        return Built(clip.text, seconds, source, recipe, path)

    def keep(self, built: Mapping[str, Built]) -> None:
        """Write the manifest, then remove the files it no longer names."""
        rows = {clip_id: asdict(row) for clip_id, row in sorted(built.items())}
        _write(self.folder / MANIFEST, json.dumps({"clips": rows}, indent=1).encode())
        self._remove_all_but({row.path for row in built.values()})

    def _remove_all_but(self, wanted: Iterable[str]) -> None:
        kept = {self.folder / path for path in wanted}
        for file in self.folder.glob("*/*.wav"):
            if file not in kept:
                file.unlink(missing_ok=True)
                if not any(file.parent.iterdir()):
                    file.parent.rmdir()


def _write(path: Path, content: bytes) -> None:
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

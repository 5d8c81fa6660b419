"""The clips of a line that runs: looked after beside the webhooks, so that a disk which hangs keeps no caller waiting.

A thread looks at the disk every few seconds while somebody asks. Webhooks go by what it has found; while it is stuck,
by nothing, and the carrier's voice speaks. Each single look is timed, not the whole round: a busy machine is no slow
disk.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Lock, Thread

from ivr.audio.store import Built, ClipStore
from ivr.clip import Clip

EVERY_S = 2.0
STALE_S = 10.0
"""After so long without a round, whoever asks first waits for one: nobody has called for a while."""
WITHIN_S, STUCK_S = 0.7, 0.5
SLOW_S = 60.0
_NONE: Mapping[str, Built] = {}


class Shelf(ClipStore):
    """Reads only. now: seconds since some moment."""

    def __init__(self, folder: Path, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(folder)
        self._now = now
        self._fresh()

    def _fresh(self) -> None:
        self._pid, self._lock = os.getpid(), Lock()
        self._rows: Mapping[str, Built] = _NONE
        self._known: Mapping[str, Built] = _NONE
        self._gone: frozenset[str] = frozenset()
        self._round: Event | None = None
        self._began_at = self._over_at = self._again_at = float("-inf")
        self._looks_since: float | None = None
        self._slow: dict[str, float] = {}

    def built(self) -> Mapping[str, Built]:
        """Every clip that can be had now, by its id; the same object while nothing changes."""
        if self._pid != os.getpid():  # the thread is the parent's
            self._fresh()
        if self._now() - self._over_at >= EVERY_S:
            self._begin()
        for _ in range(2):  # the round that goes on may have begun before something was put there
            if self._now() - self._over_at >= STALE_S:
                self._begin().wait(max(0.0, self._began_at + WITHIN_S - self._now()))
        since = self._looks_since
        return _NONE if since is not None and self._now() - since > STUCK_S else self._rows

    def find(self, clip: Clip) -> Built | None:
        """Return the audio of a clip; None where it cannot be had, or says something else."""
        built = self.built().get(clip.id)
        return built if built is not None and built.text == clip.text else None

    def look_again(self) -> None:
        """Have whoever asks next wait for a look at the disk: something has just been put there."""
        self._over_at, self._again_at = float("-inf"), self._now()

    def is_slow(self, path: str) -> None:
        """Do without a file for a minute: the disk does not give it."""
        self._slow[path] = self._now() + SLOW_S
        self._rows = {clip_id: row for clip_id, row in self._rows.items() if row.path != path}

    def _begin(self) -> Event:
        with self._lock:
            if self._round is not None:
                return self._round
            over = self._round = Event()
            self._began_at = self._now()
            try:
                Thread(target=self._look_round, args=(over,), name="clips", daemon=True).start()
            except (RuntimeError, MemoryError):  # what was found last is good enough
                self._round = None
                over.set()
            return over

    def _look_round(self, over: Event) -> None:
        try:
            self._looks_since = self._now()
            known = super().built()
            gone = frozenset(clip_id for clip_id, row in known.items() if not self._is_there(row.path))
            if known is not self._known or gone != self._gone:
                self._rows = {clip_id: row for clip_id, row in known.items() if clip_id not in gone}
                self._known, self._gone = known, gone
            if self._began_at >= self._again_at:
                self._over_at = self._now()
        finally:
            self._looks_since = self._round = None
            over.set()

    def _is_there(self, path: str) -> bool:
        self._looks_since = self._now()
        if self._slow.get(path, 0.0) > self._looks_since:
            return False
        return os.path.exists(self.folder / path)  # noqa: PTH110 a thousand of them; a Path costs more

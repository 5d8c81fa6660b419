"""Making every clip that is missing: voice programs speak, a bench finishes, the manifest is told as clips come."""

import shutil
import time
from collections import defaultdict
from collections.abc import Collection, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

from ivr.audio.bench import make_composed, make_recorded, make_rendered, open_bench
from ivr.audio.choir import cores, speak_all
from ivr.audio.lock import locked
from ivr.audio.one_thread import one_thread_copy
from ivr.audio.recipe import COMPOSED, RENDERED, Job, Sources
from ivr.audio.recordings import RecordingError
from ivr.audio.store import Built
from ivr.audio.voice import VoiceError, check_tools
from ivr.clip import Clip

T = TypeVar("T")

_KEEP_EVERY_S = 1.0
_AHEAD = 16  # spoken clips that may wait for the bench


class Watcher(Protocol):
    """Is told how the rendering goes."""

    def waiting(self) -> None:
        """Another process is rendering the same clips; this one waits for it."""

    def begins(self, clips: int) -> None:
        """So many clips are going to be made."""

    def tried(self) -> None:
        """One of them was made, or could not be."""

    def trouble(self, line: str) -> None:
        """Something could not be used, and why."""


@dataclass
class Rendered:
    """How it went. made: clips written. failed: ids of clips that are not what they should be."""

    made: int = 0
    failed: list[str] = field(default_factory=list[str])


def render(
    sources: Sources, clips: Iterable[Clip], watcher: Watcher, *, everything: bool = False, only: Collection[str] = ()
) -> Rendered:
    """Make every clip that is missing or stale; clips that are no longer asked for are forgotten.

    everything: make them all again. only: ids of those to make, again, and no others. May be killed at any time, and
    run twice at once.
    Raises: VoiceError where what it takes is not installed, PronunciationError.
    """
    store, wanted = sources.store, list(clips)
    with locked(store.folder / ".lock", watcher.waiting):
        run = _Run(sources, watcher)
        if only or everything:
            todo = [job for job in sources.jobs(wanted) if not only or job.clip.id in only]
        else:
            todo = sources.unmade(wanted)
        try:
            if todo:
                watcher.begins(len(todo))
                run.make(todo)
        finally:
            run.keep(clip.id for clip in wanted)
            store.sweep()
    return run.rendered


class _Run:
    """One rendering, from its jobs to the rows of the manifest."""

    def __init__(self, sources: Sources, watcher: Watcher) -> None:
        self.rendered = Rendered()
        self._sources, self._watcher, self._store = sources, watcher, sources.store
        self.built = dict(self._store.built())
        self._kept_at = time.monotonic()
        self._pending: dict[Future[dict[Job, Built]], list[Job]] = {}
        self._problems: dict[str, list[str]] = {}

    def make(self, jobs: list[Job]) -> None:
        """Make the recorded clips, the composed one, then those that the voice is to speak. Raises: VoiceError."""
        check_tools()
        with _work_folder(self._store.folder) as folder, open_bench(max(1, len(cores()) // 2)) as bench:
            notes = {job: "" for job in jobs if not job.recording} | self._make_recorded(jobs, bench)
            composed = {
                job: bench.submit(make_composed, self._store.folder, job, notes[job]) for job in notes if job.clip.music
            }
            self._make_rendered({job: note for job, note in notes.items() if not job.clip.music}, folder, bench)
            for job, future in composed.items():
                self._made(job, _result(future))
        for problem, ids in self._problems.items():
            self._watcher.trouble(f"{problem} ({ids[0]})" if len(ids) == 1 else f"{problem} ({len(ids)} clips)")

    def keep(self, ids: Iterable[str] = ()) -> None:
        """Write the manifest if it has changed. ids: the clips that stay in it; all without."""
        wanted = set(ids) or self.built.keys()
        rows = {clip_id: row for clip_id, row in self.built.items() if clip_id in wanted}
        if rows != self._store.built():
            self._store.keep(rows)
        self._kept_at = time.monotonic()

    def _make_recorded(self, jobs: list[Job], bench: ProcessPoolExecutor) -> dict[Job, str]:
        """Return the jobs whose recording cannot be used, and why."""
        futures = [
            (job, bench.submit(make_recorded, self._store.folder, job, job.recording)) for job in jobs if job.recording
        ]
        instead: dict[Job, str] = {}
        for job, future in futures:
            try:
                self._made(job, _result(future))
            except RecordingError as error:
                self._watcher.trouble(f"{error}; the {COMPOSED if job.clip.music else RENDERED} clip is used.")
                there = self.built.get(job.clip.id)
                if there and there.text == job.clip.text and there.recipe == job.rendered:
                    self._made(job, replace(there, recipe=job.rendered_recipe, note=str(error)))
                else:
                    instead[job] = str(error)
        return instead

    def _make_rendered(self, notes: dict[Job, str], folder: Path, bench: ProcessPoolExecutor) -> None:
        """Have the voice speak each job. notes: why a recording of it cannot be used."""
        if not notes:
            return
        if (voice := self._sources.voice) is None:
            self._failed(notes, self._sources.no_voice)
            return
        same = defaultdict[str, list[Job]](list)
        for job in notes:
            same[job.words].append(job)
        with closing(speak_all(one_thread_copy(voice, folder), folder, same)) as spoken:
            for words, wav in spoken:
                jobs = same[words]
                if isinstance(wav, VoiceError):
                    self._failed(jobs, str(wav))
                else:
                    mine = {job: notes[job] for job in jobs if notes[job]}
                    self._pending[bench.submit(make_rendered, self._store.folder, jobs, wav, mine)] = jobs
                self._collect(_AHEAD)
        self._collect(0)

    def _collect(self, left: int) -> None:
        """Take what the bench has finished, and wait until it has no more than so many clips."""
        while self._pending:
            done = wait(self._pending, 0 if len(self._pending) <= left else None, FIRST_COMPLETED).done
            if not done:
                return
            for future in done:
                jobs = self._pending.pop(future)
                try:
                    for job, built in _result(future).items():
                        self._made(job, built)
                except RecordingError as error:
                    self._failed(jobs, str(error))

    def _made(self, job: Job, built: Built) -> None:
        self.built[job.clip.id] = built
        self.rendered.made += 1
        self._watcher.tried()
        if time.monotonic() - self._kept_at > _KEEP_EVERY_S:
            self.keep()

    def _failed(self, jobs: Iterable[Job], problem: str) -> None:
        for job in jobs:
            self._problems.setdefault(problem, []).append(job.clip.id)
            self.rendered.failed.append(job.clip.id)
            self._watcher.tried()


def _result(future: Future[T]) -> T:
    """Return what the bench made. Raises: RecordingError for this one, VoiceError where nothing more can be made."""
    try:
        return future.result()
    except BrokenProcessPool:
        raise VoiceError("the process that finishes clips was ended from outside; is there memory left?") from None
    except OSError as error:
        raise VoiceError(f"clips cannot be written: {error.filename}: {error.strerror}") from None


@contextmanager
def _work_folder(store: Path) -> Generator[Path]:
    """Return an empty folder for what is not yet a clip; what a killed process left in it is removed."""
    folder = store / ".work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

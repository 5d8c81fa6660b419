"""Where clips get their sound: a process of its own beside the voice programs. Loaded only when there is work."""

import gc
import os
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process, resource_tracker
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from ivr.audio.recipe import COMPOSED, RECORDED, RENDERED, Job
from ivr.audio.recordings import MOST_SECONDS, RecordingError, check_file
from ivr.audio.store import Built, ClipStore

if TYPE_CHECKING:
    from ivr.audio.finish import Finished


def open_bench(processes: int) -> ProcessPoolExecutor:
    """Start processes that end with this one, even when it is killed, and leave Ctrl-C to it."""
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_settle)


def forget_bench() -> None:
    """End the helper process that multiprocessing keeps, before this process becomes another program."""
    gc.collect()  # what the helper would still be told
    stop = getattr(vars(resource_tracker)["_resource_tracker"], "_stop", None)  # there is no public way
    if stop:
        stop()


def _settle() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def make_rendered(folder: Path, jobs: Sequence[Job], spoken: Path, notes: Mapping[Job, str]) -> dict[Job, Built]:
    """Make clips of what the voice program wrote once for all of them, and remove that.

    notes: why a clip is not made of its recording. Raises: RecordingError.
    """
    from ivr.audio.segments import UnreadableError, read_wav  # noqa: PLC0415 loads pydub

    try:
        sound = read_wav(spoken)
        return {job: _make(folder, job, sound, RENDERED, notes.get(job, "")) for job in jobs}
    except UnreadableError as error:
        raise RecordingError(f"the voice cannot speak {jobs[0].words!r}: {error}") from None
    finally:
        spoken.unlink(missing_ok=True)


def make_recorded(folder: Path, job: Job, recording: Path) -> Built:
    """Make a clip of a person's recording. Raises: RecordingError."""
    from ivr.audio.segments import UnreadableError, read_any  # noqa: PLC0415 loads pydub

    try:
        return _make(folder, job, read_any(recording, check_file(recording), MOST_SECONDS), RECORDED)
    except UnreadableError as error:
        raise RecordingError(f"{recording}: {error}") from None


def make_composed(folder: Path, job: Job, note: str) -> Built:
    """Make the clip of our own music. note: why not of its recording."""
    from ivr.audio.finish import MUSIC, level_out  # noqa: PLC0415 loads scipy
    from ivr.audio.hold_music import compose  # noqa: PLC0415 the same

    return _put(folder, job, level_out(compose(), MUSIC), COMPOSED, note)


def _make(folder: Path, job: Job, sound: Any, source: str, note: str = "") -> Built:
    """Finish a clip and put it into the store."""
    from ivr.audio.finish import MUSIC, SPOKEN, finish  # noqa: PLC0415 loads scipy

    clip = job.clip
    return _put(folder, job, finish(sound, clip.lead_s, clip.tail_s, MUSIC if clip.music else SPOKEN), source, note)


def _put(folder: Path, job: Job, done: "Finished", source: str, note: str) -> Built:
    recipe = job.recorded if source == RECORDED else job.rendered_recipe
    return ClipStore(folder).put(
        job.clip, done.wav, seconds=done.seconds, source=source, recipe=recipe or "", note=note
    )

"""Files that one process of a test run makes and all others copy: databases that many tests begin with."""

import atexit
import fcntl
import shutil
import tempfile
from functools import cache
from pathlib import Path

RUN = None  # the folder of the whole run, where several processes share the tests out; set before the first test


@cache
def _folder():
    if RUN is not None:
        return RUN
    folder = tempfile.mkdtemp(prefix="answerline-")
    atexit.register(shutil.rmtree, folder)
    return Path(folder)


def shared(name, make):
    """Return a file of that name; the first process that asks has it made by `make(path)`, and all others wait."""
    path, draft = _folder() / name, _folder() / f"{name}.draft"
    with (_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            draft.unlink(missing_ok=True)
            make(draft)
            draft.rename(path)
    return path

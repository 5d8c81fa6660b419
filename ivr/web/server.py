"""What gunicorn is told beside the options of `flask serve`: hooks, by the names it knows."""

import os
import subprocess
import sys

from ivr.config import Settings
from ivr.web.browser_caller import STOPPING

PATIENCE_S = 5.0
_helpers: list[subprocess.Popen[bytes]] = []


def when_ready(_server: object) -> None:
    """Start the process that fetches messages, where there is a carrier to fetch them from.

    A process of its own, since writing down what was said takes all of a processor, and a worker's threads are for
    callers. It stops when this one is gone, whatever became of it, and Ctrl-C reaches it through `on_exit` only.
    """
    if Settings.from_env().has_carrier:
        command = [sys.executable, "-m", "flask", "voicemail", "fetch", "--forever", "--parent", str(os.getpid())]
        _helpers.append(subprocess.Popen(command, start_new_session=True))  # noqa: S603 no shell: the arguments are ours


def on_exit(_server: object) -> None:
    """Stop it; in the middle of a step that is no harm."""
    for helper in _helpers:
        helper.terminate()
        try:
            helper.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            helper.kill()


def worker_int(_worker: object) -> None:
    """Hang up the calls of the browser phone, which would keep a worker from stopping."""
    STOPPING.set()

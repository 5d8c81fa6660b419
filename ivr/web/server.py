"""What gunicorn is told beside the options of `flask serve`: hooks, by the names it knows."""

import os
import subprocess
import sys

from ivr.config import Settings
from ivr.web.browser_caller import STOPPING

PATIENCE_S = 5.0
HELP, FETCH = ("helpers",), ("voicemail", "fetch", "--forever")
_helpers: list[subprocess.Popen[bytes]] = []


def when_ready(_server: object) -> None:
    """Start the processes beside the server: the one that fetches messages, and the one for all the rest.

    Processes of their own, since writing down what was said takes all of a processor, and a worker's threads are for
    callers. They stop when this one is gone, whatever became of it, and Ctrl-C reaches them through `on_exit` only.
    """
    for command in (HELP, FETCH) if Settings.from_env().has_carrier else (HELP,):
        whole = [sys.executable, "-m", "flask", *command, "--parent", str(os.getpid())]
        _helpers.append(subprocess.Popen(whole, start_new_session=True))  # noqa: S603 no shell: the arguments are ours


def on_exit(_server: object) -> None:
    """Stop them; in the middle of a step that is no harm."""
    for helper in _helpers:
        helper.terminate()
        try:
            helper.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            helper.kill()


def worker_int(_worker: object) -> None:
    """Hang up the calls of the browser phone, which would keep a worker from stopping."""
    STOPPING.set()

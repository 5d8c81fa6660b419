"""What gunicorn is told beside the options of `flask serve`: hooks, by the names it knows."""

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger as GunicornLogger  # pyright: ignore[reportMissingTypeStubs]

from ivr.config import Settings
from ivr.helpers import helpers_of
from ivr.telemetry import logs
from ivr.telemetry.metrics import HELPER_TURNED, SHARED, free_memory
from ivr.web.browser_caller import STOPPING

PATIENCE_S = 5.0
MADE_BEFORE_COLLECTING = 10_000  # objects; a webhook leaves a few hundred, all gone with its answer
_helpers: list[subprocess.Popen[bytes]] = []


class Logs(GunicornLogger):  # type: ignore[misc]  # it comes without types
    """What gunicorn itself has to say, in the form of all other lines."""

    def setup(self, cfg: Any) -> None:
        """Take the handlers away that it has of its own."""
        super().setup(cfg)
        settings = Settings.from_env()
        logs.configure(settings.log_format, settings.log_level)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True


logger_class = Logs


def on_starting(_server: object) -> None:
    """Let no worker ever look for garbage in what was loaded before it: that stops its callers for a tenth of a second.

    They have it from this process, as they are forked.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(MADE_BEFORE_COLLECTING)


def when_ready(_server: object) -> None:
    """Start the processes beside the server: the one that fetches messages, and the one for all the rest.

    Processes of their own, since writing down what was said takes all of a processor, and a worker's threads are for
    callers. They stop when this one is gone, whatever became of it, and Ctrl-C reaches them through `on_exit` only.
    """
    settings = Settings.from_env()
    if "helpers" not in settings.parts:
        return
    wanted = helpers_of(settings)
    for helper in wanted:  # from here on each is missed, also if it never goes round once
        HELPER_TURNED.labels(helper.called).set_to_current_time()
    for words in (["helpers"], *([*helper.command.split(), "--forever"] for helper in wanted if helper.alone)):
        whole = [sys.executable, "-m", "flask", *words, "--parent", str(os.getpid())]
        _helpers.append(subprocess.Popen(whole, start_new_session=True))  # noqa: S603 no shell: the arguments are ours


def on_exit(_server: object) -> None:
    """Stop them (in the middle of a step that is no harm), and give back the memory in which all were counted."""
    for helper in _helpers:
        helper.terminate()
        try:
            helper.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            helper.kill()
    if folder := os.environ.get(SHARED):
        free_memory(Path(folder))


def worker_int(_worker: object) -> None:
    """Hang up the calls of the browser phone, which would keep a worker from stopping."""
    STOPPING.set()

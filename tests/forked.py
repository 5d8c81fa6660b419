"""Commands as processes forked from one that has loaded the program: own id, signals and exit code, but no import.

Importing the program takes most of a second, which is all that most commands take. Where the start itself is what a
test is about, start `FLASK` of `server.py`.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parent.parent
GLANCE_S = 0.02
_FORKS = multiprocessing.get_context("forkserver")
_LOADED = """
    ivr.web ivr.web.server ivr.cli ivr.actions ivr.legs ivr.texting ivr.voicemail.worker ivr.carrier.calls
    flask.cli dotenv jinja2.ext phonenumbers.data rich._emoji_codes alembic.command alembic.config pytest
    psycopg sqlalchemy.dialects.postgresql.psycopg sqlalchemy.dialects.sqlite.pysqlite
    gunicorn.app.wsgiapp gunicorn.workers.gthread
"""
_FLOWS = (f"ivr.flows.{flow.stem}" for flow in (ROOT / "ivr" / "flows").glob("[a-z]*.py"))
_FORKS.set_forkserver_preload([*_LOADED.split(), *_FLOWS])


def flask(words: list[str]) -> None:
    """Do what `flask ...` does."""
    from flask.cli import main  # noqa: PLC0415 in the new process

    sys.argv = ["flask", *words]
    main()


class Forked:
    """A running command; its methods are those of `subprocess.Popen`. stdin, stdout, stderr: names of files."""

    def __init__(
        self,
        *words: str,
        env: Mapping[str, str],
        stdin: object = os.devnull,
        stdout: object = os.devnull,
        stderr: object = os.devnull,
        does: Callable[[list[str]], None] = flask,
    ):
        files = [str(stdin), str(stdout), str(stderr)]
        self._process = _FORKS.Process(target=_become, args=(does, [*words], dict(env), files))
        self._process.start()
        self.pid = self._process.pid
        self._looking = threading.Lock()  # the exit code can be read once: who reads second would be told 255

    @property
    def returncode(self) -> int | None:
        with self._looking:
            return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        until = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            with self._looking:
                self._process.join(GLANCE_S)
                if (code := self._process.exitcode) is not None:
                    return code
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("forked", timeout or 0)

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


def run(
    *words: str,
    env: Mapping[str, str],
    text: bool = False,
    timeout: float = 60,
    does: Callable[[list[str]], None] = flask,
) -> subprocess.CompletedProcess:
    """Run a `flask` command to its end, and return what it wrote."""
    with ExitStack() as stack:
        out, err = (stack.enter_context(tempfile.NamedTemporaryFile()) for _ in range(2))
        process = Forked(*words, env=env, stdout=out.name, stderr=err.name, does=does)
        try:
            process.wait(timeout)
        finally:
            process.kill()
        written = [file.read().decode() if text else file.read() for file in (out, err)]
    return subprocess.CompletedProcess(words, process.returncode, *written)


def together(does: Callable[..., None], times: int, *given: object) -> None:
    """Do `does(number, *given)` in so many processes from the same moment on, and see that each comes to its end."""
    begin = _FORKS.Barrier(times)
    processes = [_FORKS.Process(target=_begun, args=(begin, does, number, *given)) for number in range(times)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        process.kill()
    assert [process.exitcode for process in processes] == [0] * times


def _begun(begin, does, number, *given):
    begin.wait(60)
    does(number, *given)


def _become(does, words, env, files):
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(env)
    for number, (name, flags) in enumerate(zip(files, (os.O_RDONLY, *[os.O_WRONLY | os.O_APPEND] * 2), strict=True)):
        opened = os.open(name, flags)
        os.dup2(opened, number)
        os.close(opened)
    does(words)
